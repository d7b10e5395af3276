"""Stop an account, or let it in again. What it holds stays where it is, and stays its team's."""

from accounts.access_changes import access_changed
from accounts.actor import Actor
from accounts.audit import record
from accounts.members import managing_member, require_may_stop, require_not_above, stop
from accounts.models import Membership, User
from accounts.permissions import require_may_manage
from accounts.teams import require_free_seat, require_owner_for


def deactivate_account(actor: Actor, *, user_id: int) -> None:
    """Its tokens and sessions stop with the next request, for good: letting it in again brings none back.

    For owners and administrators of its team, never for oneself. The last owner stays while the team has
    other active people. Raises AccountNotFound, NotAllowed, ScopeMissing, LastOwner.
    """
    with managing_member(actor, user_id) as (actor, member):
        require_may_stop(actor, member)
        stop(member)
        record(actor, "account.deactivate", member.user.email, of_team=member.team_id, user=user_id)


def activate_account(actor: Actor, *, user_id: int) -> None:
    """Lets a stopped account sign in again; one that was removed is not deleted any more. In a team without an active
    owner only an owner comes back. Raises like deactivate_account, and TeamFull.
    """
    with managing_member(actor, user_id) as (actor, member):
        require_may_manage(actor, member)
        require_not_above(actor, member)
        if member.user.is_active:
            return
        require_owner_for(member.team, member.role)
        require_free_seat(member.team)
        Membership.objects.filter(pk=member.pk).update(removed_at=None)
        User.objects.filter(pk=user_id).update(is_active=True)
        access_changed()
        record(actor, "account.activate", member.user.email, of_team=member.team_id, user=user_id)
