"""sharing.actions.forgetting: what ends by time, with an account, or with a space."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actions.administer_account import delete_account
from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from common.ids import id_at
from sharing.actions.forgetting import forget_old, forget_person, thin_receipts
from sharing.actions.notify import notify
from sharing.models import (
    DeliveredFile,
    Delivery,
    Happening,
    HappeningKind,
    LinkRole,
    MailChoice,
    Notification,
    NotificationKind,
    NotificationMails,
)
from sharing.models import NotificationPreference as Preference
from sharing.tasks import upkeep
from tests.sharing.linked import Linked
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


def test_receipts_are_thinned(world: Linked, settings: Settings) -> None:
    """Of one that goes on the old files alone; its address stays as long as something is on it."""
    settings.RECEIPT_RETENTION = timedelta(days=30)
    link = world.link(role=LinkRole.UPLOADER)

    def sent(secret: str, *days: float) -> Delivery:
        first = id_at(now() - timedelta(days=max(days)))
        found = Delivery.objects.create(pk=first + len(secret), link=link, secret=secret)
        for number, age in enumerate(days):
            at = now() - timedelta(days=age)
            pk = id_at(at) + len(secret) * 10 + number
            DeliveredFile.objects.create(pk=pk, delivery=found, node_id=1, name=f"{age}.txt", size=1, at=at)
        return found

    old, both, young = sent("o", 40, 31), sent("bb", 31, 29), sent("yyy", 1)
    begun = Delivery.objects.create(link=link, secret="nothing has arrived yet")
    assert thin_receipts() == 4  # three files, and the receipt that is empty by that
    assert set(Delivery.objects.all()) == {both, young, begun}
    assert {row.name for row in DeliveredFile.objects.all()} == {"29.txt", "1.txt"}
    assert not Delivery.objects.filter(pk=old.pk).exists()
    settings.RECEIPT_RETENTION = timedelta(days=28)
    upkeep()
    assert {row.name for row in DeliveredFile.objects.all()} == {"1.txt"}
