"""Invitations by mail: when one is open, its secret, and how many mails a team and an address get.

Whether there is an account with the address is looked up by nobody who answers the inviter: the same rows are written,
the same mail goes out, and the page behind its link asks for what is missing.
"""

import hashlib
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import links, outgoing_mail
from accounts.actor import Actor
from accounts.audit import record
from accounts.errors import AlreadyInvited, InvitationNotFound, MailUnavailable, TooManyInvitations
from accounts.models import Invitation, InvitationMail, Role, Team, User
from accounts.models.invitation import OPEN, open_now
from accounts.policies import policy_for, require_domain
from accounts.teams import require_seat_for_new
from accounts.tokens import digest_of, new_flow_secret

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
MAILS_TO_ADDRESS = 3  # of one team in a day
MAILS_TO_ADDRESS_OF_ALL = 5  # of all teams together; what is more is not sent, and nobody is told


def state_of(invitation: Invitation) -> str:
    """open, expired, accepted, declined or withdrawn."""
    for state in ("accepted", "declined", "withdrawn"):
        if getattr(invitation, f"{state}_at") is not None:
            return state
    return "open" if invitation.expires_at > timezone.now() else "expired"


def invitation_behind(secret: str) -> Invitation:
    """Of a link, with its team, while it is open. Raises InvitationNotFound."""
    found = open_now(Invitation.objects.filter(digest=digest_of(secret))).select_related("team", "invited_by").first()
    if found is None:
        raise InvitationNotFound
    return found


def require_mail() -> None:
    """Raises MailUnavailable."""
    if not (settings.MAIL_IS_SENT and settings.LINKS_KNOWN):
        raise MailUnavailable


def new_secret() -> str:
    return new_flow_secret()


def make(actor: Actor, *, team: Team, email: str, role: str, about: str = "", words: str = "") -> Invitation:
    """Row, mail and record, in the caller's unit of work, which holds the lock of the team, or has just made it.
    `about` is the name of what is shared with them and `words` what the inviter writes, for the mail. Raises
    AlreadyInvited, TeamFull, TooManyInvitations.
    """
    require_domain(policy_for(team.pk), email)
    of_address = Invitation.objects.filter(team=team, email=email)
    for earlier in open_now(of_address)[:1]:
        raise AlreadyInvited(invitation=str(earlier.pk))
    withdraw_all(of_address)  # those that have expired
    require_seat_for_new(team)
    secret, now = new_secret(), timezone.now()
    invitation = Invitation.objects.create(
        team=team,
        email=email,
        role=role,
        invited_by_id=actor.user_id,
        digest=digest_of(secret),
        sent_at=now,
        expires_at=now + settings.INVITATION_LIFETIME,
    )
    send(invitation, secret, about=about, words=words)
    record(actor, "invitation.create", email, of_team=team.pk, invitation=invitation.pk, role=role)
    return invitation


def send(invitation: Invitation, secret: str, *, about: str = "", words: str = "") -> None:
    """Charges a mail to team and address, and leaves it to the job. In the caller's transaction, under the team's lock.

    Raises TooManyInvitations.
    """
    now = timezone.now()
    address = _address(invitation.email)
    of_team = InvitationMail.objects.filter(team_id=invitation.team_id, at__gt=now - DAY)
    _require_fewer(of_team, settings.INVITATION_MAILS_PER_TEAM, "team", now)
    _require_fewer(of_team.filter(address=address), MAILS_TO_ADDRESS, "address", now)
    mail = InvitationMail.objects.create(team_id=invitation.team_id, address=address, at=now)
    content = {"invitation": invitation.pk, "secret": secret, "mail": mail.pk, "about": about, "words": words}
    outgoing_mail.queue("invitation", **content)


def withdraw_all(invitations: "QuerySet[Invitation]") -> int:
    """Those that are open, or have only expired. In the caller's transaction."""
    return invitations.filter(OPEN).update(withdrawn_at=timezone.now())


