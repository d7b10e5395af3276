"""files.queries.mount_list: whose mounts are wrong, and what somebody has."""

from typing import Any

from accounts.actor import Actor
from accounts.models import User
from files.actions.grants import change_space
from files.actions.mounts import reconcile_all
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.queries.mount_list import list_mounts, mountable, users_to_reconcile
from tests.support.mounts import mount_of, mounted_space
from tests.support.people import actor_of, make_member


def test_whose_mounts_differ(actor: Actor, user: User, django_assert_num_queries: Any) -> None:
    member = make_member(user)
    space = create_team_space(actor, name="Plans")
    with django_assert_num_queries(1):
        assert users_to_reconcile() == sorted([user.pk, member.pk])
    assert users_to_reconcile(limit=1) == [min(user.pk, member.pk)]
    reconcile_all()
    assert users_to_reconcile() == []
    change_space(actor, space_id=space.pk, is_open=False)
    assert users_to_reconcile() == [member.pk]


def test_what_can_be_mounted(actor: Actor, user: User) -> None:
    them = actor_of(make_member(user))
    opened, closed = mounted_space(actor, "Open"), mounted_space(actor, "Closed", is_open=False)
    assert list(mountable(actor)) == [opened.root_id, closed.root_id]
    assert list(mountable(them)) == [opened.root_id]


def test_hidden_ones_are_listed_without_a_place(actor: Actor, user: User) -> None:
    second, first = mounted_space(actor, "B"), mounted_space(actor, "A")
    trash_nodes(actor, node_ids=[mount_of(user, first).pk])
    entries = list_mounts(actor)
    assert [(entry.space, entry.place is None) for entry in entries] == [(first, True), (second, False)]
    assert entries[0].row.hidden_at is not None
