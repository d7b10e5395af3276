"""Change how much an account or a team may hold."""

from django.db.models import Q

from accounts import quotas
from accounts.actions.create_account import clean_quota
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import AccountNotFound
from accounts.models import QuotaAccount
from accounts.permissions import require_administrator
from accounts.unit_of_work import unit_of_work


def change_quota(
    actor: Actor, *, limit_bytes: int | None, user_id: int | None = None, team_id: int | None = None
) -> QuotaAccount:
    """For administrators, of one person or one team. Takes effect with the next charge.

    A limit below what is used only refuses growth. Raises NotAllowed, ScopeMissing, AccountNotFound,
    InvalidQuota.
    """
    require_administrator(actor)
    limit = clean_quota(limit_bytes)
    if (user_id is None) == (team_id is None):
        raise AccountNotFound
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        accounts = QuotaAccount.objects.select_for_update(of=("self",)).select_related("user", "team")
        whose = Q(user_id=user_id) if user_id is not None else Q(team_id=team_id)
        account = accounts.filter(whose).first()
        if account is None:
            raise AccountNotFound
        before = account.limit_bytes
        quotas.set_limit(account, limit)
        account.limit_bytes = limit
        team_id = account.team_id or account.user.membership.team_id  # type: ignore[union-attr]
        record(actor, "quota.change", str(account.user or account.team), of_team=team_id, before=before, after=limit)
    return account
