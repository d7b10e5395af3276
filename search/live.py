"""Which nodes are there for people: those whose top is the root of their space."""

from collections.abc import Iterable, Sequence

from files.models import Node, Space
from files.queries.tree import ancestors_of, nodes


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
