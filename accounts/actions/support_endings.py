"""What ends that an administrator acts as a person: any of those concerned at once, a sign-out, and the clock."""

import logging

from django.db.models import Q
from django.utils import timezone

from accounts.actor import ADMIN, Actor
from accounts.errors import NotAllowed
from accounts.models import SupportAccess, SupportEnd
from accounts.models.support import OPEN
from accounts.permissions import require_administrator, require_scope
from accounts.queries import support_access_of
from accounts.support import is_signed_in, right_holds, state_of, whole
from accounts.support_acts import close, end_by, locks_of
from accounts.unit_of_work import unit_of_work

logger = logging.getLogger(__name__)
AT_ONCE = 500  # of one run of the job


def end_support(actor: Actor, *, access_id: int) -> SupportAccess:
    """For the person, the administrator who asked, and owners of the team: what is asked for is refused or withdrawn,
    what runs ends at once, with all that is under way. Of what is over nothing changes.

    Raises SupportNotFound, NotAllowed, ScopeMissing, SupportNotAllowed.
    """
    require_scope(actor, ADMIN)
    found = support_access_of(actor, access_id)
    with unit_of_work(actor, *locks_of(actor, found)) as actor:
        access = whole().get(pk=found.pk)
        end = end_by(actor, access)
        if end is None:
            raise NotAllowed
        if access.ended_at is None:
            close(actor, access, end)
    return access


def end_signed_out_support(actor: Actor, *, access_id: int) -> None:
    """The session is about to end in which `actor` was somebody else. `actor` is who signs out, without any right."""
    found = whole().filter(OPEN, pk=access_id, by_id=actor.user_id, started_at__isnull=False).first()
    if found is None:
        return
    with unit_of_work(actor, *locks_of(actor, found)) as actor:
        access = whole().get(pk=found.pk)
        if access.ended_at is None:
            close(actor, access, SupportEnd.SIGN_OUT)


def end_lapsed_support(actor: Actor) -> int:
    """For the job: what ended by itself gets its end in the record, and those concerned are told. Returns how many."""
    require_administrator(actor)
    due = Q(started_at__isnull=False) | Q(expires_at__lte=timezone.now())
    ended = 0
    for found in whole().filter(OPEN, due).order_by("pk")[:AT_ONCE]:
        if _lapsed(found) is None:
            continue
        try:
            ended += _end_lapsed(actor, found)
        except Exception:  # one that fails holds up no other
            logger.exception("support access %d was not ended; it is tried again", found.pk)
    return ended


def _end_lapsed(actor: Actor, found: SupportAccess) -> int:
    with unit_of_work(actor, *locks_of(actor, found)) as actor:
        access = whole().get(pk=found.pk)
        end = _lapsed(access)
        if end is None:
            return 0
        close(actor, access, end)
    return 1


def _lapsed(access: SupportAccess) -> SupportEnd | None:
    """Why it cannot go on; None while it can, or when it has an end."""
    if access.ended_at is not None:
        return None
    if access.started_at is None:
        return SupportEnd.UNUSED if state_of(access) == "over" else None
    if state_of(access) == "over":
        return SupportEnd.TIME
    if not right_holds(access):
        return SupportEnd.RIGHT_LOST
    return None if is_signed_in(access) else SupportEnd.SIGN_OUT
