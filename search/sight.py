"""What of the spaces somebody may find, as a condition for the index: hits are checked one by one anyway, but what is
hidden must not be counted either. And which nodes are live: those whose top is the root of their space.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from files.access.compute import SpaceAccess
from files.models import Node, Space, SpaceKind
from files.queries.tree import ancestors_of, nodes
from files.queries.veil import veil_over
from search.inputs import Part, Sight


def in_sight(spaces: Iterable[Space], rules: dict[int, SpaceAccess]) -> Sight | None:
    """None where all of all spaces is seen. It costs the rules of each space that has members or a restricted folder.

    Around each node from which on they see what is below: all of that without what is closed to them again further
    down. Whatever they see inside of something closed is below such a node of its own.
    """
    parts, is_whole = list[Part](), True
    for space in spaces:
        root_id = space.root_id or 0
        seen, closed = _marks(space, rules[space.pk])
        is_whole = is_whole and not closed and root_id in seen
        above = {pk: {step.id for step in steps} for pk, steps in ancestors_of(closed).items()}
        for pk in sorted(seen):
            without = tuple(other for other in sorted(closed) if pk in above[other])
            parts.append(Part(space.pk, None if pk == root_id else pk, without))
    return None if is_whole else Sight(tuple(parts))


def with_sizes(sight: Sight) -> Sight:
    """For a search that compares sizes: those of folders are what is shown of them. One query where something is
    hidden.
    """
    veil = veil_over(sight.closed, {part.space_id for part in sight.parts})
    return sight if veil is None else replace(sight, less=tuple((pk, less.size) for pk, less in veil.less.items()))


def _marks(space: Space, rules: SpaceAccess) -> tuple[frozenset[int], frozenset[int]]:
    if space.kind == SpaceKind.TEAM and space.is_open and not space.is_restricted:  # type: ignore[attr-defined]
        return frozenset({space.root_id or 0}), frozenset()
    return rules.marks(space.root_id or 0)


def load(node_ids: Iterable[int]) -> list[Node]:
    """With version and content, by id; what is gone is left out."""
    return list(nodes().filter(pk__in=list(node_ids)).order_by("pk"))


def live(found: Sequence[Node]) -> list[Node]:
    """Without what is in the trash, and without roots, which have no name. Two queries."""
    candidates = [node for node in found if node.parent_id is not None]
    parents = {node.parent_id for node in candidates if node.parent_id is not None}
    chains = ancestors_of(parents)
    roots = dict(Space.objects.filter(pk__in={n.space_id for n in candidates}).values_list("pk", "root_id"))

    def top(parent_id: int) -> int:
        chain = chains.get(parent_id)
        return chain[0].id if chain else parent_id

    return [node for node in candidates if top(node.parent_id or 0) == roots.get(node.space_id)]
