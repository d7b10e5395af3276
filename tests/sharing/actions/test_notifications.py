"""sharing.actions.notifications: reading them, and choosing what is mailed."""

from dataclasses import replace

import pytest

from accounts.actor import READ, Actor
from accounts.errors import ScopeMissing
from accounts.models import User
from http_kit.errors import InvalidRequest
from sharing.actions.notifications import (
    EVERY_DIGEST,
    mark_read,
    set_preferences,
    subscription_of,
    unsubscribe,
    unsubscribe_token,
)
from sharing.actions.notify import notify
from sharing.models import MailChoice, Notification, NotificationKind
from sharing.queries.notifications import choices_of, preferences_of, unread
from tests.support.people import actor_of

pytestmark = pytest.mark.django_db
SHARE, QUOTA = NotificationKind.SHARE, NotificationKind.QUOTA


def ids(user: User) -> list[int]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("pk", flat=True))


def test_some_or_all_are_read(actor: Actor, user: User, stranger: User) -> None:
    for number in range(3):
        notify([user.pk, stranger.pk], kind=SHARE, name=str(number))
    first, *_ = ids(user)
    assert mark_read(actor, notification_ids=[first, *ids(stranger), 10**30, -1]) == 1
    assert (unread(actor).count, unread(actor_of(stranger)).count) == (2, 3)
    assert (mark_read(actor, notification_ids=[]), mark_read(actor), mark_read(actor)) == (0, 2, 0)
    assert unread(actor_of(stranger)).count == 3


def test_what_is_read_is_not_mailed(actor: Actor, user: User) -> None:
    notify([user.pk], kind=SHARE, name="x")
    Notification.objects.update(mail=MailChoice.ONCE)
    mark_read(actor)
    assert Notification.objects.get().mail == "off"


def test_preferences_hold_for_what_waits(actor: Actor, user: User, stranger: User) -> None:
    notify([user.pk, stranger.pk], kind=SHARE, name="x")
    Notification.objects.update(mail=MailChoice.ONCE)
    set_preferences(actor, mails={SHARE: MailChoice.DIGEST, QUOTA: MailChoice.OFF})
    found = preferences_of(actor)
    assert (found[SHARE], found[QUOTA], found[NotificationKind.MENTION]) == ("digest", "off", "once")
    mails = dict(Notification.objects.values_list("user_id", "mail"))
    assert mails == {user.pk: "digest", stranger.pk: "once"}
    set_preferences(actor, mails={SHARE: MailChoice.OFF})
    assert Notification.objects.get(user=user).mail == "off"


def test_a_token_that_reads_only(actor: Actor) -> None:
    reading = replace(actor, scopes=frozenset({READ}))
    for act in (
        lambda: mark_read(reading),
        lambda: set_preferences(reading, mails={}),
    ):
        with pytest.raises(ScopeMissing):
            act()


def test_a_link_ends_one_kind_and_nothing_else(user: User, stranger: User) -> None:
    token = unsubscribe_token(user.pk, SHARE)
    assert subscription_of(token) == (user.pk, "share")
    for _ in range(2):
        assert unsubscribe(token=token) == "share"
    found = choices_of([user.pk, stranger.pk])
    assert [kind for kind in NotificationKind if found[user.pk][kind] != found[stranger.pk][kind]] == [SHARE]
    assert found[user.pk][SHARE] == "off"


def test_a_link_of_a_digest_ends_all_that_was_in_it(user: User) -> None:
    before = choices_of([user.pk])[user.pk]
    unsubscribe(token=unsubscribe_token(user.pk, EVERY_DIGEST))
    after = choices_of([user.pk])[user.pk]
    assert {kind for kind in NotificationKind if after[kind] != before[kind]} == {
        kind for kind in NotificationKind if before[kind] == "digest"
    }
    assert "digest" not in after.values()


def test_links_that_were_not_made_by_us(user: User) -> None:
    good = unsubscribe_token(user.pk, SHARE)
    for token in ("", "x", good[:-1], good + "x", unsubscribe_token(user.pk, "everything")):
        with pytest.raises(InvalidRequest):
            unsubscribe(token=token)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert unsubscribe(token=good) == "share"
    assert choices_of([user.pk])[user.pk][SHARE] == "once"
