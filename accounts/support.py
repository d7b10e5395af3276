"""The rules of support: an administrator acts as a person for a while, and never in silence.

An administrator asks; the person agrees, or another owner of the team, or, where a policy of the team says so, a second
administrator. Then one session of the administrator is theirs and the person's at once: its actor is the person, with
fewer scopes (never `share` or `admin`), and `Actor.support` says who it really is. `request.user` stays the
administrator, so that nothing that belongs to signing in can ever be the person's. Whether it still may be is read
again with every request, act, stream and long poll.
"""

import hashlib
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import READ, WRITE, Actor, SupportSession, principal_of
from accounts.errors import SupportEnded
from accounts.models import Membership, Role, SupportAccess, User
from accounts.tokens import epoch_of

SESSION_KEY = "support"  # in the administrator's session: the id of the access
SHORTEST, LONGEST = 5, 240  # minutes
LONGEST_REASON = 500  # characters
ANSWERED_WITHIN = timedelta(days=3)
BEGUN_WITHIN = timedelta(days=1)  # after the consent
DAY = timedelta(days=1)
ASKED_IN_A_DAY = 20  # by one administrator
ASKED_ABOUT_IN_A_DAY = 10  # about one person
OPEN_AT_ONCE = 10  # of one administrator


def state_of(access: SupportAccess) -> str:
    """asked, consented, running or over; one that waits for the job that ends it is over."""
    now = timezone.now()
    if access.ended_at is not None:
        return "over"
    if access.started_at is not None:
        return "running" if access.ends_at is not None and access.ends_at > now else "over"
    if access.expires_at <= now:
        return "over"
    return "asked" if access.consented_at is None else "consented"


def whole() -> "QuerySet[SupportAccess]":
    """With both people and their memberships, in one query."""
    return SupportAccess.objects.select_related("by__membership", "person__membership")


def may_support(by: User, person: User) -> bool:
    """Whether the one is an administrator who may act as the other: never as oneself, nor as somebody who has more."""
    mine, theirs = _membership_of(by), _membership_of(person)
    if by.pk == person.pk or mine is None or theirs is None or (person.is_superuser and not by.is_superuser):
        return False
    if by.is_staff:
        return True
    if person.is_staff or mine.team_id != theirs.team_id:
        return False
    return mine.role == Role.OWNER or (mine.role == Role.ADMIN and theirs.role != Role.OWNER)


def _membership_of(user: User) -> Membership | None:
    """None for somebody who is not active, or in no team."""
    try:
        return user.membership if user.is_active else None
    except Membership.DoesNotExist:
        return None


def acting_as(access_id: object, by: Actor) -> Actor:
    """The actor of a session of an administrator `by`, who acts as somebody by this access. One query. Raises
    SupportEnded, whatever the reason: whoever meant to act as the other person must not act as themselves instead.
    """
    access = whole().filter(pk=access_id).first() if isinstance(access_id, int) else None
    if access is None or access.ends_at is None or not _holds(access, by):
        raise SupportEnded
    return Actor(
        principal=principal_of(access.person_id),
        team_id=access.team_id,
        role=access.person.membership.role,
        scopes=frozenset({READ, WRITE} if access.may_write else {READ}),
        client=by.client,
        address=by.address,
        epoch=access.epoch,
        session_key=by.session_key,
        proved_recently=False,
        support=SupportSession(access.pk, by, access.ends_at),
    )


def require_running(session: SupportSession) -> None:
    """One query; of the session itself the caller asks. Raises SupportEnded."""
    access = whole().filter(pk=session.access_id).first()
    if access is None or not _holds(access, session.by):
        raise SupportEnded


def _holds(access: SupportAccess, by: Actor) -> bool:
    if state_of(access) != "running" or access.by_id != by.user_id:
        return False
    if by.session_key is None or access.session != digest_of_session(by.session_key):
        return False
    if by.epoch != epoch_of(access.by.session_epoch, access.by.password):
        return False
    return right_holds(access)


def right_holds(access: SupportAccess) -> bool:
    """Whether the administrator still may, and the person is who they were when it began."""
    if not may_support(access.by, access.person) or access.person.membership.team_id != access.team_id:
        return False
    return access.epoch == epoch_of(access.person.session_epoch, access.person.password)


def is_signed_in(access: SupportAccess) -> bool:
    """Whether the password and the sessions of the administrator are those of when it began: `by_epoch`. A session that
    has expired or was ended alone is not known by its digest; what it may ends with it all the same (acting_as).
    """
    return access.by_epoch == epoch_of(access.by.session_epoch, access.by.password)


def digest_of_session(session_key: str) -> str:
    """What stands for a session in the row of an access: no key, and not what the table of sessions has either."""
    return hashlib.sha256(f"support:{session_key}".encode()).hexdigest()
