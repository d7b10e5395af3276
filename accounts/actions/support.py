"""Asking to act as a person, agreeing to it, and beginning it. What ends it is in support_endings.py."""

from datetime import timedelta
from math import ceil

from django.utils import timezone

from accounts import support
from accounts.actor import ADMIN, Actor
from accounts.errors import (
    InvalidName,
    InvalidSupportRequest,
    NotAllowed,
    SupportNeedsSession,
    SupportNotAllowed,
    SupportNotNow,
    SupportOpen,
    SupportRunning,
    TooManySupportRequests,
)
from accounts.models import SupportAccess, SupportConsent, SupportEnd
from accounts.models.support import OPEN
from accounts.names import clean_name
from accounts.permissions import require_recent_proof, require_scope
from accounts.policies import policy_for
from accounts.queries import member_of, own_id, support_access_of
from accounts.support import may_support, state_of, whole
from accounts.support_acts import close, consent_of, locks_of, record_support
from accounts.support_mails import tell
from accounts.tokens import epoch_of
from accounts.unit_of_work import changing_person, unit_of_work


def request_support(actor: Actor, *, user_id: int, reason: str, minutes: int, may_write: bool = False) -> SupportAccess:
    """Asks to act as a person for so many minutes, to look only or (`may_write`) to change files too. For
    administrators of the installation, and owners and administrators of the person's team, who have no less than the
    person. The person and those who may agree are told.

    Raises InvalidSupportRequest, SupportOpen, TooManySupportRequests, AccountNotFound, NotAllowed, ScopeMissing,
    SupportNotAllowed.
    """
    require_scope(actor, ADMIN)
    reason = _clean(reason, minutes)
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        member = member_of(actor, user_id)
        asking = member_of(actor, own_id(actor)).user
        if not may_support(asking, member.user):
            raise NotAllowed
        _require_room(actor, user_id)
        now = timezone.now()
        access = SupportAccess.objects.create(
            person_id=user_id,
            by_id=asking.pk,
            team_id=member.team_id,
            reason=reason,
            minutes=minutes,
            may_write=may_write,
            requested_at=now,
            expires_at=now + support.ANSWERED_WITHIN,
        )
        record_support(actor, "support.request", access, reason=reason, minutes=minutes, may_write=may_write)
        tell("request", access)
    return access


def consent_to_support(actor: Actor, *, access_id: int, may_write: bool = False) -> SupportAccess:
    """For the person, another owner of their team, and, where a policy of the team says that two administrators decide,
    a second one of them who may act as the person too. Never for who asks. Files may be changed only where that was
    asked for and is agreed to.

    Raises SupportNotFound, SupportNotNow, NotAllowed, ScopeMissing, ReauthenticationRequired, SupportNotAllowed.
    """
    require_scope(actor, ADMIN)
    require_recent_proof(actor)
    found = support_access_of(actor, access_id)
    with unit_of_work(actor, *locks_of(actor, found)) as actor:
        access = whole().get(pk=found.pk)
        _require_state(access, "asked")
        consent = consent_of(actor, access)
        if consent is None or not may_support(access.by, access.person) or not _is_in_its_team(access):
            raise NotAllowed
        access.consent, access.consented_by_id, access.consented_at = consent, actor.user_id, timezone.now()
        access.expires_at = access.consented_at + support.BEGUN_WITHIN
        access.may_write = access.may_write and may_write
        access.save(update_fields=["consent", "consented_by", "consented_at", "expires_at", "may_write"])
        record_support(actor, "support.consent", access, consent=str(consent), may_write=access.may_write)
        tell("consent", access)
    return access


