"""Invite somebody into a team by mail; send the invitation again; take it back."""

from django.conf import settings
from django.utils import timezone

from accounts import invitations
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import AlreadyMember, InvitationNotFound, NotAllowed, TeamNotFound, UnknownRole
from accounts.models import Invitation, Role, Team
from accounts.names import clean_email
from accounts.permissions import is_administrator, require_own_team, require_recent_proof, require_team_manager
from accounts.policies import policy_for, require_domain
from accounts.teams import managing, people_of, require_seat_for_new
from accounts.tokens import digest_of


def invite(actor: Actor, *, email: str, role: str = Role.MEMBER, team_id: int | None = None) -> Invitation:
    """For owners and administrators of the team; only an owner invites an owner. The person decides.

    Nothing here depends on whether there is an account with the address: that is seen by who opens the link. A seat is
    kept until the answer or the expiry. `team_id`: any team, for administrators of the installation. Raises
    InvalidEmail, UnknownRole, AlreadyMember, AlreadyInvited, TeamFull, TooManyInvitations, MailUnavailable,
    TeamNotFound, NotAllowed, AccountNotFound, ScopeMissing, ReauthenticationRequired, AgainstPolicy (another domain).
    """
    if role not in Role.values:
        raise UnknownRole
    team_id = require_own_team(actor) if team_id is None else team_id
    _require_right(actor, team_id, role)
    require_recent_proof(actor)
    invitations.require_mail()
    email = clean_email(email)
    with managing(actor, team_id) as actor:
        _require_right(actor, team_id, role)
        team = Team.objects.filter(pk=team_id).first()
        if team is None:
            raise TeamNotFound
        for member in people_of(team_id).filter(user__email=email)[:1]:
            raise AlreadyMember(user=str(member.user_id))
        return invitations.make(actor, team=team, email=email, role=role)


def resend_invitation(actor: Actor, *, invitation_id: int) -> Invitation:
    """Another mail with another link and a new expiry; the link before is worth nothing any more. Who sends it again is
    who invites from now on. Also one that has expired. Raises like invite, and InvitationNotFound.
    """
    invitations.require_mail()
    require_recent_proof(actor)
    found = _find(actor, invitation_id)
    with managing(actor, found.team_id) as actor:
        invitation = _find(actor, invitation_id)
        _require_right(actor, invitation.team_id, invitation.role)
        require_domain(policy_for(invitation.team_id), invitation.email)
        if invitations.state_of(invitation) == "expired":
            require_seat_for_new(invitation.team)
        secret, now = invitations.new_secret(), timezone.now()
        invitation.digest, invitation.sent_at = digest_of(secret), now
        invitation.expires_at, invitation.invited_by_id = now + settings.INVITATION_LIFETIME, actor.user_id
        invitation.save(update_fields=["digest", "sent_at", "expires_at", "invited_by"])
        invitations.send(invitation, secret)
        record(actor, "invitation.resend", invitation.email, of_team=invitation.team_id, invitation=invitation.pk)
    return invitation


def withdraw_invitation(actor: Actor, *, invitation_id: int) -> None:
    """Its link is worth nothing any more, and its seat is free. Raises InvitationNotFound, NotAllowed, ScopeMissing."""
    found = _find(actor, invitation_id)
    with managing(actor, found.team_id) as actor:
        invitation = _find(actor, invitation_id)
        _require_right(actor, invitation.team_id, invitation.role)
        invitations.withdraw_all(Invitation.objects.filter(pk=invitation.pk))
        record(actor, "invitation.withdraw", invitation.email, of_team=invitation.team_id, invitation=invitation.pk)


def _find(actor: Actor, invitation_id: int) -> Invitation:
    """One that nobody has answered or withdrawn. Of another team it does not exist: InvitationNotFound."""
    rows = Invitation.objects.select_related("team").filter(pk=invitation_id)
    if not is_administrator(actor):
        rows = rows.filter(team_id=require_own_team(actor))
    invitation = rows.first()
    if invitation is None or invitations.state_of(invitation) not in ("open", "expired"):
        raise InvitationNotFound
    return invitation


def _require_right(actor: Actor, team_id: int, role: str) -> None:
    require_team_manager(actor, team_id)
    if role == Role.OWNER and not (is_administrator(actor) or actor.role == Role.OWNER):
        raise NotAllowed