def withdraw_of(user_id: int, *, role: str | None, team_id: int) -> None:
    """Those that somebody may not make any more, once they are `role` in their team, or (None) stopped. In the caller's
    transaction: who was removed must not come back by an invitation of their own.
    """
    theirs = Invitation.objects.filter(invited_by_id=user_id)
    if role is not None:
        if User.objects.filter(pk=user_id, is_staff=True).exists():
            return
        theirs = theirs.filter(team_id=team_id)
    if role == Role.ADMIN:
        theirs = theirs.filter(role=Role.OWNER)
    if role != Role.OWNER:
        withdraw_all(theirs)


def invitation_messages(content: dict[str, Any]) -> Iterable[EmailMessage]:
    """For the job: nothing when it was answered, withdrawn or sent again meanwhile, or the address had enough."""
    found = open_now(Invitation.objects.filter(pk=content["invitation"], digest=digest_of(content["secret"])))
    invitation = found.select_related("team", "invited_by").first()
    if invitation is None or _had_enough(invitation, content["mail"]):
        return
    link = links.absolute(f"/accounts/invitation/{content['secret']}/")
    inviter = invitation.invited_by
    who = "" if inviter is None else _full_address(inviter)
    context = {"who": who, "team": one_line(invitation.team.name), "until": invitation.expires_at, "link": link}
    context["about"] = one_line(content.get("about", ""))  # the release before has queued mails without them
    context["words"] = content.get("words", "")
    yield message("invitation", invitation.email, context)


def _full_address(inviter: User) -> str:
    return f"{one_line(inviter.name)} ({inviter.email})" if inviter.name else inviter.email


def welcome(team: Team, email: str) -> None:
    """Tells somebody that they are in a team now. In the caller's transaction."""
    outgoing_mail.queue("welcome", team=team.pk, email=email)


def welcome_messages(content: dict[str, Any]) -> Iterable[EmailMessage]:
    team = Team.objects.filter(pk=content["team"]).first()
    if team is None or not settings.LINKS_KNOWN:
        return
    sign_in, reset = (links.absolute(f"/accounts/{page}/") for page in ("login", "password/reset"))
    context = {"team": one_line(team.name), "email": content["email"], "sign_in": sign_in, "reset": reset}
    yield message("welcome", content["email"], context)


def message(kind: str, email: str, context: dict[str, Any]) -> EmailMessage:
    """From `accounts/mail/<kind>_subject.txt`, of which one line is made, and `accounts/mail/<kind>.txt`."""
    context = {**context, "site": links.site().name}
    subject = one_line(render_to_string(f"accounts/mail/{kind}_subject.txt", context))
    return EmailMessage(subject, render_to_string(f"accounts/mail/{kind}.txt", context), to=[email])


def forget_old() -> int:
    """Mails of more than a day ago, and invitations that have been over for ACCOUNT_DELETION_GRACE: the audit record
    keeps what was done. Returns how many rows.
    """
    now = timezone.now()
    mails = InvitationMail.objects.filter(at__lte=now - DAY).delete()[0]
    over = Invitation.objects.filter(expires_at__lte=now - settings.ACCOUNT_DELETION_GRACE)
    return mails + over.delete()[0]


def _require_fewer(mails: "QuerySet[InvitationMail]", limit: int, whose: str, now: datetime) -> None:
    times = list(mails.order_by("-at").values_list("at", flat=True)[:limit])
    if len(times) >= limit:
        wait = times[-1] + DAY - now
        raise TooManyInvitations(whose=whose, limit=limit, retry_after=max(1, ceil(wait.total_seconds())))


def _had_enough(invitation: Invitation, mail_id: int) -> bool:
    """Counted over all teams, by who was first. That is why it is not said to who invites: it would tell of others."""
    earlier = Q(address=_address(invitation.email), at__gt=timezone.now() - DAY, pk__lt=mail_id)
    enough = InvitationMail.objects.filter(earlier).count() >= MAILS_TO_ADDRESS_OF_ALL
    if enough:
        logger.warning("An invitation was not mailed: its address has had %d today.", MAILS_TO_ADDRESS_OF_ALL)
    return enough


def one_line(text: str) -> str:
    """What people have typed goes into one line: nobody writes a mail of ours by a name with line breaks."""
    return " ".join(text.split())


def _address(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()
