"""What the person who was invited does with an invitation: accept it, with a new account or the one they have, or
decline. Whoever has the link has read the mail, so the address is theirs.
"""

from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import invitations
from accounts.actions.create_account import clean_quota, insert_account, new_person
from accounts.actor import ADMIN, Actor
from accounts.audit import record
from accounts.errors import (
    AccountNotFound,
    AlreadyMember,
    EmailTaken,
    InAnotherTeam,
    InvitationNotFound,
    InvitedAddressDiffers,
)
from accounts.invitations import invitation_behind
from accounts.members import access_changed, leave_groups
from accounts.models import Invitation, Membership, Team, User
from accounts.names import addresses_of
from accounts.permissions import require_recent_proof, require_scope
from accounts.policies import policy_for, require_domain
from accounts.queries import own_id
from accounts.teams import managing, people_of, require_free_seat, require_owner_for, require_seat_for_new
from accounts.unit_of_work import Lock, unit_of_work


def accept_as_new(actor: Actor, *, secret: str, password: str, name: str = "") -> User:
    """An account with the invited address, verified, in the team. `actor` is a visitor: whoever has the link may.

    Raises InvitationNotFound, PasswordRefused, EmailTaken (accept with that account), TeamFull, LastOwner (the team has
    lost its owner), AgainstPolicy (the team does not invite people of this domain any more).
    """
    found = invitation_behind(secret)
    user = new_person(email=found.email, password=password, name=name)
    limit = clean_quota(settings.DEFAULT_ACCOUNT_QUOTA)
    try:
        with managing(actor, found.team_id) as actor:
            invitation = _locked(found)
            require_domain(policy_for(invitation.team_id), invitation.email)
            require_owner_for(invitation.team, invitation.role)
            require_seat_for_new(invitation.team, besides=invitation)
            insert_account(user, actor=actor, limit_bytes=limit, team=invitation.team, role=invitation.role)
            _accepted(actor, invitation, user)
    except IntegrityError as error:  # the address was taken at this very moment
        raise EmailTaken from error
    return user


def accept(actor: Actor, *, secret: str) -> Membership:
    """With the actor's own account, which has the invited address and is alone in its team: home and quota go along,
    charged to the new team from now on. What the account may hold itself stays as it was.

    Raises InvitationNotFound, InvitedAddressDiffers, AlreadyMember, InAnotherTeam, TeamFull, LastOwner, QuotaExceeded
    (the team has no room for the home), ScopeMissing, ReauthenticationRequired, AgainstPolicy (as above).
    """
    require_scope(actor, ADMIN)
    require_recent_proof(actor)  # who manages the team may stop and delete the account
    user_id, found = own_id(actor), invitation_behind(secret)
    left = Membership.objects.values_list("team_id", flat=True).get(user_id=user_id)
    with managing(actor, found.team_id, user_id, also_team=left) as actor:
        require_scope(actor, ADMIN)
        invitation = _locked(found)
        member = Membership.objects.select_related("user").get(user_id=user_id)
        if member.team_id != left:
            raise AccountNotFound
        _require_may_join(member, invitation)
        for dotted_path in settings.TEAM_CHANGE_HOOKS:  # what apps above this one hold of it: a home
            import_string(dotted_path)(user_id, left, invitation.team_id)
        leave_groups(user_id)
        invitations.withdraw_all(Invitation.objects.filter(team_id=left))
        member.team_id, member.role, member.joined_at = invitation.team_id, invitation.role, timezone.now()
        member.save(update_fields=["team", "role", "joined_at"])
        access_changed()
        _accepted(actor, invitation, member.user)
    return member


def decline(actor: Actor, *, secret: str) -> None:
    """`actor` is a visitor, or whoever is signed in; whoever has the link may. Raises InvitationNotFound."""
    found = invitation_behind(secret)
    with unit_of_work(actor, Lock(Team, found.team_id)) as actor:
        invitation = _locked(found)
        invitation.declined_at = timezone.now()
        invitation.save(update_fields=["declined_at"])
        record(actor, "invitation.decline", invitation.email, of_team=invitation.team_id, invitation=invitation.pk)


def _locked(found: Invitation) -> Invitation:
    """As it is under the lock of its row, which whoever stops the inviter takes too. Raises InvitationNotFound."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("team").filter(pk=found.pk)
    invitation = rows.first()
    if invitation is None or invitation.digest != found.digest or invitations.state_of(invitation) != "open":
        raise InvitationNotFound
    return invitation


def _require_may_join(member: Membership, invitation: Invitation) -> None:
    if invitation.email not in addresses_of(member.user):
        raise InvitedAddressDiffers
    require_domain(policy_for(invitation.team_id), invitation.email)
    if member.team_id == invitation.team_id:
        raise AlreadyMember(user=str(member.user_id))
    if people_of(member.team_id).exclude(pk=member.pk).exists():
        raise InAnotherTeam(reason="people")
    require_owner_for(invitation.team, invitation.role)
    require_free_seat(invitation.team, besides=invitation)


def _accepted(actor: Actor, invitation: Invitation, user: User) -> None:
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    detail: dict[str, Any] = {"invitation": invitation.pk, "user": user.pk, "role": invitation.role}
    record(actor, "invitation.accept", invitation.email, of_team=invitation.team_id, **detail)
    invitations.welcome(invitation.team, invitation.email)
