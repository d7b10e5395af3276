"""files.queries.walking: how far a path leads, and through which mount."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.queries.walking import walk, way_to
from tests.support.mounts import mount_of, mounted_space
from tests.support.people import SYSTEM
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def test_as_far_as_it_goes(actor: Actor, user: User, django_assert_num_queries: Any) -> None:
    put(actor, "a/b.txt")
    home = home_of(user)
    with django_assert_num_queries(1):
        way = way_to(actor, home, ["a", "b.txt"])
    assert [node.name for node in way.nodes] == ["", "a", "b.txt"]
    assert [node.pk for node in walk(home, ["a", "b.txt", "no"])] == [node.pk for node in way.nodes]
    assert (len(way_to(actor, home, ["no", "b.txt"])), way.end_space.pk) == (1, home.pk)
    assert way.place(-1).path == "/a/b.txt"


def test_through_a_mount_for_its_owner_alone(actor: Actor, user: User) -> None:
    space = mounted_space(actor)
    put(actor, "docs/a.txt", space_id=space.pk)
    home = home_of(user)
    way = way_to(actor, home, ["Plans", "docs", "a.txt"])
    assert (way.mounted, len(way), way.end_space.pk, way.closed) == (1, 4, space.pk, False)
    assert [way.place(index).path for index in range(4)] == ["/", "/Plans", "/Plans/docs", "/Plans/docs/a.txt"]
    assert way.place(1).node.pk == mount_of(user, space).pk
    other = way_to(SYSTEM, home, ["Plans", "docs"])
    assert (len(other), other.closed, other.end_space.pk) == (1, True, home.pk)
    assert len(walk(home, ["Plans", "docs"])) == 1
