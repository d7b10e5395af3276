"""What is told of a folder to somebody from whom something below it is hidden: as if that were not there.

Sizes and counts are those of the folder less those of the restricted folders below it that they do not see, which are
rows with sums of their own. The entity tag comes from what they see, so that it changes with that and with nothing
else. All of it costs nothing for who sees everything, which is mostly everybody: for the others two queries, or one
while nothing has changed in the space (files/queries/kept_veils.py).
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from common.batches import in_batches
from files import sql_rows
from files.access.compute import Access
from files.models import Node, NodeKind
from files.queries.kept_veils import kept

BATCH = 500
MOST = 10_000  # restricted folders of a query: a space has no more, also when most of them are purged


@dataclass(frozen=True, slots=True)
class Less:
    """What a folder holds that is not shown."""

    size: int = 0
    descendants: int = 0

    def __add__(self, other: "Less") -> "Less":
        return Less(self.size + other.size, self.descendants + other.descendants)


@dataclass(frozen=True, slots=True)
class Above:
    """A folder above something hidden: the one that it is in (None for the top of a tree), its name, and how many are
    above it.
    """

    parent_id: int | None
    name: str
    depth: int


@dataclass(frozen=True, slots=True)
class Veil:
    """Over one space for one principal. `above` and `less` have every folder above something hidden, deleted ones
    too. `below` are those of them that lie directly in another one, by its id; `closed` what is hidden there.
    """

    hidden: frozenset[int]
    above: dict[int, Above]
    less: dict[int, Less]
    below: dict[int, list[int]]
    closed: dict[int, list[int]]
    _states: dict[int, str] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        return len(self.hidden) + len(self.above)

    def cover(self, nodes: Iterable[Node]) -> None:
        """Changes the instances, never the rows: for what is going to be shown."""
        folders = [node for node in nodes if node.pk in self.less and node.seen_state is None]
        states = self.states([node.pk for node in folders])
        for node in folders:
            less = self.less[node.pk]
            node.size, node.descendants = node.size - less.size, node.descendants - less.descendants
            node.seen_state = states[node.pk]

    def states(self, folder_ids: Sequence[int]) -> dict[int, str]:
        """What the entity tags of these folders, which have something hidden below them, have in place of the number of
        the last change. One query for those that nobody has asked for yet; each folder below them is looked at once.
        """
        missing, left = set[int](), list(folder_ids)
        while left:
            pk = left.pop()
            if pk not in missing and pk not in self._states:
                missing.add(pk)
                left += self.below.get(pk, ())
        sums = self._sums(missing)
        for pk in sorted(missing, key=lambda pk: -self.above[pk].depth):
            own, within = self.above[pk], sorted(self.below.get(pk, ()))
            parts = [f"{own.parent_id} {own.name} {sums[pk]}", *(self._states[child] for child in within)]
            self._states[pk] = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        return {pk: self._states[pk] for pk in folder_ids}

    def _sums(self, folder_ids: set[int]) -> dict[int, tuple[int, int]]:
        """Of each folder how many children are shown below which nothing is hidden, and the sum of the numbers of their
        last changes. A child that changes, comes or is back gets a number that is larger than all before: while the
        count is the same, every change makes the sum larger.
        """
        found: dict[int, tuple[int, int]] = dict.fromkeys(folder_ids, (0, 0))
        for some in in_batches(sorted(folder_ids), BATCH):
            inside = (child for pk in some for of in (self.below, self.closed) for child in of.get(pk, ()))
            left_out = ", ".join(map(str, inside))  # numbers of our own, too many for parameters
            marks = ", ".join(["%s"] * len(some))
            rows = sql_rows.fetch(
                f"SELECT parent_id, COUNT(*), SUM(seq) FROM files_node WHERE parent_id IN ({marks}) "
                f"AND id NOT IN ({left_out}) GROUP BY parent_id",
                some,
            )
            found |= {parent_id: (int(count), int(total)) for parent_id, count, total in rows}
        return found


def veil_for(access: Access, space_id: int) -> Veil | None:
    """None, without a query, for who sees all of the space."""
    return veil_over(access.hidden, [space_id])


def veil_over(hidden: frozenset[int], space_ids: Collection[int]) -> Veil | None:
    """The same for restricted folders of one or more spaces."""
    return kept(hidden, space_ids, lambda: _veil(hidden)) if hidden else None


def cover(shown: Iterable[tuple[Node, Access]]) -> None:
    """The folders among the nodes, each as its access shows it."""
    by_space: defaultdict[int, defaultdict[frozenset[int], list[Node]]] = defaultdict(lambda: defaultdict(list))
    for node, access in shown:
        if node.kind == NodeKind.FOLDER and access.hidden:
            by_space[node.space_id][access.hidden].append(node)
    # One veil lies over several spaces, which have no node in common: mostly all of it is two queries.
    for layer in zip_longest(*(of_space.items() for of_space in by_space.values())):
        parts = [part for part in layer if part is not None]
        nodes = [node for _, of_part in parts for node in of_part]
        veil = veil_over(frozenset().union(*(of_part for of_part, _ in parts)), {node.space_id for node in nodes})
        if veil is not None:
            veil.cover(nodes)


def _veil(hidden: frozenset[int]) -> Veil:
    """One query."""
    less: defaultdict[int, Less] = defaultdict(Less)
    above: dict[int, Above] = {}
    closed: defaultdict[int, list[int]] = defaultdict(list)
    for way, own in _ways(hidden):
        steps = way[:-1]
        if steps and hidden.isdisjoint(pk for pk, _ in steps):  # else it goes with the one above
            for depth, (pk, name) in enumerate(steps):
                less[pk] += own
                above[pk] = Above(steps[depth - 1][0] if depth else None, name, depth)
            closed[steps[-1][0]].append(way[-1][0])
    below: defaultdict[int, list[int]] = defaultdict(list)
    for pk, folder in above.items():
        if folder.parent_id is not None:
            below[folder.parent_id].append(pk)
    return Veil(hidden, above, dict(less), dict(below), dict(closed))


def _ways(node_ids: frozenset[int]) -> Iterable[tuple[list[tuple[int, str]], Less]]:
    """Of each the steps from the top of its tree to itself, and what its own row says of it and all below."""
    for some in in_batches(sorted(node_ids), MOST):
        ids = ", ".join(map(str, some))  # numbers of our own; as parameters they would be too many
        rows = sql_rows.fetch(
            "WITH RECURSIVE up(start, id, parent_id, name, height) AS ("
            f" SELECT id, id, parent_id, name, 0 FROM files_node WHERE id IN ({ids})"
            " UNION ALL SELECT up.start, n.id, n.parent_id, n.name, up.height + 1"
            " FROM up JOIN files_node n ON n.id = up.parent_id"
            ") SELECT up.start, up.id, up.name, h.size, h.descendants FROM up JOIN files_node h ON h.id = up.start"
            " ORDER BY up.start, up.height DESC",
            [],
        )
        steps: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        own: dict[int, Less] = {}
        for start, pk, name, size, descendants in rows:
            steps[start].append((pk, name))
            own[start] = Less(size, descendants + 1)
        yield from ((way, own[start]) for start, way in steps.items())
