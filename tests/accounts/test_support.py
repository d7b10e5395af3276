"""accounts.support in every unit of work: the gate of who may only look, and that what was lost counts at once."""

from contextlib import AbstractContextManager
from typing import Any

import pytest

from accounts.actions.administer_account import delete_account
from accounts.actions.support_endings import end_support
from accounts.actor import READ, WRITE, is_support
from accounts.errors import ReauthenticationRequired, SupportEnded, SupportNotAllowed, SupportReadOnly
from accounts.models import Membership, Role, SupportAccess, User
from accounts.permissions import require_recent_proof, require_scope
from accounts.support import acting_as
from accounts.unit_of_work import look_again, unit_of_work
from files.queries.tree import get_space
from files.tree.unit_of_work import space_unit_of_work
from sharing.actions.reads import note_read
from sharing.models import Happening
from tests.support.people import SYSTEM, actor_of
from tests.support.supporting import World
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_who_may_only_look_opens_no_unit_of_work(world: World) -> None:
    access, by = world.running()
    actor = acting_as(access.pk, by)
    space = get_space(actor, None)
    units: list[AbstractContextManager[Any]] = [unit_of_work(actor), space_unit_of_work(actor, space.pk)]
    for unit in units:
        with pytest.raises(SupportReadOnly), unit:
            pytest.fail("it was opened")
    assert look_again(actor).scopes == {READ}


def test_who_may_write_opens_them(world: World) -> None:
    access, by = world.running(may_write=True)
    actor = acting_as(access.pk, by)
    with unit_of_work(actor) as now:
        assert now.scopes == {READ, WRITE}
    put(actor, "a.txt")
    with space_unit_of_work(actor, get_space(actor, None).pk) as unit:
        assert is_support(unit.actor.recorded_as)


def test_that_something_was_read_is_noted_all_the_same(world: World) -> None:
    node = put(actor_of(world.member), "a.txt").node
    access, by = world.running()
    note_read(acting_as(access.pk, by), space_id=node.space_id, node_id=node.pk)
    row = Happening.objects.get()
    assert (row.actor_id, row.principal) == (world.member.pk, f"user:support:{world.admin.pk}")


def test_what_is_under_way_ends_with_it(world: World) -> None:
    access, by = world.running(may_write=True)
    actor = acting_as(access.pk, by)
    end_support(actor_of(world.member), access_id=access.pk)
    space = get_space(actor_of(world.member), None)
    units: list[AbstractContextManager[Any]] = [unit_of_work(actor), space_unit_of_work(actor, space.pk)]
    for unit in units:
        with pytest.raises(SupportEnded), unit:
            pytest.fail("it was opened")


def test_a_role_that_is_lost_in_the_middle(world: World) -> None:
    access, by = world.running(may_write=True)
    actor = acting_as(access.pk, by)
    Membership.objects.filter(user=world.admin).update(role=Role.MEMBER)
    with pytest.raises(SupportEnded), unit_of_work(actor):
        pytest.fail("it was opened")


def test_who_is_supported_lends_no_installation(world: World) -> None:
    lesser = world.second_owner
    User.objects.filter(pk=lesser.pk).update(is_staff=True)
    access, by = world.running(by=world.staff, person=lesser, may_write=True)
    actor = acting_as(access.pk, by)
    assert (actor.is_staff, look_again(actor).is_staff, look_again(actor).role) == (False, False, Role.OWNER)


def test_no_scope_and_no_proof_is_lent(world: World) -> None:
    access, by = world.running(may_write=True)
    actor = acting_as(access.pk, by)
    for scope in ("share", "admin"):
        with pytest.raises(SupportNotAllowed):
            require_scope(actor, scope)
    with pytest.raises(SupportNotAllowed):
        require_recent_proof(actor)
    with pytest.raises(ReauthenticationRequired):
        require_recent_proof(actor_of(world.admin, proved_recently=False))


def test_an_erased_account_leaves_no_reason(world: World) -> None:
    world.asked()
    delete_account(SYSTEM, user_id=world.member.pk)
    assert SupportAccess.objects.get().reason == ""
