"""Remove somebody from a team: their account stops, and is deleted after a grace period."""

from django.utils import timezone

from accounts.actor import Actor
from accounts.audit import record
from accounts.members import leave_groups, managing_member, require_may_stop, stop
from accounts.models import Membership


def remove_member(actor: Actor, *, user_id: int) -> Membership:
    """As deactivate_account, and a job deletes the account with its home ACCOUNT_DELETION_GRACE later
    (accounts.actions.administer_account), which frees the address. Until then activate_account lets the person in
    again, but not into the groups. Also for somebody who is stopped; twice is the same as once. Raises as
    deactivate_account does.
    """
    with managing_member(actor, user_id) as (actor, member):
        require_may_stop(actor, member)
        stop(member)
        leave_groups(user_id)
        if member.removed_at is None:
            member.removed_at = timezone.now()
            member.save(update_fields=["removed_at"])
            record(actor, "member.remove", member.user.email, of_team=member.team_id, user=user_id)
    return member
