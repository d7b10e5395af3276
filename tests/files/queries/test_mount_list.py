"""files.queries.mount_list: who lacks a mount, who has one too many, and the list of one's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from pytest_django import Settings

from accounts.actor import WRITE, Actor
from accounts.errors import ScopeMissing
from accounts.models import User
from common.clock import now
from files.access.rights import Right, Role
from files.actions.mounts import reconcile_all
from files.actions.space_states import delete_space, restore_space
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import Grant, Mount, NodeKind, Space, SpaceKind
from files.queries.mount_list import list_mounts, mountable, standing, users_to_reconcile
from tests.files.access.random_worlds import RandomWorld, random_world
from tests.support.mounts import mount_of, mounted_space
from tests.support.people import actor_of, make_member
from tests.support.shared_folders import SharedFolder, mount_to, shared_folder
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
    shown = [(entry.name, entry.place and entry.place.path) for entry in list_mounts(actor)]
    assert shown == [("Other", "/Other"), ("Plans", None)]
    assert list_mounts(outsider) == []
    with pytest.raises(ScopeMissing):
        list_mounts(actor_of(user, scopes=frozenset({WRITE})))


@pytest.fixture
def shared(pool: Any) -> SharedFolder:
    return shared_folder()


def test_a_folder_of_somebodys_home(shared: SharedFolder) -> None:
    them, folder = actor_of(shared.viewer), shared.folder
    (found,) = mountable(them).items()
    assert (found[0], found[1].name, found[1].space) == (folder.pk, "Photos", shared.home)
    assert mountable(shared.actor) == {}, "the own home never is"
    mounted_space(shared.actor, "Plans")
    assert [one.name for one in mountable(them).values()] == ["Plans", "Photos"]
    shown = [(entry.name, entry.place and entry.place.path) for entry in list_mounts(them)]
    assert shown == [("Photos", "/Photos"), ("Plans", "/Plans")]
    for changes in ({"role": Role.UPLOADER}, {"role": Role.VIEWER, "expires_at": now() - timedelta(seconds=1)}):
        Grant.objects.filter(node=folder, user=shared.viewer).update(**changes)
        assert folder.pk not in mountable(them)
        assert folder.pk not in standing(them)
        assert users_to_reconcile() == [shared.viewer.pk]


def test_what_stands_though_it_is_away(shared: SharedFolder) -> None:
    them, folder = actor_of(shared.viewer), shared.folder
    trash_nodes(shared.actor, node_ids=[shared.node("canary-above").pk])
    assert (mountable(them), standing(them)) == ({}, {folder.pk})
    assert users_to_reconcile() == sorted([shared.viewer.pk, shared.editor.pk])
    reconcile_all()
    assert users_to_reconcile() == []
    assert standing(shared.actor) == set()


def test_the_space_of_a_target_is_followed(shared: SharedFolder) -> None:
    space = mounted_space(shared.actor, "Plans")
    Mount.objects.filter(user=shared.viewer, target_id=shared.folder.pk).update(space=space)
    assert users_to_reconcile() == [shared.viewer.pk]
    reconcile_all()
    assert Mount.objects.get(user=shared.viewer, target_id=shared.folder.pk).space == shared.home
    assert mount_to(shared.viewer, shared.folder).name == "Photos"


def slowly(world: RandomWorld, user: User) -> set[int]:
    """Node by node: it is seen, and the folder that it is in is not."""
    actor, found = world.actors[user.email], set()
    for pk, chain in world.chains.items():
        space = world.space_of(pk)
        if space.kind == SpaceKind.HOME and space.owner_id == user.pk:
            continue
        sees_parent = len(chain) > 1 and Right.VIEW in world.rights(actor, chain[-2])
        if Right.VIEW in world.rights(actor, pk) and not sees_parent:
            found.add(pk)
    return found


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("seeds", [range(10), pytest.param(range(10, 400), marks=pytest.mark.long)])
def test_the_question_over_everybody_is_that_of_each(settings: Settings, seeds: range) -> None:
    """In random worlds: by the slow statement, by the function for one person, and by the query over all."""
    settings.STORAGE_URL = "memory://mountable"
    deep, files = 0, 0
    for seed in seeds:
        with transaction.atomic():
            world = random_world(seed)
            expected = {user.pk: slowly(world, user) for user in world.users}
            for user in world.users:
                assert set(mountable(world.actors[user.email])) == expected[user.pk], (seed, user.email)
            lacking = sorted(pk for pk, targets in expected.items() if targets)
            assert [pk for pk in users_to_reconcile() if pk in expected] == lacking, seed
            reconcile_all()
            for pk, targets in expected.items():
                assert set(Mount.objects.filter(user_id=pk).values_list("target_id", flat=True)) == targets, (seed, pk)
            assert users_to_reconcile() == [], seed
            deep += Mount.objects.filter(target__parent__isnull=False).count()
            files += Mount.objects.filter(target__kind=NodeKind.FILE, node__kind=NodeKind.FILE).count()
            assert not Mount.objects.exclude(target__kind=F("node__kind")).exists()
            row = Mount.objects.order_by("?").first()
            if row is not None:
                Mount.objects.filter(pk=row.pk).update(target_id=home_of(row.user).root_id)
                assert row.user_id in users_to_reconcile()
            transaction.set_rollback(True)
    assert deep > 0
    assert files > 0
