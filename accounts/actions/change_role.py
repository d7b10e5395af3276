"""Give a member of a team another role."""

from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import LastOwner, NotAllowed, UnknownRole
from accounts.models import Membership, Role
from accounts.permissions import is_administrator, require_may_manage
from accounts.queries import member_of
from accounts.teams import is_last_owner, managing


def change_role(actor: Actor, *, user_id: int, role: str) -> Membership:
    """For owners and administrators of the team; only an owner makes or unmakes an owner.

    A team keeps an active owner. Raises AccountNotFound, UnknownRole, NotAllowed, ScopeMissing, LastOwner.
    """
    if role not in Role.values:
        raise UnknownRole
    team_id = member_of(actor, user_id).team_id
    with managing(actor, team_id, user_id) as actor:
        member = Membership.objects.select_related("user").get(user_id=user_id)
        require_may_manage(actor, member)
        if role == Role.OWNER and not (is_administrator(actor) or actor.role == Role.OWNER):
            raise NotAllowed
        if role != Role.OWNER and is_last_owner(member):
            raise LastOwner
        if role != member.role:
            before, member.role = member.role, role
            member.save(update_fields=["role"])
            record(actor, "member.role", member.user.email, user=user_id, before=before, after=role)
    return member
