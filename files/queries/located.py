"""A node with the way to it and what the actor may do there: what every query that finds nodes returns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Optional

from django.db import connection

from accounts.actor import Actor
from common import paths
from common.etags import folder_etag
from files import errors
from files.access.compute import Access
from files.access.rights import Right
from files.models import Node, Space

if TYPE_CHECKING:
    from files.queries.mounts import Mounts


@dataclass(frozen=True, slots=True)
class PathStep:
    """One node on the way from the root."""

    id: int
    name: str
    kind: int


@dataclass(frozen=True, slots=True)
class LocatedNode:
    """A node, how one gets there, and what the actor may do with it.

    `ancestors` lead from the root of the space to its parent, and are empty for the root itself.

    A mount is located in the home: what acts on it (rename, move, delete) goes by `node`, `space` and `access`, which
    are those of its row there. What goes into it goes by `entered`, the place of its `target` in the other space.
    `mount` is the mount through which something in another space was found: paths lead through it. `mounts` are those
    of the actor, where this place is in their home and it has some.
    """

    space: Space
    node: Node
    ancestors: tuple[PathStep, ...]
    access: Access
    target: Optional["LocatedNode"] = None
    mount: Optional["LocatedNode"] = None
    mounts: Optional["Mounts"] = None

    @property
    def is_root(self) -> bool:
        return not self.ancestors

    @property
    def is_mount(self) -> bool:
        return self.target is not None

    @property
    def entered(self) -> "LocatedNode":
        """Where what is in it lies, with the access to that: the target of a mount, else the place itself."""
        return self if self.target is None else self.target

    @property
    def outer(self) -> "LocatedNode":
        """The other way round: of the target of the mount through which it was found, the mount."""
        if self.mount is None or self.mount.node.target_id != self.node.pk:
            return self
        return replace(self.mount, target=self)

    @property
    def shown(self) -> Node:
        """Whose size, counts and times are told: a mount has none of its own, nor has one of a file a version."""
        return self.entered.node

    @property
    def known_as(self) -> Node:
        """Whose id sync clients are told. A mounted folder has one of its own, since they see another tree below it; a
        file is the same one for everybody, by whatever way they come to it.
        """
        return self.node if self.node.is_folder else self.shown

    @property
    def etag(self) -> str:
        """Quoted and strong. A mount's changes with its target, of a file it is the same; a folder's also with what is
        mounted below it: for that one query or two, and none where nothing is mounted in the space.
        """
        if self.target is not None:
            inner = self.target.node
            return folder_etag(self.node.pk, inner.state) if inner.is_folder else inner.etag
        if self.mounts is not None and self.node.is_folder:
            return self.mounts.etag_of(self.node)
        return self.node.etag

    def require(self, right: Right, actor: Actor | None = None) -> None:
        """Raises NotFound, Forbidden, ScopeMissing. `actor`: who acts, where that could be somebody else than who has
        located the node.
        """
        access = self.access
        if actor is not None:
            if actor.principal != access.holder:
                raise errors.NotFound(id=self.node.pk)
            access = replace(access, scopes=access.scopes & actor.scopes)
        access.require(right)

    @property
    def path(self) -> str:
        """As the actor sees it: it never reaches above the root of their access, and leads through the mount by which
        they came.
        """
        if self.mount is not None and self.way_is_seen:
            return self._through_mount(self.chain)
        top = self.access.root_id
        if self.is_root or top == self.ancestors[0].id:
            return self.path_in_space
        if top is None or top == self.node.pk:
            return "/" if self.node.is_folder else paths.join_path([self.node.name])
        start = self.ancestor_ids.index(top) + 1
        return paths.join_path([*(s.name for s in self.ancestors[start:]), self.node.name])

    @property
    def way_is_seen(self) -> bool:
        """Whether the actor sees all of the way here: from the root of the space on, or from the mount on."""
        return self.is_seen_from(self.chain[0].id if self.mount is None else self.mount.node.target_id or 0)

    def is_seen_from(self, top_id: int) -> bool:
        """Of the way to here the part from this node on, which is the place itself or above it."""
        ids, root_id = self.chain_ids, self.access.root_id
        return root_id in ids and top_id in ids and ids.index(root_id) <= ids.index(top_id)

    def _through_mount(self, chain: "tuple[PathStep, ...]") -> str:
        assert self.mount is not None
        start = [step.id for step in chain].index(self.mount.node.target_id or 0) + 1
        return "/".join([self.mount.path, *(step.name for step in chain[start:])])

    @property
    def path_in_space(self) -> str:
        """From the root of the space, for its journal: nothing that everybody may see."""
        return "/" if self.is_root else paths.join_path([*(s.name for s in self.ancestors[1:]), self.node.name])

    def path_of_ancestor(self, node_id: int) -> str | None:
        """Of the node itself or one above it; None where the actor does not see so far up."""
        if node_id == self.node.pk:
            return self.path
        above = self.ancestor_ids
        mount = self.mount if self.way_is_seen else None
        top = self.access.root_id if mount is None else mount.node.target_id
        start = above.index(top) if top in above else None
        if node_id not in above or start is None or above.index(node_id) < start:
            return None
        if mount is not None:
            return self._through_mount(self.ancestors[: above.index(node_id) + 1])
        names = [step.name for step in self.ancestors[start + 1 : above.index(node_id) + 1]]
        return paths.join_path(names) if names else "/"

    @property
    def chain_ids(self) -> list[int]:
        """Of the node and of all above it, the root first."""
        return [*self.ancestor_ids, self.node.pk]

    @property
    def ancestor_ids(self) -> list[int]:
        return [step.id for step in self.ancestors]

    @property
    def chain(self) -> tuple[PathStep, ...]:
        """The ancestors and the node itself: what the ancestors of its children are."""
        return (*self.ancestors, PathStep(self.node.pk, self.node.name, self.node.kind))

    def in_same_space(self, node: Node, ancestors: tuple[PathStep, ...], access: Access | None = None) -> "LocatedNode":
        """Another node of this space, seen the same way: through the same mount."""
        return LocatedNode(self.space, node, ancestors, access or self.access, mount=self.mount, mounts=self.mounts)


def steps_of(way: Sequence[Node]) -> tuple[PathStep, ...]:
    return tuple(PathStep(node.pk, node.name, node.kind) for node in way)


def ancestors_of(node_ids: Iterable[int]) -> dict[int, tuple[PathStep, ...]]:
    """For each id the steps from the top of its tree to its parent (the top: a root, or deleted)."""
    ids = list(node_ids)
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE up(start, id, parent_id, name, kind, height) AS ("
            f" SELECT id, id, parent_id, name, kind, 0 FROM files_node WHERE id IN ({marks})"
            " UNION ALL"
            " SELECT up.start, n.id, n.parent_id, n.name, n.kind, up.height + 1"
            " FROM up JOIN files_node n ON n.id = up.parent_id"
            ") SELECT start, id, name, kind FROM up WHERE height > 0 ORDER BY start, height DESC",
            ids,
        )
        found = cursor.fetchall()
    chains: dict[int, list[PathStep]] = {node_id: [] for node_id in ids}
    for start, node_id, name, kind in found:
        chains[start].append(PathStep(node_id, name, kind))
    return {node_id: tuple(steps) for node_id, steps in chains.items()}
