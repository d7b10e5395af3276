"""Letting a held client go on, and the bounds of a team."""

from dataclasses import replace

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.actor import READ, Actor
from accounts.errors import ScopeMissing
from accounts.models import AuditEvent, User
from common.clock import now
from files import errors
from files.actions.brake import OwnBounds, accept, set_bounds
from files.actions.brake_revert import revert
from files.actions.space_states import delete_space
from files.actions.trash import trash_nodes
from files.models import Brake, BrakeCounter, BrakeState
from files.queries.brakes import bounds_of_team, brakes_of, changes_of, get_brake, may_decide
from files.queries.tree import get_space
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_member, make_token, make_user, sign_in
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _strict(settings: Settings) -> None:
    settings.BRAKE_FLOOR, settings.BRAKE_MOST, settings.BRAKE_SHARE, settings.BRAKE_STRICT = 21, 21, 1, 21


@pytest.fixture
def program(user: User) -> Actor:
    """A client with a token."""
    return actor_of(user, token_id=make_token(user)[0].pk)


def held(program: Actor, *, space_id: int | None = None) -> Brake:
    """It has deleted 21 files, and wants to go on."""
    space = space_id or get_space(program, None).pk
    ids = [put(program, f"d/{number:02}", b"x", space_id=space).node.pk for number in range(30)]
    trash_nodes(program, node_ids=ids[:21])
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(program, node_ids=ids[21:])
    return Brake.objects.get(released_at=None)


def test_accepted_it_goes_on_for_a_while(program: Actor, actor: Actor, settings: Settings) -> None:
    brake = held(program)
    found = accept(actor, brake_id=brake.pk)
    assert (found.state, found.decided_by_id) == (BrakeState.ACCEPTED, actor.user_id)
    assert found.released_at is not None
    event = AuditEvent.objects.get(kind="brake.accept")
    assert (event.actor_id, event.detail["brake"]) == (actor.user_id, str(brake.pk))
    ids = [put(program, f"e/{number:02}", b"x").node.pk for number in range(60)]
    trash_nodes(program, node_ids=ids[:30])
    assert accept(actor, brake_id=brake.pk).released_at == found.released_at  # once is enough
    BrakeCounter.objects.update(free_until=now(), began_at=now() - settings.BRAKE_WINDOW * 2)
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(program, node_ids=ids[30:])
    assert Brake.objects.count() == 2


def test_a_program_does_not_let_itself_go_on(program: Actor, user: User) -> None:
    brake = held(program)
    for act in (lambda actor: accept(actor, brake_id=brake.pk), lambda actor: revert(actor, brake_id=brake.pk)):
        with pytest.raises(errors.Forbidden):
            act(program)
        with pytest.raises(ScopeMissing):
            act(replace(actor_of(user), scopes=frozenset({READ})))
    brake.refresh_from_db()
    assert brake.state == BrakeState.HELD
    accept(actor_of(user, token_id=make_token(user)[0].pk), brake_id=brake.pk)


def test_a_person_at_a_page_may(user: User) -> None:
    browser = Client()
    sign_in(browser, user)
    page = actor_of(user, session_key=browser.session.session_key)
    brake = held(page)
    accept(page, brake_id=brake.pk)
    put(page, "new")


def test_who_decides_on_a_home(program: Actor, user: User) -> None:
    user.membership.team.seats = 10
    user.membership.team.save()
    brake = held(program)
    admin, member = make_member(user, role="admin"), make_member(user)
    assert get_brake(actor_of(admin), brake.pk).may_decide
    assert changes_of(actor_of(admin), brake.pk).count() == 21
    assert list(brakes_of(actor_of(member))) == []
    for other in (member, make_user()):
        for act in (accept, revert):
            with pytest.raises(errors.NotFound):
                act(actor_of(other), brake_id=brake.pk)
    accept(actor_of(admin), brake_id=brake.pk)
    assert list(brakes_of(actor_of(admin), only_held=True)) == []


def test_who_decides_on_a_space(user: User) -> None:
    user.membership.team.seats = 10
    user.membership.team.save()
    owner, member = actor_of(user), make_member(user)
    space = mounted_space(owner, "Shared")
    program = actor_of(member, token_id=make_token(member)[0].pk)
    brake = held(program, space_id=space.pk)
    mine = actor_of(member)
    seen = get_brake(mine, brake.pk)  # it is their program
    assert not seen.may_decide
    assert not may_decide(mine, space)
    with pytest.raises(errors.Forbidden):
        changes_of(mine, brake.pk)
    with pytest.raises(errors.Forbidden):
        accept(mine, brake_id=brake.pk)
    with pytest.raises(errors.ChangesHeld):
        put(program, "in my home")  # everywhere
    accept(owner, brake_id=brake.pk)
    put(program, "in my home")


def test_a_client_is_held_wherever_it_has_changed_something(user: User, program: Actor) -> None:
    space = mounted_space(actor_of(user), "Shared")
    for _ in range(2):
        put(program, "a", bytes(_ + 1), space_id=space.pk)
    held_at_home = held_in_home(program)
    assert sorted(Brake.objects.values_list("space_id", flat=True)) == sorted([space.pk, held_at_home.space_id])
    accept(actor_of(user), brake_id=held_at_home.pk)
    with pytest.raises(errors.ChangesHeld):
        put(program, "a")
    accept(actor_of(user), brake_id=Brake.objects.get(space=space).pk)
    put(program, "a")


def held_in_home(program: Actor) -> Brake:
    ids = [put(program, f"d/{number:02}", b"x").node.pk for number in range(30)]
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(program, node_ids=ids)
    return Brake.objects.get(space__owner_id=program.user_id)


def test_the_bounds_of_a_team(user: User, program: Actor) -> None:
    owner = actor_of(user)
    set_bounds(owner, bounds=OwnBounds(is_on=True, floor=30, most=40))
    bounds, policy = bounds_of_team(owner)
    assert (bounds.floor, bounds.most, bounds.share) == (30, 40, 1)
    assert policy is not None
    assert AuditEvent.objects.get(kind="brake.bounds").detail["floor"] == 30
    for wrong in (
        OwnBounds(floor=19),
        OwnBounds(most=0),
        OwnBounds(share=0),
        OwnBounds(share=101),
        OwnBounds(strict=-1),
    ):
        with pytest.raises(errors.InvalidRequest):
            set_bounds(owner, bounds=wrong)
    user.membership.team.seats = 10
    user.membership.team.save()
    member = actor_of(make_member(user))
    for refused in (lambda: set_bounds(member, bounds=OwnBounds()), lambda: bounds_of_team(member)):
        with pytest.raises((errors.Forbidden, ScopeMissing)):
            refused()
    ids = [put(program, f"d/{number:02}", b"x").node.pk for number in range(40)]
    trash_nodes(program, node_ids=ids[:30])
    with pytest.raises(errors.ChangesHeld):
        trash_nodes(program, node_ids=ids[30:])
    assert home_of(user).pk == Brake.objects.get().space_id


def test_a_space_that_is_deleted_holds_nobody(user: User) -> None:
    """Nobody sees the brake any more, so that nobody could accept it. And who is held deletes no space."""
    space = mounted_space(actor_of(user), "Shared")
    program = actor_of(user, token_id=make_token(user)[0].pk)
    brake = held(program, space_id=space.pk)
    with pytest.raises(errors.ChangesHeld):
        delete_space(program, space_id=space.pk, name="Shared")
    delete_space(actor_of(user), space_id=space.pk, name="Shared")
    with pytest.raises(errors.NotFound):
        get_brake(actor_of(user), brake.pk)
    put(program, "at home")
