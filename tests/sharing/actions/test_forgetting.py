"""sharing.actions.forgetting: what ends by time, with an account, or with a space."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.administer_account import delete_account
from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from sharing.actions.forgetting import forget_old, forget_person
from sharing.actions.notify import notify
from sharing.models import Happening, HappeningKind, MailChoice, Notification, NotificationKind, NotificationMails
from sharing.models import NotificationPreference as Preference
from tests.support.mounts import mounted_space
from tests.support.people import SYSTEM
from tests.support.trees import home_of

pytestmark = pytest.mark.django_db


def happened(space: Any, days: int = 0, **fields: Any) -> Happening:
    return Happening.objects.create(space=space, node_id=1, at=now() - timedelta(days=days), **fields)


def test_what_is_old(actor: Actor, user: User) -> None:
    home = home_of(user)
    kept = happened(home, 399, kind=HappeningKind.SHARE).pk, happened(home, 89, kind=HappeningKind.READ).pk
    happened(home, 401, kind=HappeningKind.SHARE), happened(home, 91, kind=HappeningKind.READ)
    space = mounted_space(actor, "Plans")
    happened(space, kind=HappeningKind.SHARE)
    space.purged_at = now()
    space.save()
    for age in (1, 91):
        notify([user.pk], kind=NotificationKind.SHARE, name=str(age))
        Notification.objects.filter(detail__name=str(age)).update(created_at=now() - timedelta(days=age))
    assert forget_old() == 4
    assert set(Happening.objects.values_list("pk", flat=True)) == set(kept)
    assert [row.detail["name"] for row in Notification.objects.all()] == ["1"]
    assert forget_old() == 0


def test_a_deleted_account_leaves_nothing(user: User, stranger: User) -> None:
    for person in (user, stranger):
        notify([person.pk], kind=NotificationKind.SHARE, name="x")
        Preference.objects.create(user=person, kind=NotificationKind.SHARE, mail=MailChoice.OFF)
        NotificationMails.objects.create(user=person, day=now().date())
        happened(home_of(person), kind=HappeningKind.SHARE, actor=person)
    read = happened(home_of(stranger), kind=HappeningKind.READ, actor=user, reader="user:1", hour=1)
    delete_account(SYSTEM, user_id=user.pk)
    forget_person(user.pk)
    for model in (Notification, Preference, NotificationMails):
        assert set(model._default_manager.values_list("user_id", flat=True)) == {stranger.pk}
    assert list(Happening.objects.values_list("space__owner_id", flat=True)) == [stranger.pk]
    assert not Happening.objects.filter(pk=read.pk).exists()
