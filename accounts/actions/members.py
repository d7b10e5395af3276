"""The people of a team: add somebody, change their role, deactivate or reactivate their account, remove them.

A deactivated account keeps what it holds, and its team keeps the account. A removed one is deleted after a grace
period.
"""

from typing import Any

from django.utils import timezone

from accounts import invitations
from accounts.actions.create_account import create_account
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import LastOwner, NotAllowed, UnknownRole
from accounts.members import access_changed, leave_groups, managing_member, require_may_stop, require_not_above, stop
from accounts.models import Membership, Role, Team, User
from accounts.permissions import is_administrator, require_may_manage, require_own_team
from accounts.teams import is_last_owner, require_free_seat, require_owner_for


def add_member(
    actor: Actor, *, email: str, name: str = "", role: str = Role.MEMBER, password: str | None = None
) -> User:
    """Makes an account in the actor's own team, with the default quota.

    For its owners and administrators; only an owner adds an owner. The address is verified by its owner at
    the first sign-in, unless an administrator of the installation vouches for it, and gets a mail. Where mail is sent,
    an invitation is the better way: it asks the person. Raises TeamFull and whatever create_account does.
    """
    team_id = require_own_team(actor)
    return create_account(
        actor,
        email=email,
        password=password,
        name=name,
        team=Team.objects.get(pk=team_id),
        role=role,
        email_verified=is_administrator(actor),
    )


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
