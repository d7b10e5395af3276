"""sharing.queries.notifications: what somebody is told, and how they want to be told."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.errors import ScopeMissing
from accounts.models import User
from sharing.actions.notify import notify
from sharing.models import MailChoice, NotificationKind, NotificationPreference
from sharing.queries import notifications as module
from sharing.queries.notifications import choices_of, list_notifications, preferences_of, unread

pytestmark = pytest.mark.django_db


def test_ones_own_the_latest_first(actor: Actor, user: User, stranger: User) -> None:
    for number in range(3):
        notify([user.pk, stranger.pk], kind=NotificationKind.SHARE, name=f"n{number}")
    assert [row.detail["name"] for row in list_notifications(actor)] == ["n2", "n1", "n0"]
    assert {row.user_id for row in list_notifications(actor)} == {user.pk}
    assert list(list_notifications(Actor(scopes=actor.scopes))) == []
    with pytest.raises(ScopeMissing):
        list_notifications(replace(actor, scopes=frozenset()))


def test_the_bell_takes_one_query_and_counts_no_further_than_it_shows(
    actor: Actor, user: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    assert (unread(actor).count, unread(actor).shown) == (0, "0")
    monkeypatch.setattr(module, "COUNTED", 3)
    for number in range(5):
        notify([user.pk], kind=NotificationKind.SHARE, name=f"n{number}")
    with django_assert_num_queries(1):
        found = unread(actor)
    assert (found.count, found.shown) == (3, "2+")


def test_preferences(actor: Actor, user: User, stranger: User) -> None:
    assert preferences_of(actor)[NotificationKind.SHARE] == MailChoice.ONCE
    NotificationPreference.objects.create(user=user, kind=NotificationKind.SHARE, mail=MailChoice.OFF)
    NotificationPreference.objects.create(user=user, kind="gone", mail=MailChoice.OFF)
    assert preferences_of(actor)[NotificationKind.SHARE] == MailChoice.OFF
    found = choices_of([user.pk, stranger.pk])
    assert (found[user.pk][NotificationKind.SHARE], found[stranger.pk][NotificationKind.SHARE]) == ("off", "once")
    assert set(found[user.pk]) == set(NotificationKind)
    assert preferences_of(Actor(scopes=actor.scopes)) == {}
