"""Where something is to be put: a folder that exists, and names below it of which some may be missing."""

from dataclasses import dataclass

from accounts.actor import Actor
from files import errors, permissions
from files.models import Node
from files.queries import tree
from files.queries.tree import Place


@dataclass(frozen=True, slots=True)
class Target:
    """`path` is relative to the folder `parent_id`, or to the root of the space (None: the actor's home)."""

    path: str = ""
    parent_id: int | None = None
    space_id: int | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """`base` is the deepest folder of the way that exists; `folders` below it are missing; `name` is the last name.

    `existing` is the node that has the name now.
    """

    base: Place
    folders: tuple[str, ...]
    name: str
    existing: Node | None

    @property
    def path(self) -> str:
        return "/".join([self.base.path.rstrip("/"), *self.folders, self.name])


def base_place(actor: Actor, target: Target) -> Place:
    """The folder that the target's path starts from."""
    if target.parent_id is not None:
        place = tree.locate(actor, target.parent_id)
        if not place.node.is_folder:
            raise errors.NotAFolder(id=target.parent_id)
        return place
    return tree.find(tree.get_space(actor, target.space_id), [])


def resolve(actor: Actor, target: Target) -> Resolved:
    """Where it would go now. Checks the right to write there; NotAFolder for a path through a file."""
    names = tree.split_path(target.path)
    if not names:
        raise errors.InvalidName(reason="empty")
    base = base_place(actor, target)
    permissions.require_write(actor, base.space)
    if len(base.chain) + len(names) > tree.paths.MAXIMUM_DEPTH + 1:
        raise errors.TooDeep
    return _descend(base, names)


def _descend(base: Place, names: list[str]) -> Resolved:
    steps = tree.walk(base.space, names, start_id=base.node.pk)
    found = tree.nodes().get(pk=steps[-1].id) if len(steps) > 1 else base.node
    chain = (*base.ancestors, *steps)
    if len(steps) == len(names) + 1:
        parent = base.node if len(steps) == 2 else Node.objects.get(pk=steps[-2].id)
        return Resolved(Place(base.space, parent, tuple(chain[:-2])), (), names[-1], found)
    if not found.is_folder:
        raise errors.NotAFolder(path="/" + "/".join(names[: len(steps) - 1]))
    return Resolved(
        Place(base.space, found, tuple(chain[:-1])), tuple(names[len(steps) - 1 : -1]), names[-1], None
    )
