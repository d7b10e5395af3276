"""files.queries.retention: how long a team keeps trash and earlier versions, and what a shorter time removes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions.policies import change_policy
from accounts.models import User
from accounts.queries import policy_preview
from files.actions.trash import trash_nodes
from files.maintenance import retention as job
from files.maintenance.fsck import run_fsck
from files.models import Pool, TrashItem, Version
from files.queries.retention import old_trash, shorter
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def people(pool: Pool) -> list[User]:
    """Two teams, each with something 10 days in the trash, and a file whose two earlier versions were replaced 10 and 5
    days ago.
    """
    users = [make_user(), make_user()]
    for user in users:
        actor = actor_of(user)
        trash_nodes(actor, node_ids=[put(actor, "secret name.txt", b"gone").node.pk])
        for number in range(3):
            put(actor, "kept.txt", b"%d" % number)
    TrashItem.objects.update(deleted_at=timezone.now() - 10 * DAY)
    for versions in (Version.objects.filter(node__name="kept.txt", node__space__owner=user) for user in users):
        for version, days in zip(versions.order_by("pk"), (20, 10, 5), strict=True):
            Version.objects.filter(pk=version.pk).update(created_at=timezone.now() - days * DAY)
    return users


def counts(user: User, **changes: Any) -> dict[str, int]:
    return dict(policy_preview(actor_of(user), changes=changes).counts)


def set_policy(user: User, **changes: Any) -> None:
    confirmation = policy_preview(actor_of(user), changes=changes).confirmation
    change_policy(actor_of(user), changes=changes, confirmation=confirmation)


def test_the_shorter_one_counts() -> None:
    assert [shorter(30 * DAY, days) for days in (None, 7, 30, 90)] == [30 * DAY, 7 * DAY, 30 * DAY, 30 * DAY]


def test_trash(people: list[User]) -> None:
    one, other = people
    assert [counts(one, trash_days=days) for days in (None, 7, 20, 90)] == [{}, {"trash": 1}, {}, {}]
    (ending,) = policy_preview(actor_of(one), changes={"trash_days": 7}).endings
    assert not ending.comes_back
    (item,) = ending.show(list(ending.rows))
    assert (item.whose, "secret" in str(item)) == (one.email, False)
    assert not old_trash().exists()
    set_policy(one, trash_days=7)
    assert [item.space.owner for item in old_trash()] == [one]
    assert counts(one, trash_days=6) == {}
    assert job.purge_old_trash() == 1
    assert TrashItem.objects.get(purging=False).space.owner == other
    assert run_fsck().clean


def test_longer_than_the_installation_is_as_long_as_that(people: list[User]) -> None:
    set_policy(people[0], trash_days=365, version_days=3650)
    TrashItem.objects.update(deleted_at=timezone.now() - 31 * DAY)
    assert old_trash().count() == 2


def test_earlier_versions(people: list[User]) -> None:
    one, other = people
    assert [counts(one, version_days=days) for days in (None, 2, 7, 15)] == [{}, {"versions": 2}, {"versions": 1}, {}]
    set_policy(one, version_days=7)
    assert counts(one, version_days=2) == {"versions": 1}
    assert job.thin_versions() == (1, 1)
    assert Version.objects.filter(node__space__owner=one, node__name="kept.txt").count() == 2
    assert Version.objects.filter(node__space__owner=other, node__name="kept.txt").count() == 3
    assert run_fsck().clean
