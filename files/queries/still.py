"""Whether somebody may still read what they are being sent: asked every few seconds while bytes pass."""

from collections.abc import Sequence

from accounts.actor import Actor
from files.access.compute import SpaceAccess, access_to_all, facts_of
from files.access.rights import Right
from files.models import Node
from files.queries.located import ancestors_of


def require_still(actor: Actor, node_ids: Sequence[int]) -> None:
    """Raises NotFound, Forbidden and the like where a grant was taken away, has ended, or was lowered. One query in the
    own home, three elsewhere. What is in the trash or gone by now is read to its end by who could see it.
    """
    nodes = list(Node.objects.filter(pk__in=list(node_ids)).select_related("space"))
    rules = {node.space_id: SpaceAccess(actor, facts_of(node.space)) for node in nodes}
    granted = {
        node.pk: node for node in nodes if access_to_all(actor, facts_of(node.space), node.space.root_id or 0) is None
    }
    for pk, above in ancestors_of(granted).items():
        node, chain = granted[pk], [*(step.id for step in above), pk]
        if chain[0] == node.space.root_id:
            rules[node.space_id].along(chain).require(Right.DOWNLOAD)
