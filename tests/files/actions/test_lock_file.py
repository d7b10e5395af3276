"""files.actions.lock: files that people lock for themselves, against everybody else and every endpoint."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.administer_account import delete_account
from accounts.actor import Actor, Principal, PrincipalKind
from accounts.models import AuditEvent, User
from common.clock import now
from files import errors
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.copy import copy_node
from files.actions.grants import Subject, set_grant
from files.actions.lock import (
    LONGEST_OF_PERSON,
    LockOptions,
    forget_person,
    lock_file,
    lock_node,
    may_unlock,
    refresh_lock,
    unlock_node,
)
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import LockScope, NodeLock, Space
from files.queries.locks import in_the_way, lock_on
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from tests.files.actions.test_lock import ACTS, FILE, holding, node_id, world
from tests.support.people import SYSTEM, actor_of, make_member, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def take(actor: Actor, node: int, days: int = 1) -> NodeLock:
    return lock_file(actor, node_id=node, until=now() + days * DAY)


@pytest.fixture
def space(actor: Actor) -> Space:
    found = create_team_space(actor, name="team")
    put(actor, "d/a.txt", b"one", space_id=found.pk)
    return found


@pytest.fixture
def bob(user: User) -> Actor:
    return actor_of(make_member(user, email="bob@example.com", name="Bob"))


def in_space(actor: Actor, space: Space, path: str = "d/a.txt") -> int:
    return locate_path(actor, path, space_id=space.pk).node.pk


@pytest.mark.parametrize("name", [name for name, (_, meets) in ACTS.items() if "file" in meets])
def test_every_action_of_its_holder_is_let_in(actor: Actor, name: str) -> None:
    """That it is refused to others is one rule with the locks of programs: see test_lock."""
    world(actor)
    take(actor, node_id(actor, FILE))
    ACTS[name][0](actor)


def test_others_are_refused_whatever_they_hold(actor: Actor, bob: Actor, space: Space) -> None:
    node = in_space(actor, space)
    lock = take(bob, node)
    acts: list[Any] = [
        lambda a: put(a, "d/a.txt", b"two", space_id=space.pk),
        lambda a: rename_node(a, node_id=node, name="b.txt"),
        lambda a: rename_node(a, node_id=in_space(actor, space, "d"), name="e"),
        lambda a: trash_nodes(a, node_ids=[node]),
        lambda a: lock_file(a, node_id=node, until=now() + DAY),
        lambda a: lock_node(a, node_id=node, options=LockOptions(LockScope.SHARED)),
    ]
    for act in acts:
        for other in (actor, holding(actor, lock)):
            with pytest.raises(errors.Locked) as refused:
                act(other)
            assert refused.value.detail["holder"] == "Bob"
    copy_node(actor, node_id=node, target=Target("copy.txt", space_id=space.pk))
    put(actor, "d/c.txt", space_id=space.pk)
    put(bob, "d/a.txt", b"three", space_id=space.pk)
    assert [lock.node_id for lock in NodeLock.objects.all()] == [node]


def test_it_ends_by_itself(actor: Actor, bob: Actor, space: Space) -> None:
    lock = take(bob, in_space(actor, space))
    NodeLock.objects.filter(pk=lock.pk).update(expires_at=now() - timedelta(seconds=1))
    put(actor, "d/a.txt", b"two", space_id=space.pk)
    assert take(actor, lock.node_id).holder_id == actor.user_id


def test_once_more_is_another_end(actor: Actor) -> None:
    put(actor, FILE)
    first = take(actor, node_id(actor, FILE), 3)
    second = take(actor, first.node_id, 1)
    assert (second.pk, second.expires_at < first.expires_at) == (first.pk, True)
    assert Space.objects.get(pk=first.space_id).locked_until == second.expires_at
    assert AuditEvent.objects.filter(kind="file.lock").count() == 2


def test_beside_the_locks_of_ones_own_programs(actor: Actor, bob: Actor, space: Space) -> None:
    node = in_space(actor, space)
    program = lock_node(bob, node_id=node, options=LockOptions())
    with pytest.raises(errors.Locked):
        take(actor, node)
    lock = take(bob, node)
    covering = [program, lock]
    assert in_the_way(covering, bob) == program  # another of their programs, which does not know the token
    assert in_the_way(covering, holding(bob, program)) is None
    assert in_the_way(covering, holding(actor, program)) == lock
    assert in_the_way([lock], bob) is None
    longer = refresh_lock(holding(bob, lock, program), node_id=node, timeout=timedelta(hours=2))
    assert longer.pk == program.pk
    assert NodeLock.objects.get(pk=lock.pk).expires_at == lock.expires_at
    unlock_node(bob, node_id=node, token=program.token)
    again = lock_node(bob, node_id=node, options=LockOptions())
    with pytest.raises(errors.Locked):
        lock_node(bob, node_id=node, options=LockOptions())
    unlock_node(bob, node_id=node, token=again.token)
    assert list(NodeLock.objects.all()) == [lock]


def test_it_goes_along_within_the_space_alone(actor: Actor, bob: Actor, space: Space) -> None:
    node = in_space(actor, space)
    lock = take(bob, node)
    rename_node(bob, node_id=node, name="b.txt")
    put(bob, "e/x", space_id=space.pk)
    move_nodes(bob, node_ids=[in_space(bob, space, "d")], parent_id=in_space(bob, space, "e"))
    assert lock_on(locate(actor, node)) == lock
    with pytest.raises(errors.Locked):
        put(actor, "e/d/b.txt", b"two", space_id=space.pk)
    move_node(bob, node_id=node, target=Target("mine.txt"))
    assert not NodeLock.objects.exists()
    back = take(bob, node)
    trash_nodes(bob, node_ids=[node])
    assert not NodeLock.objects.filter(pk=back.pk).exists()


def test_who_may_take_it_away(actor: Actor, bob: Actor, user: User, space: Space) -> None:
    carl = actor_of(make_member(user, email="carl@example.com"))
    node = in_space(actor, space)
    lock = take(bob, node)
    with pytest.raises(errors.Forbidden):
        unlock_node(carl, node_id=node)
    with pytest.raises(errors.Forbidden):
        unlock_node(carl, node_id=node, token=lock.token)
    place = locate(carl, node)
    assert [may_unlock(who, locate(who, node), lock) for who in (bob, actor)] == [True, True]
    assert not may_unlock(carl, place, lock)
    unlock_node(actor, node_id=node)
    assert AuditEvent.objects.get(kind="file.unlock").detail["holder"] == bob.user_id
    take(bob, node), unlock_node(bob, node_id=node)
    put(carl, "d/a.txt", b"two", space_id=space.pk)


def test_what_it_refuses(actor: Actor, bob: Actor, space: Space) -> None:
    node = in_space(actor, space)
    for until in (now(), now() - DAY, now() + LONGEST_OF_PERSON + DAY):
        with pytest.raises(errors.InvalidRequest):
            lock_file(actor, node_id=node, until=until)
    with pytest.raises(errors.NotAFile):
        take(actor, in_space(actor, space, "d"))
    for nobody in (Actor(), SYSTEM, Actor(Principal(PrincipalKind.LINK, 3), scopes=actor.scopes)):
        with pytest.raises(errors.Forbidden):
            take(nobody, node)
    with pytest.raises(errors.NotFound):
        take(actor_of(make_user("eve@example.com")), node)
    put(actor, FILE)
    mine = node_id(actor, FILE)
    subject = Subject(SubjectKind.USER, bob.user_id or 0)
    set_grant(actor, node_id=mine, subject=subject, role=Role.COMMENTER)
    with pytest.raises(errors.Forbidden):
        take(bob, mine)
    assert not NodeLock.objects.exists()


def test_a_deleted_account_holds_nothing(actor: Actor, bob: Actor, space: Space) -> None:
    take(bob, in_space(actor, space))
    delete_account(SYSTEM, user_id=bob.user_id or 0)
    assert not NodeLock.objects.exists()
    put(actor, "d/a.txt", b"two", space_id=space.pk)
    mine = take(actor, in_space(actor, space))
    forget_person(bob.user_id or 0)
    assert list(NodeLock.objects.all()) == [mine]
