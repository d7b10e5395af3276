"""files.journal_follower: a tiny second follower hears of every change once, whatever happens on the way."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.actor import Actor
from common.clock import now
from files import journal_follower
from files.actions.create_folder import create_folder
from files.actions.spaces import create_team_space
from files.journal_follower import Batch, Follower, followers
from files.models import Change, FollowerPosition, Space
from files.queries.target import Target
from search.indexing.following import INDEX
from search.models import SearchCursor
from tests.support.trees import put

Line = tuple[str, str]


class Herald(Follower):
    """Sends a message for each change, and counts in the database those that it has announced."""

    name = "herald"

    def __init__(self) -> None:
        self.sent: list[Line] = []
        self.stored: list[Line] = []
        self.fails_at: set[str] = set()

    def prepare(self, batch: Batch) -> None:
        self.sent += told(batch.changes)

    def apply(self, batch: Batch) -> None:
        if self.fails_at & {path for _, path in told(batch.changes)}:
            raise RuntimeError("the herald fell off his horse")
        self.stored += told(batch.changes)


class Historian(Herald):
    """Wants everything that ever happened."""

    name = "historian"

    def first_seq(self, space: Space) -> int:
        return 0


HERALD = Herald()


def told(changes: Sequence[Change]) -> list[Line]:
    return [(change.kind, change.after_path or change.before_path) for change in changes]


def home_of(actor: Actor) -> Space:
    return Space.objects.get(owner_id=actor.user_id)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_follower, "PAUSE", 0)
    monkeypatch.setattr(journal_follower, "PAUSE_WHEN_BUSY", 0)


def test_from_now_on_each_change_once_and_in_order(actor: Actor, pool: object) -> None:
    put(actor, "before.txt")
    herald = Herald()
    assert herald.follow_all(seconds=60).finished
    assert herald.sent == []
    put(actor, "a.txt")
    create_folder(actor, target=Target("b"))
    put(actor, "b/c.txt")
    followed = herald.follow_all(seconds=60)
    assert (followed.count, followed.finished) == (3, True)
    assert herald.sent == herald.stored == [("create", "/a.txt"), ("create", "/b"), ("create", "/b/c.txt")]
    assert herald.follow_all(seconds=60).count == 0
    assert herald.spaces_behind() == []
    position = FollowerPosition.objects.get(name="herald", space_id=home_of(actor).pk)
    assert position.seq == position.settled == home_of(actor).seq


def test_from_the_beginning(actor: Actor, pool: object) -> None:
    put(actor, "before.txt")
    historian = Historian()
    historian.follow_all(seconds=60)
    assert historian.sent == [("create", "/before.txt")]


def test_in_batches_that_can_be_interrupted(actor: Actor, pool: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_follower, "BATCH", 2)
    herald = Herald()
    herald.follow_all(seconds=60)
    for number in range(5):
        put(actor, f"{number}.txt")
    assert not herald.follow(home_of(actor).pk, deadline=0).finished
    assert [path for _, path in herald.sent] == ["/0.txt", "/1.txt"]
    another_process = Herald()
    another_process.follow_all(seconds=60)
    assert [path for _, path in another_process.sent] == ["/2.txt", "/3.txt", "/4.txt"]


def test_at_least_once_and_stored_once(actor: Actor, pool: object) -> None:
    """What left the database before the crash leaves it again; what is stored is there with its position or not."""
    herald = Herald()
    herald.follow_all(seconds=60)
    put(actor, "a.txt")
    herald.fails_at = {"/a.txt"}
    with pytest.raises(RuntimeError):
        herald.follow_all(seconds=60)
    assert herald.spaces_behind() == [home_of(actor).pk]
    herald.fails_at = set()
    herald.follow_all(seconds=60)
    assert herald.sent == [("create", "/a.txt")] * 2
    assert herald.stored == [("create", "/a.txt")]


def test_two_workers_at_once_store_it_once(actor: Actor, pool: object) -> None:
    slow, quick = Herald(), Herald()
    slow.follow_all(seconds=60)
    put(actor, "a.txt")
    space_id = home_of(actor).pk
    send = slow.prepare

    def prepare(batch: Batch) -> None:
        send(batch)
        assert quick.step(space_id) == 1

    slow.prepare = prepare  # type: ignore[method-assign]
    assert slow.step(space_id) is None
    assert (slow.stored, quick.stored) == ([], [("create", "/a.txt")])


def test_a_space_that_fails_does_not_hold_up_the_others(actor: Actor, pool: object) -> None:
    team = create_team_space(actor, name="Team")
    herald = Herald()
    herald.follow_all(seconds=60)
    put(actor, "bad.txt")
    put(actor, "good.txt", space_id=team.pk)
    herald.fails_at = {"/bad.txt"}
    with pytest.raises(RuntimeError):
        herald.follow_all(seconds=60)
    assert herald.stored == [("create", "/good.txt")]


def test_followers_do_not_know_of_each_other(actor: Actor, pool: object) -> None:
    herald, historian = Herald(), Historian()
    herald.follow_all(seconds=60)
    put(actor, "a.txt")
    assert INDEX.follow_all(seconds=60).finished
    assert SearchCursor.objects.get(pk=home_of(actor).pk).seq == home_of(actor).seq
    assert herald.sent == historian.sent == []
    historian.follow_all(seconds=60)
    herald.follow_all(seconds=60)
    assert herald.sent == historian.sent == [("create", "/a.txt")]
    assert FollowerPosition.objects.filter(space_id=home_of(actor).pk).count() == 2


def test_lag(actor: Actor, pool: object) -> None:
    herald = Herald()
    herald.follow_all(seconds=60)
    assert (herald.lag().spaces, herald.lag().oldest) == (0, None)
    put(actor, "a.txt")
    put(actor, "b.txt")
    first = Change.objects.get(after_path="/a.txt")
    assert (herald.lag().spaces, herald.lag().oldest) == (1, first.at)


def test_metrics_tell_how_far_each_is(actor: Actor, pool: object, settings: Settings) -> None:
    from dropbox_clone.metrics.state_questions import jobs

    assert followers() == [INDEX]
    settings.JOURNAL_FOLLOWERS = [*settings.JOURNAL_FOLLOWERS, f"{__name__}.HERALD"]
    HERALD.follow_all(seconds=60)
    put(actor, "a.txt")
    waiting = {sample.labels["kind"]: sample.value for sample in jobs()[0].samples}
    assert waiting["herald"] == 1
    assert waiting["index"] >= 1


def test_a_task_runs_once_at_a_time(actor: Actor, pool: object) -> None:
    herald = Herald()
    herald.run(seconds=60)
    put(actor, "a.txt")
    cache.set("following:herald", 1)
    assert herald.run(seconds=60) == 0
    cache.delete("following:herald")
    assert herald.run(seconds=60) == 1
    assert cache.get("following:herald") is None


def test_a_busy_space_waits(actor: Actor, pool: object, monkeypatch: pytest.MonkeyPatch) -> None:
    herald = Herald()
    herald.follow_all(seconds=60)
    start = now()
    put(actor, "a.txt")
    monkeypatch.setattr(journal_follower, "now", lambda: start)
    assert herald.run(seconds=60, only_calm=True) == 0
    monkeypatch.setattr(journal_follower, "now", lambda: start + timedelta(minutes=1))
    assert herald.run(seconds=60, only_calm=True) == 1


def test_nothing_to_do_costs_two_queries(actor: Actor, pool: object) -> None:
    herald = Herald()
    herald.follow_all(seconds=60)
    with CaptureQueriesContext(connection) as queries:
        assert herald.follow_all(seconds=60).count == 0
    assert len(queries) == 2


def test_a_follower_without_hooks_only_moves_on(actor: Actor, pool: object) -> None:
    class Silent(Follower):
        name = "silent"

    silent: Any = Silent()
    silent.follow_all(seconds=60)
    put(actor, "a.txt")
    assert silent.follow_all(seconds=60).count == 1
    assert home_of(actor).seq == FollowerPosition.objects.get(name="silent").seq
