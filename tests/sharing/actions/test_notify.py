"""sharing.actions.notify: the one way to make notifications."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from sharing.actions import notify as module
from sharing.actions.notify import notify
from sharing.models import MailChoice, Notification, NotificationKind, NotificationPreference
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
KIND = NotificationKind.MENTION


def test_once_for_each_key(user: User, stranger: User) -> None:
    assert notify([user.pk, user.pk, stranger.pk], kind=KIND, key="a", name="x") == 2
    assert notify([user.pk], kind=KIND, key="a", name="x") == 0
    assert notify([user.pk], kind=KIND, key="b", name="x") == 1
    assert notify([user.pk], kind=KIND, name="x") + notify([user.pk], kind=KIND, name="x") == 2
    assert Notification.objects.filter(user=user).count() == 4


def test_neither_who_did_it_nor_who_is_gone(user: User, stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    assert notify([user.pk, stranger.pk, 10**9], kind=KIND, by=user.pk, name="x") == 0


def test_mails_as_each_wishes(user: User, stranger: User, settings: Settings) -> None:
    settings.MAIL_IS_SENT = True
    NotificationPreference.objects.create(user=stranger, kind=KIND, mail=MailChoice.DIGEST)
    notify([user.pk, stranger.pk], kind=KIND, name="x" * 999)
    assert list(Notification.objects.order_by("user_id").values_list("mail", flat=True)) == ["once", "digest"]
    assert len(Notification.objects.filter(user=user).get().detail["name"]) == 255
    settings.MAIL_IS_SENT = False
    notify([user.pk], kind=KIND, key="later", name="x")
    assert Notification.objects.get(key="later").mail == "off"


def test_the_oldest_give_way(user: User, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    notify([stranger.pk], kind=KIND, name="other")
    for number in range(5):
        notify([user.pk], kind=KIND, name=str(number))
    kept = Notification.objects.filter(user=user).order_by("pk")
    assert [row.detail["name"] for row in kept] == ["2", "3", "4"]
    assert Notification.objects.filter(user=stranger).count() == 1


def test_it_costs_the_same_for_many_but_for_what_gives_way(db: None, django_assert_max_num_queries: Any) -> None:
    people = [make_user().pk for _ in range(5)]
    with django_assert_max_num_queries(4 + len(people)):
        notify(people, kind=KIND, key="k", name="x")
