"""Walking a path of names from a folder down, in one query whatever its depth, and through a mount on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.actor import Actor
from files import sql_rows
from files.access.compute import SpaceAccess, facts_of
from files.models import Node, Space
from files.queries.located import LocatedNode, PathStep, steps_of
from files.queries.mounts import Mounts, enter, follows

_WALK = (
    "WITH RECURSIVE wanted(depth, name) AS (VALUES {values}), "
    "walk(id, depth) AS ("
    " SELECT CAST(%s AS BIGINT), 0 UNION ALL"
    " SELECT n.id, walk.depth + 1 FROM walk JOIN wanted ON wanted.depth = walk.depth"
    " JOIN files_node n ON n.parent_id = walk.id AND n.name = wanted.name"
    ") SELECT {node} FROM walk JOIN files_node n ON n.id = walk.id ORDER BY walk.depth"
)
# `inner` is where the names behind a node are looked for: a mount's target. Of a mount both rows come, its own first.
_WALK_THROUGH = (
    "WITH RECURSIVE wanted(depth, name) AS (VALUES {values}), "
    "walk(id, inner_id, depth) AS ("
    " SELECT CAST(%s AS BIGINT), CAST(%s AS BIGINT), 0 UNION ALL"
    " SELECT n.id, COALESCE(n.target_id, n.id), walk.depth + 1 FROM walk JOIN wanted ON wanted.depth = walk.depth"
    " JOIN files_node n ON n.parent_id = walk.inner_id AND n.name = wanted.name"
    ") SELECT {node}, {space} FROM walk JOIN files_node n ON n.id IN (walk.id, walk.inner_id)"
    " JOIN files_space s ON s.id = n.space_id"
    " ORDER BY walk.depth, CASE WHEN n.id = walk.id THEN 0 ELSE 1 END"
)


def walk(space: Space, names: Sequence[str], *, start_id: int | None = None) -> list[Node]:
    """As many nodes of the path as exist, the start (None: the root) first: len(names) + 1 of them when all do.

    The nodes come without their versions: one query, whatever the depth. It ends before a mount: see `way_to`.
    """
    return _until_mount(_walk(space, names, start_id))


def _walk(space: Space, names: Sequence[str], start_id: int | None) -> list[Node]:
    start_id = start_id or space.root_id
    assert start_id is not None
    node = sql_rows.columns(Node, "n")
    if not names:
        return sql_rows.select(Node, f"SELECT {node} FROM files_node n WHERE n.id = %s", [start_id])
    values, parameters = _wanted(names)
    return sql_rows.select(Node, _WALK.format(values=values, node=node), [*parameters, start_id])


def _wanted(names: Sequence[str]) -> tuple[str, list[Any]]:
    parameters: list[Any] = []
    for depth, name in enumerate(names):
        parameters += [depth, name]
    return ", ".join(["(%s, %s)"] * len(names)), parameters


def _until_mount(nodes: list[Node]) -> list[Node]:
    at = next((index for index, node in enumerate(nodes) if node.is_mount), len(nodes))
    return nodes[:at]


@dataclass
class Way:
    """What there is of a path for one actor. `nodes` are those of the path, the start first; those behind the one at
    `mounted` lie in the space of its target. `above` are the ancestors of the start.

    `closed`: the way ends before a mount to which the actor has no access any more, or that is somebody else's, and
    whose name is taken.
    """

    actor: Actor
    space: Space
    names: Sequence[str]
    nodes: list[Node]
    above: tuple[PathStep, ...] = ()
    mounted: int | None = None
    through: LocatedNode | None = None  # the place of the mount, with its target
    closed: bool = False
    mounts: Mounts | None = None
    inner_rules: SpaceAccess | None = None  # of the space behind the mount
    rules: SpaceAccess = field(init=False)

    def __post_init__(self) -> None:
        self.rules = SpaceAccess(self.actor, facts_of(self.space))

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def at_mount(self) -> LocatedNode | None:
        """What the whole path names, where that is a mount."""
        return self.through if self.mounted is not None and self.mounted == len(self.names) else None

    @property
    def end_space(self) -> Space:
        """Where the last node is, or for a mount what is in it: what is to be locked by who writes there."""
        return self.space if self.through is None else self.through.entered.space

    def place(self, index: int) -> LocatedNode:
        """Of one of the nodes, whatever the actor may do with it."""
        index = index if index >= 0 else len(self.nodes) + index
        if self.mounted is None or index < self.mounted:
            chain = (*self.above, *steps_of(self.nodes[: index + 1]))
            access = self.rules.along([step.id for step in chain])
            return LocatedNode(self.space, self.nodes[index], chain[:-1], access, mounts=self.mounts)
        assert self.through is not None
        assert self.inner_rules is not None
        if index == self.mounted:
            return self.through
        inner = self.through.entered
        chain = (*inner.chain, *steps_of(self.nodes[self.mounted + 1 : index + 1]))
        access = self.inner_rules.along([step.id for step in chain])
        return LocatedNode(inner.space, self.nodes[index], chain[:-1], access, mount=inner.mount)


def way_to(
    actor: Actor, space: Space, names: Sequence[str], *, start_id: int | None = None, above: tuple[PathStep, ...] = ()
) -> Way:
    """`above`: the ancestors of the start. One query in a space without mounts; one or two more, for the access and for
    the way to a target that is not the top of its space, where the path leads through one. MountUnavailable.
    """
    mounts = Mounts(actor, space) if follows(actor, space) else None
    if mounts is None or not names:
        found_all = _walk(space, names, start_id)
        found_until = _until_mount(found_all)
        return Way(actor, space, names, found_until, above, closed=len(found_until) < len(found_all), mounts=mounts)
    start_id = start_id or space.root_id
    values, parameters = _wanted(names)
    node, columns = sql_rows.columns(Node, "n"), sql_rows.columns(Space, "s")
    sql = _WALK_THROUGH.format(values=values, node=node, space=columns)
    nodes, mounted, target, closed = list[Node](), None, None, False
    for found, of_space in _joined(sql, [*parameters, start_id, start_id]):
        if mounted is not None and nodes[-1].is_mount and target is None and found.pk == nodes[-1].target_id:
            target = (found, of_space)
            continue
        if found.is_mount and (mounted is not None or of_space.pk != space.pk):
            closed = True  # somebody else's, in a folder of their home that is mounted here
            break
        if found.is_mount:
            mounted = len(nodes)
        nodes.append(found)
    way = Way(actor, space, names, nodes, above, closed=closed, mounts=mounts)
    return way if mounted is None else _through(way, mounted, target)


def _joined(sql: str, parameters: list[Any]) -> list[tuple[Node, Space]]:
    width = sql_rows.width(Node)
    return [
        (sql_rows.load(Node, row[:width]), sql_rows.load(Space, row[width:])) for row in sql_rows.fetch(sql, parameters)
    ]


def _through(way: Way, mounted: int, target: tuple[Node, Space] | None) -> Way:
    bare = way.place(mounted)
    through, way.inner_rules = enter(bare, way.actor, *(target or (None, None)))
    if through is None:
        way.nodes, way.closed = way.nodes[:mounted], True
    else:
        way.mounted, way.through = mounted, through
    return way
