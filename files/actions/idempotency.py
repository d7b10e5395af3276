"""Requests that may be sent again: who claims a key runs, who comes later gets the same answer.

A claim and its answer are short transactions of their own: a process that dies in between leaves a claim, which
can be taken over after STALE.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.errors import LimitReached
from accounts.unit_of_work import unit_of_work
from common.clock import now
from files import errors
from files.models import IdempotencyKey

KEPT = timedelta(hours=24)
STALE = timedelta(minutes=2)
MAXIMUM_KEY = 255
MAXIMUM_BODY = 2 * 1024 * 1024  # characters; what is longer is not kept, and its key is free again


@dataclass(frozen=True, slots=True)
class Answer:
    """The kept response: status, headers, body."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run the request once."""

    row_id: int


def claim(actor: Actor, *, key: str, fingerprint: str) -> Claim | Answer:
    """The right to run, or what was answered before, to be told only to who may do such a thing now.

    Raises IdempotencyConflict for another request under the same key, Busy while the first one runs, LimitReached.
    """
    if not 0 < len(key) <= MAXIMUM_KEY or not key.isprintable() or not key.isascii():
        raise errors.InvalidRequest(gettext_lazy("An idempotency key is 1 to 255 printable ASCII characters."))
    user_id = actor.user_id
    if user_id is None:
        raise errors.Forbidden
    try:
        with unit_of_work(actor):
            _forget_old(user_id)
            _require_room(user_id)
            row = IdempotencyKey.objects.create(user_id=user_id, key=key, fingerprint=fingerprint, created_at=now())
        return Claim(row.pk)
    except LimitReached:
        if not IdempotencyKey.objects.filter(user_id=user_id, key=key).exists():
            raise
        return _known(user_id, key, fingerprint)
    except IntegrityError:
        return _known(user_id, key, fingerprint)


def _known(user_id: int, key: str, fingerprint: str) -> Claim | Answer:
    row = IdempotencyKey.objects.filter(user_id=user_id, key=key).first()
    if row is None:  # given up in between
        raise errors.Busy
    if row.fingerprint != fingerprint:
        raise errors.IdempotencyConflict
    if row.status is None:
        raise errors.Busy(gettext_lazy("The first request with this key still runs."))
    return Answer(row.status, row.headers, row.body)


def _forget_old(user_id: int) -> None:
    rows = IdempotencyKey.objects.filter(user_id=user_id)
    rows.filter(created_at__lt=now() - KEPT).delete()
    rows.filter(created_at__lt=now() - STALE, status=None).delete()


def _require_room(user_id: int) -> None:
    """Before the request runs: an answer that is not kept would let it run twice."""
    kept = IdempotencyKey.objects.filter(user_id=user_id).aggregate(count=Count("pk"), size=Sum("size"))
    for held, limit in (
        (kept["count"], settings.ACCOUNT_ANSWERS),
        (kept["size"] or 0, settings.ACCOUNT_ANSWERS_SIZE),
    ):
        if held >= limit:
            raise LimitReached(whose="account", what="answers", limit=limit)


def keep(claimed: Claim, *, answer: Answer) -> None:
    if len(answer.body) > MAXIMUM_BODY:
        return release(claimed)
    IdempotencyKey.objects.filter(pk=claimed.row_id).update(
        status=answer.status, headers=answer.headers, body=answer.body, size=len(answer.body)
    )
    return None


def release(claimed: Claim) -> None:
    """The request may be tried anew."""
    IdempotencyKey.objects.filter(pk=claimed.row_id, status=None).delete()


def forget_expired(*, limit: int = 1_000) -> int:
    """For the background job: removes keys whose time is over. Returns how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=now() - KEPT).values_list("pk", flat=True)[:limit]
    removed, _ = IdempotencyKey.objects.filter(pk__in=list(old)).delete()
    return removed
