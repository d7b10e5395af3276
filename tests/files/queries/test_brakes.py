"""Which held clients an actor sees, and how many statements that takes."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject, set_grant
from files.errors import Forbidden, NotFound
from files.models import Brake, Space
from files.queries.brakes import brakes_of, changes_of, get_brake, may_decide
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_member, make_token, make_user
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def brake_in(space: Space, client: str = "token:0", **values: Any) -> Brake:
    return Brake.objects.create(space=space, client=client, began_at=now(), held_at=now(), **values)


@pytest.fixture
def team(user: User) -> User:
    user.membership.team.seats = 10
    user.membership.team.save()
    return user


def seen(user: User) -> list[int]:
    return sorted(brakes_of(actor_of(user)).values_list("pk", flat=True))


def test_who_sees_which(team: User, actor: Actor) -> None:
    member, manager, admin = make_member(team), make_member(team), make_member(team, role="admin")
    space = mounted_space(actor, "Plans")
    set_grant(actor, node_id=space.root_id or 0, subject=Subject(SubjectKind.USER, manager.pk), role=Role.MANAGER)
    of_home, of_member = brake_in(home_of(team)), brake_in(home_of(member))
    of_space, by_member = brake_in(space), brake_in(space, "token:1", user=member)
    elsewhere = brake_in(home_of(make_user()))
    everything = sorted(brake.pk for brake in (of_home, of_member, of_space, by_member))
    assert seen(team) == seen(admin) == everything
    assert seen(member) == sorted([of_member.pk, by_member.pk])
    assert seen(manager) == sorted([of_space.pk, by_member.pk])
    assert elsewhere.pk not in everything
    assert get_brake(actor_of(member), of_member.pk).may_decide
    assert not get_brake(actor_of(member), by_member.pk).may_decide
    assert may_decide(actor_of(manager), space)
    assert not may_decide(actor_of(manager), home_of(member))
    with pytest.raises(NotFound):
        get_brake(actor_of(member), of_home.pk)
    with pytest.raises(Forbidden):
        changes_of(actor_of(member), by_member.pk)


def test_only_those_that_are_held(actor: Actor, user: User) -> None:
    held = brake_in(home_of(user))
    brake_in(home_of(user), "token:1", released_at=now())
    assert [brake.pk for brake in brakes_of(actor, only_held=True)] == [held.pk]
    assert brakes_of(actor).count() == 2


def test_what_it_did_and_what_others_did(actor: Actor, user: User) -> None:
    put(actor, "before", b"1")
    brake = brake_in(home_of(user), actor.credential, released_at=now())
    put(actor, "a", b"1")
    put(actor_of(user, token_id=make_token(user)[0].pk), "b", b"1")
    assert [change.after_path for change in changes_of(actor, brake.pk)] == ["/a"]


def test_one_statement(actor: Actor, user: User, django_assert_num_queries: Any) -> None:
    for number in range(5):
        brake_in(home_of(user), f"token:{number}")
    with django_assert_num_queries(1):
        assert len(list(brakes_of(actor, only_held=True))) == 5
