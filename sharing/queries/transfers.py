"""What is offered to somebody, and what they offer."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from accounts.actor import READ, Actor
from accounts.permissions import require_scope
from files.models import Node
from sharing.models import Transfer

MOST = 200  # that are listed; whoever offers more waits for answers


@dataclass(frozen=True, slots=True)
class Offered:
    """`is_mine`: I offer it. Somebody to whom it is offered need not see it before: they are told its name and size."""

    transfer: Transfer
    node: Node
    is_mine: bool


def transfers_of(actor: Actor) -> Sequence[Offered]:
    """The latest first, of live files and folders of people who are there. Raises ScopeMissing."""
    require_scope(actor, READ)
    user_id = actor.user_id or 0
    rows = Transfer.objects.filter(Q(giver_id=user_id) | Q(receiver_id=user_id), giver__is_active=True)
    rows = rows.filter(node__space__owner_id=F("giver_id"), node__parent__isnull=False)
    found = rows.select_related("node", "giver", "receiver").order_by("-pk")[:MOST]
    return [Offered(row, row.node, row.giver_id == user_id) for row in found]
