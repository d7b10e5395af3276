"""Where nodes are in their space, deleted ones too: by where the trees that they were deleted with have been."""

from collections.abc import Iterable

from common.batches import in_batches
from files.models import Node, Space, TrashItem
from files.queries.tree import PathStep, ancestors_of

Chain = tuple[PathStep, ...]
DEEPEST = 100  # trees that were deleted out of trees that were deleted then
BATCH = 500


def whereabouts(space: Space, node_ids: Iterable[int]) -> dict[int, Chain]:
    """Of each node the steps from the root of the space down to itself. Without those that are purged or elsewhere.

    Four queries for each five hundred, and as many for each time that one of them went to the trash.
    """
    found: dict[int, Chain] = {}
    for some in in_batches(sorted(set(node_ids)), BATCH):
        found |= _whereabouts(space, some)
    return found


def _whereabouts(space: Space, node_ids: Iterable[int]) -> dict[int, Chain]:
    found: dict[int, Chain] = {}
    tails: dict[int, tuple[int, Chain]] = {pk: (pk, ()) for pk in node_ids}  # where to go on, and what is below
    for _ in range(DEEPEST):
        if not tails:
            break
        chains = _chains({at for at, _ in tails.values()})
        tops = {chain[0].id for chain in chains.values()} - {space.root_id}
        rows = TrashItem.objects.filter(node_id__in=tops, space=space, purging=False)
        parents = dict(rows.values_list("node_id", "parent_id_before"))
        onward: dict[int, tuple[int, Chain]] = {}
        for pk, (at, below) in tails.items():
            chain = (*chains.get(at, ()), *below)
            if at in chains and chain[0].id == space.root_id:
                found[pk] = chain
            elif at in chains and chain[0].id in parents:
                onward[pk] = (parents[chain[0].id], chain)
        tails = onward
    return found


def _chains(node_ids: set[int]) -> dict[int, Chain]:
    """From the top of the tree that each is in to itself."""
    rows = {pk: PathStep(pk, name, kind) for pk, name, kind in _rows(node_ids)}
    return {pk: (*steps, rows[pk]) for pk, steps in ancestors_of(rows).items()}


def _rows(node_ids: set[int]) -> Iterable[tuple[int, str, int]]:
    return Node.objects.filter(pk__in=node_ids).values_list("pk", "name", "kind")
