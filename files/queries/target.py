"""Where something is to be put: a folder that exists, and names below it of which some may be missing."""

from dataclasses import dataclass

from accounts.actor import Actor
from files import errors, permissions
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

    `existing` is the node that has the name now.
    """

    base: LocatedNode
    folders: tuple[str, ...]
    name: str
    existing: Node | None

    @property
    def path(self) -> str:
        return "/".join([self.base.path.rstrip("/"), *self.folders, self.name])


def base_place(actor: Actor, target: Target, space: Space | None = None) -> LocatedNode:
    """The folder that the target's path starts from. `space`: the target's, where the caller holds its row."""
    if target.parent_id is not None:
        return tree.locate_folder(actor, target.parent_id)
    return tree.find(space or tree.get_space(actor, target.space_id), [])


def space_of_target(actor: Actor, target: Target) -> Space:
    """Which space the target is in now: to be locked."""
    if target.parent_id is not None:
        return tree.locate_folder(actor, target.parent_id).space
    return tree.get_space(actor, target.space_id)


def writable_target(actor: Actor, target: Target, space: Space | None = None) -> tuple[Space, list[str]]:
    """The space of a target that starts at a root, and the names of its path: rights and names, no look at the tree."""
    names = _names_of(target)
    space = space or tree.get_space(actor, target.space_id)
    permissions.require_write(actor, space)
    return space, names


def _names_of(target: Target) -> list[str]:
    names = tree.split_path(target.path)
    if not names:
        raise errors.InvalidName(reason="empty")
    return names


def resolve(actor: Actor, target: Target, space: Space | None = None) -> Resolved:
    """Where it would go now. Checks the right to write there; NotAFolder for a path through a file, InvalidName for
    names that are not there yet and that nothing new may have.
    """
    if target.parent_id is None:
        space, names = writable_target(actor, target, space)
        return _complete(target, _descend(space, (), names, None))
    names, base = _names_of(target), base_place(actor, target)
    permissions.require_write(actor, base.space)
    if len(base.chain) + len(names) > tree.paths.MAXIMUM_DEPTH + 1:
        raise errors.TooDeep
    return _complete(target, _descend(base.space, base.ancestors, names, base.node.pk))


def _complete(target: Target, resolved: Resolved) -> Resolved:
    if resolved.folders and not target.make_folders:
        raise errors.ParentNotFound(path=resolved.path)
    return resolved


def _descend(space: Space, ancestors: tuple[PathStep, ...], names: list[str], start_id: int | None) -> Resolved:
    way = tree.walk(space, names, start_id=start_id)
    above = (*ancestors, *tree.steps_of(way))  # the ancestors of what comes after the last of them
    if len(way) == len(names) + 1:
        return Resolved(LocatedNode(space, way[-2], above[:-2]), (), names[-1], way[-1])
    if not way[-1].is_folder:
        raise errors.NotAFolder(path="/" + "/".join(names[: len(way) - 1]))
    tree.refuse_new_names(*names[len(way) - 1 :])
    return Resolved(LocatedNode(space, way[-1], above[:-1]), tuple(names[len(way) - 1 : -1]), names[-1], None)
