"""files.queries.locks: which locks cover what, and whom they stand against."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.actions.lock import LockOptions, lock_node
from files.actions.spaces import create_team_space
from files.models import LockScope, NodeLock
from files.queries.locks import (
    NONE,
    Locks,
    are_there,
    in_the_way,
    is_held,
    lock_on,
    locked_by,
    locked_children,
    locks_of,
    path_of,
    refuse,
    refuse_write,
)
from files.queries.tree import LocatedNode, get_space, locate_path
from tests.support.people import actor_of, make_member
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
SHARED = LockScope.SHARED


def lock(actor: Actor, path: str, space_id: int | None = None, **options: Any) -> NodeLock:
    return lock_node(actor, node_id=at(actor, path, space_id).node.pk, options=LockOptions(**options))


def at(actor: Actor, path: str, space_id: int | None = None) -> LocatedNode:
    return locate_path(actor, path, space_id=space_id)


def holding(actor: Actor, *locks: NodeLock) -> Actor:
    return replace(actor, lock_tokens=frozenset(lock.token for lock in locks))


def test_a_space_without_locks_costs_no_query(user: User, actor: Actor, django_assert_num_queries: Any) -> None:
    put(actor, "a")
    place = at(actor, "a")
    with django_assert_num_queries(0):
        assert (locks_of(place.space), lock_on(place), locked_children(place)) == (NONE, None, {})
        assert not NONE.covering(place.node.pk, place.ancestor_ids)
    first = lock(actor, "a", timeout=timedelta(minutes=5))
    space = home_of(user)
    with django_assert_num_queries(1):
        assert locks_of(space).of(place.node.pk) == [first]
    with django_assert_num_queries(0):
        assert not locks_of(space, first.expires_at)
        assert not are_there(space, first.expires_at)
        assert are_there(space, first.expires_at - timedelta(microseconds=1))


def test_what_has_expired_is_no_lock_while_another_holds(user: User, actor: Actor) -> None:
    put(actor, "a")
    put(actor, "b")
    short = lock(actor, "a", timeout=timedelta(minutes=1))
    long = lock(actor, "b", timeout=timedelta(minutes=9))
    space = home_of(user)
    assert set(locks_of(space, short.expires_at - timedelta(seconds=1)).by_node) == {short.node_id, long.node_id}
    assert set(locks_of(space, short.expires_at).by_node) == {long.node_id}


def test_deep_ones_cover_what_is_below_and_others_do_not(actor: Actor) -> None:
    put(actor, "deep/x/a")
    put(actor, "flat/x/a")
    deep, flat = lock(actor, "deep", is_deep=True), lock(actor, "flat")
    locks = locks_of(get_space(actor, None))
    for path, expected in (
        ("deep", [deep]), ("deep/x", [deep]), ("deep/x/a", [deep]), ("flat", [flat]), ("flat/x", []), ("", []),
    ):  # fmt: skip
        place = at(actor, path)
        assert locks.covering(place.node.pk, place.ancestor_ids) == expected, path
        assert lock_on(place) == (expected[0] if expected else None), path
    assert locked_children(at(actor, "")) == {deep.node_id: deep, flat.node_id: flat}


def test_held_with_the_token_and_by_the_person(user: User, actor: Actor) -> None:
    colleague = actor_of(make_member(user))
    space = create_team_space(actor, name="team").pk
    put(actor, "a", space_id=space)
    mine, theirs = (lock(person, "a", space, scope=SHARED) for person in (actor, colleague))
    covering = locks_of(get_space(actor, space)).of(mine.node_id)
    assert list(covering) == [mine, theirs]
    assert is_held(mine, holding(actor, mine))
    assert not is_held(mine, actor)
    assert not is_held(mine, holding(colleague, mine))
    assert in_the_way(covering, holding(colleague, theirs)) is None  # one of several is enough
    assert in_the_way(covering, holding(colleague, mine)) == mine
    assert in_the_way([], actor) is None
    refuse(actor, None)


def test_what_is_told_of_a_lock_in_the_way(user: User, actor: Actor) -> None:
    put(actor, "d/a")
    of_file, of_root = lock(actor, "d/a"), lock(actor, "")
    assert (path_of(actor, of_file), path_of(actor, of_root)) == ("/d/a", "/")
    User.objects.filter(pk=user.pk).update(name="")
    assert locked_by(actor, of_file, "/d/a").detail == {
        "path": "/d/a", "holder": "ada@example.com", "expires_at": of_file.expires_at.isoformat(),
    }  # fmt: skip
    User.objects.filter(pk=user.pk).update(name="Ada")
    with pytest.raises(errors.Locked) as refused:
        refuse(actor, of_root)
    assert refused.value.detail["holder"] == "Ada"


def test_writing_meets_the_file_or_the_list_of_members(actor: Actor) -> None:
    put(actor, "d/a")
    put(actor, "d/b")
    place = at(actor, "d/a")
    chain, other = place.ancestor_ids, at(actor, "d/b").node.pk
    of_file = lock(actor, "d/a")
    locks = locks_of(get_space(actor, None))
    with pytest.raises(errors.Locked):
        refuse_write(actor, locks, chain, place.node.pk)
    for existing in (other, None):
        refuse_write(actor, locks, chain, existing)
    refuse_write(holding(actor, of_file), locks, chain, place.node.pk)
    of_file.delete()
    lock(actor, "d")
    locks = locks_of(get_space(actor, None))
    refuse_write(actor, locks, chain, place.node.pk)
    with pytest.raises(errors.Locked):
        refuse_write(actor, locks, chain, None)
    refuse_write(actor, Locks(), chain, None)
