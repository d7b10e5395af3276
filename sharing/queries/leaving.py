"""What somebody who has left the team shares with others: it survives until who manages the team has decided."""

from django.db.models import F, Q

from common.clock import now
from files.models import Grant, SpaceKind
from files.queries.tree import ancestors_of


def holds_shared(user_id: int) -> bool:
    """Whether others of the team reach something in the home of this person (settings.HELD_ACCOUNT_HOOKS): then the
    clock does not delete the account. What is in the trash, and links, hold nothing.
    """
    holds = Q(expires_at=None) | Q(expires_at__gt=now())
    others = Q(user=None) | Q(user__is_active=True, user__membership__team_id=F("space__team_id"))
    grants = Grant.objects.filter(holds, others, link_id=None, space__kind=SpaceKind.HOME, space__owner_id=user_id)
    tops = dict(grants.exclude(user_id=user_id, user__isnull=False).values_list("node_id", "space__root_id"))
    return any(chain and chain[0].id == tops[node_id] for node_id, chain in ancestors_of(tops).items())
