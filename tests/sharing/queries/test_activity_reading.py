"""sharing.queries.activity_reading: windows over several journals that leave nothing out."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from common.clock import now
from files.access.compute import SpaceAccess, facts_of
from files.models import Change, Space
from files.queries.tree import root_of
from sharing.models import Happening, HappeningKind
from sharing.queries import activity_reading
from sharing.queries.activity_reading import CHANGE, HAPPENING, Key, Source, Wanted, window
from tests.support.mounts import mounted_space
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def source(actor: Actor, space: Space | None = None) -> Source:
    found, access = root_of(actor, None if space is None else space.pk)
    return Source(found, access, SpaceAccess(actor, facts_of(found)))


def test_older_rows_wait_for_a_journal_with_more_of_them(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_reading, "ROWS", 1)
    monkeypatch.setattr(activity_reading, "LEAST", 3)
    space = mounted_space(actor, "Plans")
    put(actor, "old.txt", space_id=space.pk)
    for number in range(5):
        put(actor, f"{number}.txt")
    sources = [source(actor), source(actor, space)]
    first = window(sources, Wanted(), None)
    assert [row.source for row in first.rows] == [0, 0, 0]  # the old one of the other space would be too early
    assert first.end == first.rows[-1].key
    second = window(sources, Wanted(), first.end)
    rest = [*second.rows]
    while second.end is not None:
        second = window(sources, Wanted(), second.end)
        rest += second.rows
    assert [row.source for row in rest if row.kind == "create"].count(1) == 1
    keys = [row.key for row in [*first.rows, *rest]]
    assert keys == sorted(keys, reverse=True)
    assert len(keys) == Change.objects.filter(space__in=[one.space for one in sources]).count()


def test_of_one_moment_changes_come_before_what_else_happened(actor: Actor) -> None:
    put(actor, "a.txt"), put(actor, "b.txt")
    one = source(actor)
    moment = now()
    Change.objects.update(at=moment)
    for number in range(2):
        Happening.objects.create(
            space=one.space, node_id=1, kind=HappeningKind.READ, reader=f"user:{number}", at=moment
        )
    rows = window([one], Wanted(), None).rows
    assert [row.key.rank for row in rows] == [CHANGE, CHANGE, HAPPENING, HAPPENING]
    for place, row in enumerate(rows):
        assert list(window([one], Wanted(), row.key).rows) == list(rows[place + 1 :])


def test_only_what_is_wanted(actor: Actor) -> None:
    put(actor, "a.txt")
    one = source(actor)
    assert window([one], Wanted(person_id=actor.user_id), None).rows
    assert window([one], Wanted(person_id=10**9), None).rows == []
    assert window([one], Wanted(kinds=frozenset({"trash"})), None).rows == []
    later = Wanted(since=now() + timedelta(hours=1))
    assert (window([one], later, None).rows, window([one], Wanted(until=now() - timedelta(hours=1)), None).rows) == (
        [],
        [],
    )
    assert window([one], Wanted(), Key(now() - timedelta(days=1), CHANGE, 1)).rows == []


def test_of_one_file_the_latest_lines(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_reading, "LINES_OF_FILE", 3)
    for number in range(6):
        node = put(actor, "a.txt", str(number).encode()).node
    space, access = root_of(actor, None)
    one = Source(space, access, SpaceAccess(actor, facts_of(space)), node_id=node.pk)
    assert [row.kind for row in window([one], Wanted(), None).rows] == ["write"] * 3


def test_it_takes_two_queries_for_any_number_of_journals(actor: Actor, django_assert_num_queries: object) -> None:
    sources = [source(actor), *(source(actor, mounted_space(actor, f"Space {number}")) for number in range(4))]
    with django_assert_num_queries(2):  # type: ignore[operator]
        window(sources, Wanted(), None)
