"""Marking something to be found again soon, or no longer. Nobody else sees it, and nothing of the node changes."""

from accounts.actor import Actor
from accounts.permissions import require_scope
from accounts.queries import own_id
from accounts.unit_of_work import unit_of_work
from files.models import Favourite
from files.queries.tree import locate


def set_favourite(actor: Actor, *, node_id: int, wanted: bool) -> None:
    """Twice is the same as once. Raises NotFound, ScopeMissing."""
    require_scope(actor, "write")
    with unit_of_work(actor) as actor:
        place = locate(actor, node_id)
        require_scope(actor, "write")
        if wanted:
            Favourite.objects.get_or_create(user_id=own_id(actor), node_id=place.node.pk)
        else:
            Favourite.objects.filter(user_id=own_id(actor), node_id=place.node.pk).delete()
