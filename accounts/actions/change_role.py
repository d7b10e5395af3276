"""Give a member of a team another role."""

from typing import Any

from accounts import invitations
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import LastOwner, NotAllowed, UnknownRole
from accounts.members import managing_member, require_not_above
from accounts.models import Membership, Role
from accounts.permissions import is_administrator, require_may_manage
from accounts.teams import is_last_owner


def change_role(actor: Actor, *, user_id: int, role: str) -> Membership:
    """For owners and administrators of the team; only an owner makes or unmakes an owner, and only an administrator of
    the installation changes what another one is in a team.

    A team keeps an active owner. What the person has invited to and may not any more is void. Raises AccountNotFound,
    UnknownRole, NotAllowed, ScopeMissing, LastOwner.
    """
    if role not in Role.values:
        raise UnknownRole
    with managing_member(actor, user_id) as (actor, member):
        require_may_manage(actor, member)
        if user_id != actor.user_id:
            require_not_above(actor, member)
        if role == Role.OWNER and not (is_administrator(actor) or actor.role == Role.OWNER):
            raise NotAllowed
        if role != Role.OWNER and is_last_owner(member):
            raise LastOwner
        if role != member.role:
            before, member.role = member.role, role
            member.save(update_fields=["role"])
            invitations.withdraw_of(user_id, role=role, team_id=member.team_id)
            detail: dict[str, Any] = {"user": user_id, "before": before, "after": role}
            record(actor, "member.role", member.user.email, of_team=member.team_id, **detail)
    return member
