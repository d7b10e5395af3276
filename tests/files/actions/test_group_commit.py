"""files.actions.group_commit: small files of one moment share an object and a transaction, and nothing else."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from files import errors
from files.actions import group_commit
from files.actions.write_file import Mode, WriteOptions, Written
from files.models import Blob
from tests.support.people import actor_of, make_user
from tests.support.threads import at_once
from tests.support.trees import bytes_at, journal_of, ledger, put

pytestmark = pytest.mark.django_db(transaction=True)


class Together:
    """Runs acts so that all of them stand in the queue before the first one, which leads, takes its batch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.batches: list[int] = []
        self._come, self._leader = threading.Semaphore(0), threading.Event()
        self._enter, self._write = group_commit._queue.enter, group_commit._write
        self._lock, self._acts = threading.Lock(), 0
        monkeypatch.setattr(group_commit._queue, "enter", self._entering)
        monkeypatch.setattr(group_commit, "_write", self._writing)

    def __call__(self, *acts: Callable[[], Any]) -> list[Any]:
        self._acts = len(acts)
        results = at_once(*acts, expected=Exception)
        assert group_commit._queue.waiting == {}
        return results

    def _entering(self, writing: group_commit.Writing) -> bool:
        leads = self._enter(writing)
        with self._lock:
            first = leads and not self._leader.is_set()
            self._leader.set()
        self._come.release()
        for _ in range(self._acts if first else 0):
            assert self._come.acquire(timeout=20)
        return leads

    def _writing(self, batch: list[group_commit.Writing]) -> None:
        self.batches.append(len(batch))
        self._write(batch)


@pytest.fixture
def prepared(actor: Actor) -> Written:
    return put(actor, "taken")


@pytest.fixture
def together(prepared: Written, monkeypatch: pytest.MonkeyPatch) -> Together:
    return Together(monkeypatch)


def test_one_object_and_an_outcome_for_each(user: User, actor: Actor, together: Together) -> None:
    objects = Blob.objects.count()
    acts: list[Callable[[], Any]] = [lambda n=n: put(actor, f"f/{n}", b"%d" % n) for n in range(5)]  # type: ignore[misc]
    acts.append(lambda: put(actor, "taken", b"x", WriteOptions(Mode.CREATE)))
    results = together(*acts)
    assert together.batches == [6]
    assert [type(result) for result in results] == [Written] * 5 + [errors.NameTaken]
    assert [bytes_at(actor, f"f/{n}") for n in range(5)] == [b"%d" % n for n in range(5)]
    assert ledger(user) == Charge(live=10)
    assert len(set(Blob.objects.values_list("key", flat=True))) == objects + 1
    assert len(journal_of(actor)) == 1 + 1 + 5


def test_two_of_one_place_are_two_versions(user: User, actor: Actor, together: Together) -> None:
    results = together(lambda: put(actor, "a", b"one"), lambda: put(actor, "a", b"two"))
    assert sorted(result.created for result in results) == [False, True]
    assert ledger(user) == Charge(live=5 + 3, versions=3)


def test_a_full_quota_refuses_only_what_does_not_fit(user: User, actor: Actor, together: Together) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=10)
    acts: list[Callable[[], Any]] = [lambda n=n: put(actor, str(n), b"%d%d" % (n, n)) for n in range(4)]  # type: ignore[misc]
    results = together(*acts)
    assert sum(isinstance(result, QuotaExceeded) for result in results) == 2
    assert sum(isinstance(result, Written) for result in results) == 2
    assert ledger(user) == Charge(live=9)


def test_everybody_writes_alone_when_it_cannot_be_done_together(
    user: User, actor: Actor, together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> Any:
        raise errors.StorageUnavailable

    monkeypatch.setattr(group_commit, "store_pack", broken)
    acts: list[Callable[[], Any]] = [lambda n=n: put(actor, str(n), b"%d" % n) for n in range(4)]  # type: ignore[misc]
    assert [type(result) for result in together(*acts)] == [Written] * 4
    assert ledger(user) == Charge(live=9)


def test_only_of_one_person_and_space() -> None:
    queue, ada, eve = group_commit._Queue(), actor_of(make_user()), actor_of(make_user())

    def leads(actor: Actor, space_id: int) -> bool:
        return queue.enter(group_commit.Writing(actor, space_id, ["a"], WriteOptions(), None))  # type: ignore[arg-type]

    assert [leads(ada, 1), leads(eve, 1), leads(ada, 2), leads(ada, 1)] == [True, True, True, False]
