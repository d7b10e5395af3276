"""Make a team without members; `create_account(team=...)` then makes its first owner."""

from accounts.actions.create_account import clean_quota
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import InvalidName
from accounts.models import QuotaAccount, Team
from accounts.permissions import require_administrator
from accounts.unit_of_work import unit_of_work


def create_team(actor: Actor, *, name: str, quota_bytes: int | None = None, seats: int | None = None) -> Team:
    """For administrators. None is no limit. Raises InvalidName, InvalidQuota, NotAllowed, ScopeMissing."""
    require_administrator(actor)
    name = name.strip()
    if not 1 <= len(name) <= 150:
        raise InvalidName
    limit = clean_quota(quota_bytes)
    with unit_of_work(actor) as actor:
        require_administrator(actor)
        team = Team.objects.create(name=name, seats=seats)
        QuotaAccount.objects.create(team=team, limit_bytes=limit)
        record(actor, "team.create", name, team=team.pk, quota=limit, seats=seats)
    return team