def start_support(actor: Actor, *, access_id: int) -> SupportAccess:
    """From here on the session that `actor` shows is that of both (accounts.support.SESSION_KEY): once, and for as many
    minutes as were asked for. For who has asked, with a recent proof of who they are.

    Raises SupportNotFound, SupportNotNow, SupportNeedsSession, SupportRunning, NotAllowed, ScopeMissing,
    ReauthenticationRequired, SupportNotAllowed (in somebody else's place already).
    """
    require_scope(actor, ADMIN)
    if actor.support is not None:
        raise SupportNotAllowed
    if actor.session_key is None or actor.token_id is not None:
        raise SupportNeedsSession
    require_recent_proof(actor)
    found = support_access_of(actor, access_id)
    with unit_of_work(actor, *locks_of(actor, found)) as actor:
        access = whole().get(pk=found.pk)
        if access.by_id != actor.user_id:
            raise NotAllowed
        _require_state(access, "consented")
        if not may_support(access.by, access.person) or not _is_in_its_team(access) or not _still_agreed(access):
            raise NotAllowed
        session = support.digest_of_session(actor.session_key or "")
        if SupportAccess.objects.filter(OPEN, session=session, ends_at__gt=timezone.now()).exists():
            raise SupportRunning
        access.started_at = timezone.now()
        access.ends_at = access.started_at + timedelta(minutes=access.minutes)
        access.session = session
        access.epoch = epoch_of(access.person.session_epoch, access.person.password)
        access.by_epoch = actor.epoch or ""
        access.save(update_fields=["started_at", "ends_at", "session", "epoch", "by_epoch"])
        record_support(actor, "support.start", access, ends_at=access.ends_at.isoformat(), may_write=access.may_write)
        tell("start", access)
    return access


def note_support_seen(actor: Actor, *, access_id: int) -> None:
    """The person has read that an administrator was them: their pages tell of it no more. Raises SupportNotFound,
    SupportNotNow (it goes on), NotAllowed, ScopeMissing.
    """
    require_scope(actor, ADMIN)
    found = support_access_of(actor, access_id)
    with unit_of_work(actor, *locks_of(actor, found)) as actor:
        access = whole().get(pk=found.pk)
        if access.person_id != actor.user_id:
            raise NotAllowed
        if access.ended_at is None:
            raise SupportNotNow(state=state_of(access))
        if access.seen_at is None:
            access.seen_at = timezone.now()
            access.save(update_fields=["seen_at"])
            record_support(actor, "support.seen", access)


def _clean(reason: str, minutes: int) -> str:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not support.SHORTEST <= minutes <= support.LONGEST:
        raise InvalidSupportRequest(parameter="minutes")
    try:
        return clean_name(" ".join(reason.split()), maximum=support.LONGEST_REASON)
    except InvalidName as error:
        raise InvalidSupportRequest(parameter="reason") from error


def _require_room(actor: Actor, user_id: int) -> None:
    """Under the locks of both. Raises SupportOpen, TooManySupportRequests."""
    now = timezone.now()
    mine = SupportAccess.objects.filter(by_id=actor.user_id)
    for access in whole().filter(OPEN, by_id=actor.user_id, person_id=user_id):
        if state_of(access) != "over":
            raise SupportOpen(access=str(access.pk))
        close(actor, access, SupportEnd.UNUSED if access.started_at is None else SupportEnd.TIME)
    is_open = mine.filter(OPEN).count()
    if is_open >= support.OPEN_AT_ONCE:
        raise TooManySupportRequests(whose="administrator", open=is_open, limit=support.OPEN_AT_ONCE)
    for whose, rows, limit in (
        ("administrator", mine, support.ASKED_IN_A_DAY),
        ("person", SupportAccess.objects.filter(person_id=user_id), support.ASKED_ABOUT_IN_A_DAY),
    ):
        times = rows.filter(requested_at__gt=now - support.DAY).order_by("-requested_at")
        latest = list(times.values_list("requested_at", flat=True)[:limit])
        if len(latest) >= limit:
            seconds = max(1, ceil((latest[-1] + support.DAY - now).total_seconds()))
            raise TooManySupportRequests(whose=whose, limit=limit, retry_after=seconds)


def _require_state(access: SupportAccess, state: str) -> None:
    if state_of(access) != state:
        raise SupportNotNow(state=state_of(access))


def _is_in_its_team(access: SupportAccess) -> bool:
    return access.person.membership.team_id == access.team_id


def _still_agreed(access: SupportAccess) -> bool:
    """A second administrator's consent is worth as much as the policy that asks for it."""
    return access.consent != SupportConsent.SECOND_ADMIN or policy_for(access.team_id).support_by_two_admins
