"""files.queries.mount_list: who lacks a mount, who has one too many, and the list of one's own."""

import pytest

from accounts.actor import WRITE, Actor
from accounts.errors import ScopeMissing
from accounts.models import User
from files.actions.mounts import reconcile_all
from files.actions.space_states import delete_space, restore_space
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import Mount, Space
from files.queries.mount_list import list_mounts, mountable, users_to_reconcile
from tests.support.mounts import mount_of, mounted_space
from tests.support.people import actor_of, make_member
from tests.support.trees import home_of

pytestmark = pytest.mark.django_db


def test_who_differs_from_what_they_may_see(actor: Actor, user: User) -> None:
    assert users_to_reconcile() == []
    create_team_space(actor, name="Plans")
    assert users_to_reconcile() == [user.pk]
    space = mounted_space(actor, "Other")
    member = make_member(user)
    assert users_to_reconcile() == [member.pk]
    assert users_to_reconcile(limit=0) == []
    Mount.objects.filter(user=user, space=space).delete()
    assert users_to_reconcile() == sorted([user.pk, member.pk])


def test_a_deleted_space_is_wanted_by_nobody_until_it_is_restored(actor: Actor, user: User) -> None:
    space = mounted_space(actor, "Plans")
    delete_space(actor, space_id=space.pk, name="Plans")
    assert mountable(actor) == {}
    for expected in (1, 0):
        assert users_to_reconcile() == [user.pk] * expected
        reconcile_all()
    restore_space(actor, space_id=space.pk)
    assert users_to_reconcile() == [user.pk]
    reconcile_all()
    assert mount_of(user, space).name == "Plans"


def test_a_wrong_count_is_noticed(actor: Actor, user: User) -> None:
    mounted_space(actor)
    Space.objects.filter(pk=home_of(user).pk).update(mounts=5)
    assert users_to_reconcile() == [user.pk]


def test_the_own_ones_by_name_with_those_that_are_hidden(actor: Actor, user: User, outsider: Actor) -> None:
    plans, other = mounted_space(actor, "Plans"), mounted_space(actor, "Other")
    assert set(mountable(actor)) == {plans.root_id, other.root_id}
    assert mountable(outsider) == {}
    trash_nodes(actor, node_ids=[mount_of(user, plans).pk])
    shown = [(entry.space.name, entry.place and entry.place.path) for entry in list_mounts(actor)]
    assert shown == [("Other", "/Other"), ("Plans", None)]
    assert list_mounts(outsider) == []
    with pytest.raises(ScopeMissing):
        list_mounts(actor_of(user, scopes=frozenset({WRITE})))
