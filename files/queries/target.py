"""Where something is to be put: a folder that exists, and names below it of which some may be missing."""

from dataclasses import dataclass

from accounts.actor import WRITE, Actor
from accounts.permissions import require_scope
from files import errors
from files.access.compute import Access, SpaceAccess, facts_of
from files.access.rights import Right
from files.models import Node, Space
from files.queries import tree
from files.queries.tree import LocatedNode, PathStep


@dataclass(frozen=True, slots=True)
class Target:
    """`path` is relative to the folder `parent_id`, or to the root of the space (None: the actor's home).

    Folders on the way that are missing are made, unless `make_folders` is False: then they are ParentNotFound.
    """

    path: str = ""
    parent_id: int | None = None
    space_id: int | None = None
    make_folders: bool = True


@dataclass(frozen=True, slots=True)
class Resolved:
    """`base` is the deepest folder of the way that exists; `folders` below it are missing; `name` is the last name.

    `existing` is the node that has the name now, and `access` what the actor may do with it, or without one in `base`.
    """

    base: LocatedNode
    folders: tuple[str, ...]
    name: str
    existing: Node | None
    access: Access

    @property
    def path(self) -> str:
        return "/".join([self.base.path.rstrip("/"), *self.folders, self.name])

    @property
    def is_hidden(self) -> bool:
        """Something has the name that the actor does not see: only another name is free."""
        return self.existing is not None and Right.VIEW not in self.access.rights


def base_place(actor: Actor, target: Target, space: Space | None = None) -> LocatedNode:
    """The folder that the target's path starts from: whoever asks requires a right there, or in what has the name.

    `space`: the target's, where the caller holds its row.
    """
    if target.parent_id is not None:
        return tree.folder_at(actor, target.parent_id)
    return tree.place_at(actor, space or tree.get_space(actor, target.space_id), [])


def space_of_target(actor: Actor, target: Target) -> Space:
    """Which space the target is in now: to be locked."""
    if target.parent_id is not None:
        return tree.folder_at(actor, target.parent_id).space
    return tree.get_space(actor, target.space_id)


def writable_target(actor: Actor, target: Target, space: Space | None = None) -> tuple[Space, list[str]]:
    """The space of a target that starts at a root, and the names of its path: names and scope, no look at the tree."""
    names = _names_of(target)
    space = space or tree.get_space(actor, target.space_id)
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
) -> Resolved:
    """Where it would go now. Checks the right to write there: to create, or what is asked of something that exists.

    NotAFolder for a path through a file, InvalidName for names that are not there yet and that nothing new may have,
    NameTaken for one that something hidden has, unless `autorename` says that another one will do.
    """
    if target.parent_id is None:
        space, names = writable_target(actor, target, space)
        resolved = _descend(actor, space, (), names, None)
        _refuse_hidden_way(resolved.base, target, names)
    else:
        names, base = _names_of(target), base_place(actor, target)
        require_scope(actor, WRITE)
        resolved = _descend(actor, base.space, base.ancestors, names, base.node.pk)
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


def _refuse_hidden_way(base: LocatedNode, target: Target, names: list[str]) -> None:
    """A path from the root through something hidden: there is no such folder, and none can be made in its place."""
    if base.access.root_id == base.chain[0].id:
        return
    if target.make_folders:
        raise errors.NameTaken(path="/" + "/".join(names))
    raise errors.ParentNotFound(path="/" + "/".join(names))


def _descend(
    actor: Actor, space: Space, ancestors: tuple[PathStep, ...], names: list[str], start_id: int | None
) -> Resolved:
    way = tree.walk(space, names, start_id=start_id)
    above = (*ancestors, *tree.steps_of(way))  # the ancestors of what comes after the last of them
    chain, rules = [step.id for step in above], SpaceAccess(actor, facts_of(space))
    if len(way) == len(names) + 1:
        base = LocatedNode(space, way[-2], above[:-2], rules.along(chain[:-1]))
        return Resolved(base, (), names[-1], way[-1], rules.along(chain))
    access = rules.along(chain)
    if not way[-1].is_folder:
        access.require(Right.VIEW)
        raise errors.NotAFolder(path="/" + "/".join(names[: len(way) - 1]))
    base = LocatedNode(space, way[-1], above[:-1], access)
    return Resolved(base, tuple(names[len(way) - 1 : -1]), names[-1], None, access)
