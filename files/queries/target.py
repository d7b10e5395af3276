"""Where something is to be put: a folder that exists, and names below it of which some may be missing.

What has the name may be a mounted file. Who writes a version of it writes into the space of what it stands for: there
the folder is the one that the file lies in, which they may not see. Everybody else acts on the row of their home.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from accounts.actor import WRITE, Actor
from accounts.permissions import require_scope
from files import errors, sql_rows
from files.access.compute import Access
from files.access.rights import Right
from files.models import Node, Space
from files.queries import tree
from files.queries.mounts import as_shown, follows, mounts_in, owns
from files.queries.tree import LocatedNode, PathStep, Way


@dataclass(frozen=True, slots=True)
class Target:
    """`path` is relative to the folder `parent_id`, or to the root of the space (None: the actor's home).

    Folders on the way that are missing are made, unless `make_folders` is False: then they are ParentNotFound.
    """

    path: str = ""
    parent_id: int | None = None
    space_id: int | None = None
    make_folders: bool = True


Overwrites = Callable[[Node], bool]  # whether what is written becomes a version of this file, which has the name


@dataclass(frozen=True, slots=True)
class Resolved:
    """`base` is the deepest folder of the way that exists; `folders` below it are missing; `name` is the last name.

    `existing` is the node that has the name now, and `access` what the actor may do with it, or without one in `base`.
    Where a mounted file is written (`is_through`) all of them are those of the file that it stands for.
    """

    base: LocatedNode
    folders: tuple[str, ...]
    name: str
    existing: Node | None
    access: Access
    place: LocatedNode | None = None  # of what has the name: of a mount, in the home

    @property
    def is_through(self) -> bool:
        return self.place is not None and self.place.is_mount and self.existing is self.place.shown

    @property
    def path(self) -> str:
        if self.place is not None and self.place.is_mount:
            return self.place.path
        return "/".join([self.base.path.rstrip("/"), *self.folders, self.name])

    @property
    def is_hidden(self) -> bool:
        """Something has the name that the actor does not see: only another name is free."""
        return self.existing is not None and Right.VIEW not in self.access.rights


def base_place(actor: Actor, target: Target, space: Space | None = None) -> LocatedNode:
    """The folder that the target's path starts from, of a mount its target: whoever asks requires a right there, or in
    what has the name. `space`: that where the caller holds its row.
    """
    if target.parent_id is not None:
        return tree.folder_at(actor, target.parent_id)
    return tree.place_at(actor, space or tree.get_space(actor, target.space_id), [])


def space_of_target(actor: Actor, target: Target, overwrites: Overwrites | None = None) -> Space:
    """Which space the last name of the target is in now: to be locked. One query or two more in a home with mounts,
    where the path may lead through one.
    """
    space, way = _way_of(actor, target)
    if way is None or (way.at_mount is not None and not _is_overwritten(way, overwrites)):
        return space  # what is called a mount is a row of the home
    return way.end_space


def _is_overwritten(way: Way, overwrites: Overwrites | None) -> bool:
    """Whether the way ends at a mounted file, of which a version is to be written."""
    mount = way.at_mount
    return mount is not None and not mount.node.is_folder and overwrites is not None and overwrites(mount.shown)


def space_of_folder(actor: Actor, folder: Target) -> tuple[Space, int | None]:
    """The same for what goes into the folder that the target names: of a mount, the space of its target. And the id of
    the folder, where it is there and mounts may be met in it.
    """
    space, way = _way_of(actor, folder)
    if way is None:
        is_base = not tree.split_path(folder.path)
        return space, (folder.parent_id or space.root_id) if is_base else None
    is_there = way.through is None and len(way) > len(way.names)
    return way.end_space, way.place(-1).node.pk if is_there else None


def _way_of(actor: Actor, target: Target) -> tuple[Space, Way | None]:
    """The space that the path starts in, and the way; None where no mount can be on it."""
    start_id, above = None, tuple[PathStep, ...]()
    if target.parent_id is not None:
        base = tree.folder_at(actor, target.parent_id)
        space, start_id, above = base.space, base.node.pk, base.ancestors
    else:
        space = tree.get_space(actor, target.space_id)
    names = tree.split_path(target.path)
    if not names or not follows(actor, space):
        return space, None
    return space, tree.way_to(actor, space, names, start_id=start_id, above=above)


def settled(actor: Actor, target: Target, overwrites: Overwrites | None = None) -> tuple[Target, int | None]:
    """The same place by the id of the folder that a mount on its way stands for, or that a mounted file lies in: what
    is begun now and finished later stays there, whatever the mount is called by then. And the id of such a file.
    """
    _, way = _way_of(actor, target)
    if way is None or way.through is None:
        return target, None
    inner = way.through.entered
    if way.at_mount is not None:
        if not _is_overwritten(way, overwrites):
            return target, None
        above = inner.ancestors[-1]
        return replace(target, path=inner.node.name, parent_id=above.id, space_id=inner.space.pk), inner.node.pk
    path = "/".join(way.names[way.mounted or 0 :])
    return replace(target, path=path, parent_id=inner.node.pk, space_id=inner.space.pk), None


def bound_target(actor: Actor, file_id: int, overwrites: Overwrites, *, autorename: bool) -> tuple[Target, bool]:
    """Where that file is now, for an upload that was begun for its mount, and True; or the name of the mount, beside
    which it goes where it is not to become a version of the file any more. Raises NotFound.
    """
    place = tree.locate(actor, file_id)
    if overwrites(place.node) or not autorename:
        return Target(place.node.name, parent_id=place.ancestors[-1].id), True
    mounts = mounts_in(actor, tree.get_space(actor, None))
    mount = None if mounts is None else mounts.of_target(file_id)
    if mount is None:  # it is hidden by now
        return Target(place.node.name), False
    return Target(mount.node.name, parent_id=mount.node.parent_id), False


def _start_of(actor: Actor, target: Target, space: Space | None) -> Space:
    """The space whose root the path starts from. `space`, which the caller holds, may be one further on the way."""
    wanted = target.space_id
    if space is not None and (space.pk == wanted or (wanted is None and owns(actor, space))):
        return space
    return tree.get_space(actor, wanted)


def writable_target(actor: Actor, target: Target, space: Space | None = None) -> tuple[Space, list[str]]:
    """The space that a target without a parent starts in, and the names of its path: names and scope, no look at the
    tree.
    """
    names = _names_of(target)
    space = _start_of(actor, target, space)
    require_scope(actor, WRITE)
    return space, names


def _names_of(target: Target) -> list[str]:
    names = tree.split_path(target.path)
    if not names:
        raise errors.InvalidName(reason="empty")
    return names


def resolve(
    actor: Actor,
    target: Target,
    space: Space | None = None,
    *,
    right_on_existing: Right = Right.EDIT,
    autorename: bool = False,
    overwrites: Overwrites | None = None,
) -> Resolved:
    """Where it would go now. Checks the right to write there: to create, or what is asked of something that exists.
    `overwrites`: for who writes a file. Without it a mounted file is a row of the home that has the name.

    NotAFolder for a path through a file, InvalidName for names that are not there yet and that nothing new may have,
    NameTaken for one that something hidden has, unless `autorename` says that another one will do.
    """
    if target.parent_id is None:
        space, names = writable_target(actor, target, space)
        resolved = _descend(actor, space, (), names, None, overwrites)
        if not resolved.is_through:
            _refuse_hidden_way(resolved.base, target, names)
    else:
        names, base = _names_of(target), base_place(actor, target)
        require_scope(actor, WRITE)
        resolved = _descend(actor, base.space, base.ancestors, names, base.node.pk, overwrites)
        if base.mount is not None:
            resolved = replace(resolved, base=replace(resolved.base, mount=base.mount))
        if Right.VIEW in base.access.rights and not resolved.is_through:
            _refuse_hidden_way(resolved.base, target, [*tree.split_path(base.path), *names], base.node.pk)
        if base.access.rights and len(base.chain) + len(names) > tree.paths.MAXIMUM_DEPTH + 1:
            raise errors.TooDeep
    if resolved.is_hidden:
        resolved.base.require(Right.CREATE)
        if not autorename:
            raise errors.NameTaken(path=resolved.path)
    else:
        resolved.access.require(Right.CREATE if resolved.existing is None else right_on_existing)
    if resolved.existing is None:
        tree.refuse_new_names(*resolved.folders, resolved.name)
    if resolved.folders and not target.make_folders:
        raise errors.ParentNotFound(path=resolved.path)
    return resolved


def _refuse_hidden_way(base: LocatedNode, target: Target, names: list[str], start_id: int | None = None) -> None:
    """A path through something hidden, from the root or from the start: there is no such folder, and none can be made
    in its place.
    """
    if base.is_seen_from(start_id) if start_id in base.chain_ids else base.way_is_seen:
        return
    if target.make_folders:
        raise errors.NameTaken(path="/" + "/".join(names))
    raise errors.ParentNotFound(path="/" + "/".join(names))


def _descend(
    actor: Actor,
    space: Space,
    ancestors: tuple[PathStep, ...],
    names: list[str],
    start_id: int | None,
    overwrites: Overwrites | None,
) -> Resolved:
    way = tree.way_to(actor, space, names, start_id=start_id, above=ancestors)
    if way.closed:
        raise errors.NotFound(path="/" + "/".join(names))
    last = way.place(-1)
    if _is_overwritten(way, overwrites):
        return _of_mounted_file(way, last)
    if len(way) == len(names) + 1:  # of a mount its own row has the name, in the home
        node = last.node if last.target is None else as_shown(last.node, last.shown)
        return Resolved(way.place(-2).entered, (), names[-1], node, last.access, last)
    base = last.entered
    if not base.node.is_folder:
        base.access.require(Right.VIEW)
        raise errors.NotAFolder(path="/" + "/".join(names[: len(way) - 1]))
    return Resolved(base, tuple(names[len(way) - 1 : -1]), names[-1], None, base.access)


def _of_mounted_file(way: Way, mount: LocatedNode) -> Resolved:
    """The file that the mount stands for, in the folder that it lies in. No query: of the folder nothing is asked but
    where it is.
    """
    assert way.inner_rules is not None
    inner = mount.entered
    above = inner.ancestors[-1]
    folder = sql_rows.make(Node, id=above.id, space_id=inner.space.pk, kind=above.kind, name=above.name)
    access = way.inner_rules.along(inner.ancestor_ids)
    base = LocatedNode(inner.space, folder, inner.ancestors[:-1], access, mount=inner.mount)
    return Resolved(base, (), inner.node.name, inner.node, inner.access, mount)
