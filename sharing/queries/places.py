"""Where shared files and folders are for who asks: many at once, in a constant number of queries."""

from collections.abc import Iterable

from accounts.actor import READ, Actor
from accounts.permissions import require_scope
from common.ids import is_id
from files.access.compute import access_in_spaces, facts_of
from files.access.rights import Right
from files.models import Node
from files.queries.mounts import mounts_in, owns
from files.queries.tree import LocatedNode, ancestors_of, get_space


def places_of(actor: Actor, node_ids: Iterable[int]) -> dict[int, LocatedNode]:
    """By the ids of those that are live and that the actor sees; what lies in another space as it is seen through the
    mount of it, if there is one. With space, owner, team, version and content. At most eight queries. Raises
    ScopeMissing, MountUnavailable.
    """
    require_scope(actor, READ)
    wanted = {pk for pk in node_ids if is_id(pk)}
    rows = Node.objects.filter(pk__in=wanted, target_id=None) if wanted else Node.objects.none()
    nodes = {node.pk: node for node in rows.select_related("space__owner", "space__team", "version__content")}
    chains = ancestors_of(nodes)
    spaces = {node.space_id: node.space for node in nodes.values()}
    rules = access_in_spaces(actor, [facts_of(space) for space in spaces.values()])
    found: dict[int, LocatedNode] = {}
    for pk, node in nodes.items():
        chain = [*(step.id for step in chains[pk]), pk]
        access = rules[node.space_id].along(chain)
        if Right.VIEW in access.rights and chain[0] == node.space.root_id:
            found[pk] = LocatedNode(node.space, node, chains[pk], access)
    return _through_mounts(actor, found)


def _through_mounts(actor: Actor, found: dict[int, LocatedNode]) -> dict[int, LocatedNode]:
    if all(owns(actor, place.space) for place in found.values()):
        return found
    mounts = mounts_in(actor, get_space(actor, None))
    if mounts is None:
        return found
    return {pk: place if owns(actor, place.space) else mounts.seen(place) for pk, place in found.items()}
