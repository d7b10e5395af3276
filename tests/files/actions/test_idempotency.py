"""files.actions.idempotency: who claims a key runs, who comes later gets the same answer."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files import errors
from files.actions.idempotency import (
    KEPT,
    MAXIMUM_BODY,
    MAXIMUM_KEY,
    STALE,
    Answer,
    Claim,
    claim,
    forget_expired,
    keep,
    release,
)
from files.models import IdempotencyKey
from tests.support.people import SYSTEM, actor_of, make_user

ANSWER = Answer(201, {"ETag": "x"}, "{}")


def claimed(actor: Actor, key: str = "k", fingerprint: str = "f") -> Claim:
    found = claim(actor, key=key, fingerprint=fingerprint)
    assert isinstance(found, Claim)
    return found


def aged(by: timedelta) -> None:
    IdempotencyKey.objects.update(created_at=now() - by)


def test_the_first_answer_is_that_of_all(actor: Actor) -> None:
    keep(claimed(actor), answer=ANSWER)
    assert claim(actor, key="k", fingerprint="f") == ANSWER
    with pytest.raises(errors.IdempotencyConflict):
        claim(actor, key="k", fingerprint="another request")
    claimed(actor_of(make_user()))  # another person's key is another one
    claimed(actor, key="K")


def test_while_the_first_runs_the_others_are_told_so(actor: Actor) -> None:
    first = claimed(actor)
    with pytest.raises(errors.Busy):
        claim(actor, key="k", fingerprint="f")
    release(first)
    second = claimed(actor)
    keep(second, answer=ANSWER)
    release(second)  # answered: it stays
    assert claim(actor, key="k", fingerprint="f") == ANSWER


def test_a_claim_whose_process_died_is_taken_over(actor: Actor) -> None:
    claimed(actor)
    aged(STALE - timedelta(seconds=10))
    with pytest.raises(errors.Busy):
        claim(actor, key="k", fingerprint="f")
    aged(STALE + timedelta(seconds=1))
    keep(claimed(actor), answer=ANSWER)
    aged(STALE + timedelta(seconds=1))
    assert claim(actor, key="k", fingerprint="f") == ANSWER


def test_an_answer_is_kept_for_a_day(actor: Actor) -> None:
    keep(claimed(actor), answer=ANSWER)
    keep(claimed(actor, key="other"), answer=ANSWER)
    aged(KEPT - timedelta(seconds=10))
    assert forget_expired() == 0
    assert claim(actor, key="k", fingerprint="f") == ANSWER
    aged(KEPT + timedelta(seconds=1))
    assert forget_expired(limit=1) == 1
    assert forget_expired() == 1
    claimed(actor)


def test_an_answer_that_is_too_long_to_keep_frees_its_key(actor: Actor) -> None:
    longest = Answer(200, {}, "x" * MAXIMUM_BODY)
    keep(claimed(actor), answer=longest)
    assert claim(actor, key="k", fingerprint="f") == longest
    keep(claimed(actor, key="long"), answer=Answer(200, {}, "x" * (MAXIMUM_BODY + 1)))
    claimed(actor, key="long")


@pytest.mark.parametrize("key", ["", "x" * (MAXIMUM_KEY + 1), "ü", "a\nb", "\x7f"])
def test_what_is_no_key(user: User, actor: Actor, key: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        claim(actor, key=key, fingerprint="f")
    claimed(actor, key="~" * MAXIMUM_KEY)
    with pytest.raises(errors.Forbidden):
        claim(SYSTEM, key="k", fingerprint="f")
