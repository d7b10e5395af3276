"""What a person wants to find again soon."""

from collections.abc import Sequence

from accounts.actor import Actor
from files import sql_rows
from files.access.compute import SpaceAccess, facts_of
from files.access.rights import Right
from files.models import Favourite
from files.queries.tree import LocatedNode, ancestors_of, nodes
from files.queries.veil import cover

MAXIMUM = 1_000


def favourites_in(actor: Actor, folder_id: int) -> frozenset[int]:
    """Ids of those that lie directly in the folder: one query, whatever the folder holds."""
    found = sql_rows.fetch(
        "SELECT f.node_id FROM files_favourite f JOIN files_node n ON n.id = f.node_id "
        "WHERE f.user_id = %s AND n.parent_id = %s",
        [actor.user_id, folder_id],
    )
    return frozenset(pk for (pk,) in found)


def favourites_among(actor: Actor, node_ids: Sequence[int]) -> frozenset[int]:
    """Of at most MAXIMUM nodes, those that are marked: one query."""
    marked = Favourite.objects.filter(user_id=actor.user_id or 0, node_id__in=node_ids[:MAXIMUM])
    return frozenset(marked.values_list("node_id", flat=True))


def list_favourites(actor: Actor, *, below: LocatedNode) -> list[LocatedNode]:
    """Of live nodes below a folder, by path; at most MAXIMUM, the latest first chosen. Two queries."""
    below.require(Right.VIEW, actor)
    wanted = nodes().filter(favourites__user_id=actor.user_id or 0, space=below.space)
    found = {node.pk: node for node in wanted.order_by("-favourites__pk")[:MAXIMUM]}
    places, rules = [], SpaceAccess(actor, facts_of(below.space))
    for pk, chain in ancestors_of(found).items():
        if below.node.pk not in {step.id for step in chain} or chain[0].id != below.space.root_id:
            continue
        access = rules.along([*(step.id for step in chain), pk])
        if Right.VIEW in access.rights and not below.access.hidden.intersection(step.id for step in chain):
            places.append(LocatedNode(below.space, found[pk], chain, access))
    cover((place.node, place.access) for place in places)
    return sorted(places, key=lambda place: place.path)
