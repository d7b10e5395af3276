"""Stop an account, or let it in again. What it holds stays where it is, and stays its team's."""

from django.db.models import F
from django.utils import timezone

from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import LastOwner, NotAllowed
from accounts.models import AccessToken, LoginFlow, Membership, User
from accounts.permissions import is_administrator, require_may_manage
from accounts.queries import member_of
from accounts.teams import is_last_owner, managing, require_free_seat


def deactivate_account(actor: Actor, *, user_id: int) -> None:
    """Its tokens and sessions stop with the next request, for good: letting it in again brings none back.

    For owners and administrators of its team, never for oneself. The last owner stays while the team has
    other active people. Raises AccountNotFound, NotAllowed, ScopeMissing, LastOwner.
    """
    team_id = member_of(actor, user_id).team_id
    if user_id == actor.user_id:
        raise NotAllowed
    with managing(actor, team_id, user_id) as actor:
        member = Membership.objects.select_related("user").get(user_id=user_id)
        require_may_manage(actor, member)
        _require_not_above(actor, member)
        others = Membership.objects.filter(team_id=team_id, user__is_active=True).exclude(user_id=user_id)
        if is_last_owner(member) and others.exists():
            raise LastOwner
        User.objects.filter(pk=user_id).update(is_active=False, session_epoch=F("session_epoch") + 1)
        AccessToken.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=timezone.now())
        LoginFlow.objects.filter(user_id=user_id).delete()
        record(actor, "account.deactivate", member.user.email, user=user_id)


def activate_account(actor: Actor, *, user_id: int) -> None:
    """Lets a stopped account sign in again. Raises like deactivate_account, and TeamFull."""
    team_id = member_of(actor, user_id).team_id
    with managing(actor, team_id, user_id) as actor:
        member = Membership.objects.select_related("user", "team").get(user_id=user_id)
        require_may_manage(actor, member)
        _require_not_above(actor, member)
        if member.user.is_active:
            return
        require_free_seat(member.team)
        User.objects.filter(pk=user_id).update(is_active=True)
        record(actor, "account.activate", member.user.email, user=user_id)


def _require_not_above(actor: Actor, member: Membership) -> None:
    """Only an administrator of the installation stops or starts another one."""
    if member.user.is_staff and not is_administrator(actor):
        raise NotAllowed
