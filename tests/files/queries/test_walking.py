"""files.queries.walking: as much of a path as there is, through a mount in the actor's own home."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.models import Grant, Space
from files.queries.tree import get_space
from files.queries.walking import walk, way_to
from tests.support.mounts import let_in, mount_of, mounted_space
from tests.support.people import actor_of, make_member
from tests.support.trees import put


@pytest.fixture
def space(actor: Actor) -> Space:
    made = mounted_space(actor)
    put(actor, "docs/a.txt", b"hello", space_id=made.pk)
    return made


def test_as_much_as_there_is(actor: Actor, user: User, space: Space) -> None:
    home = get_space(actor, None)
    names = ["Plans", "docs", "a.txt", "below"]
    assert [node.pk for node in walk(home, names)] == [home.root_id], "it ends before the mount"
    way = way_to(actor, home, names)
    assert (len(way), way.mounted, way.closed, way.end_space) == (4, 1, False, space)
    assert [way.place(index).path for index in range(len(way))] == ["/", "/Plans", "/Plans/docs", "/Plans/docs/a.txt"]
    assert (way.place(1).node, way.place(1).is_mount) == (mount_of(user, space), True)
    assert way.place(-1).space == space


def test_from_a_folder_on(actor: Actor, space: Space, django_assert_num_queries: Any) -> None:
    base = way_to(actor, space, ["docs"]).place(-1)
    with django_assert_num_queries(1):
        way = way_to(actor, space, ["a.txt"], start_id=base.node.pk, above=base.ancestors)
    assert [step.name for step in way.place(-1).ancestors] == ["", "docs"]


def test_a_mount_whose_access_has_ended_closes_the_way(actor: Actor, user: User) -> None:
    member = make_member(user)
    closed = mounted_space(actor, "Closed", is_open=False)
    let_in(actor, closed, member)
    them = actor_of(member)
    home = get_space(them, None)
    assert not way_to(them, home, ["Closed"]).closed
    Grant.objects.filter(user=member).delete()
    way = way_to(them, home, ["Closed", "x"])
    assert (len(way), way.closed, way.end_space) == (1, True, home)
