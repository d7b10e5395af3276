"""sharing.queries.reminders: one's own, with where one finds what they are about."""

from datetime import timedelta
from typing import Any

import pytest

from common.clock import now
from files.actions.trash import trash_nodes
from sharing.errors import NotFound
from sharing.models import Reminder
from sharing.queries.reminders import reminder_of, reminders_of, reminders_on
from tests.sharing.team import Team
from tests.support.people import actor_of


def made(team: Team, count: int, path: str = "/Photos/sea.jpg") -> list[int]:
    at, node_id = now() + timedelta(days=1), team.node(path).pk
    return [Reminder.objects.create(user=team.ada, node_id=node_id, at=at).pk for _ in range(count)]


def test_pages_and_one_node_alone(team: Team, django_assert_max_num_queries: Any) -> None:
    ids = made(team, 3) + made(team, 1, "/Photos")
    with django_assert_max_num_queries(8):
        first = reminders_of(team.actor, limit=3)
    rest = reminders_of(team.actor, limit=3, cursor=first.next_cursor)
    assert [one.reminder.pk for page in (first, rest) for one in page.items] == ids[::-1]
    assert rest.next_cursor is None
    assert [one.place.path for one in rest.items if one.place] == ["/Photos/sea.jpg"]
    assert [one.pk for one in reminders_on(team.actor, node_id=team.node().pk)] == ids[3:]
    bob = actor_of(team.bob)
    assert list(reminders_of(bob).items) == reminders_on(bob, node_id=team.node().pk) == []


def test_one(team: Team) -> None:
    (pk,) = made(team, 1)
    assert reminder_of(team.actor, reminder_id=pk).reminder.pk == pk
    trash_nodes(team.actor, node_ids=[team.node().pk])
    assert reminder_of(team.actor, reminder_id=pk).place is None
    for actor, found in ((actor_of(team.bob), pk), (team.actor, 0), (team.actor, 2**63)):
        with pytest.raises(NotFound):
            reminder_of(actor, reminder_id=found)
