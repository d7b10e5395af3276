"""What a person wants to find again soon."""

from collections.abc import Sequence

from accounts.actor import Actor
from files import sql_rows
from files.access.compute import SpaceAccess, facts_of
from files.access.rights import Right
from files.models import Favourite, Node
from files.queries.tree import LocatedNode, PathStep, ancestors_of, nodes
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
    """Of live nodes below a folder and in what is mounted there, by path; at most MAXIMUM, the latest first chosen. Two
    queries, and two for mounts.
    """
    below.require(Right.VIEW, actor)
    below = below.entered
    mounts = [] if below.mounts is None else below.mounts.below(below.node.pk)
    tops = {top.node.pk: top for top in (below, *(mount.entered for mount in mounts))}
    spaces = {top.space.pk for top in tops.values()}
    wanted = nodes().filter(favourites__user_id=actor.user_id or 0, space_id__in=sorted(spaces))
    found = {node.pk: node for node in wanted.order_by("-favourites__pk")[:MAXIMUM]}
    rules = dict(below.mounts.rules) if below.mounts is not None else {}
    rules[below.space.pk] = SpaceAccess(actor, facts_of(below.space))
    places = []
    for pk, chain in ancestors_of(found).items():
        top = next((tops[step.id] for step in reversed(chain) if step.id in tops), None)
        place = None if top is None else _place(top, found[pk], chain, rules)
        if place is not None:
            places.append(place)
    cover((place.shown, place.entered.access) for place in places)
    return sorted(places, key=lambda place: place.path)


def _place(
    top: LocatedNode, node: Node, chain: tuple[PathStep, ...], rules: dict[int, SpaceAccess]
) -> LocatedNode | None:
    """Below `top`; None for what is deleted or hidden, or for a mount that leads nowhere now."""
    if chain[0].id != top.space.root_id:
        return None
    if node.is_mount:
        return None if top.mounts is None else top.mounts.get(node.pk)
    place = top.in_same_space(node, chain, rules[top.space.pk].along([*(step.id for step in chain), node.pk]))
    return place if Right.VIEW in place.access.rights and place.is_seen_from(top.node.pk) else None
