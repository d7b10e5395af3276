"""sharing.actions.mail_notifications: at once, or once a day; and what a mail is made of (notification_mails.py)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from sharing.actions import mail_notifications as module
from sharing.actions.mail_notifications import mail_at_once, mail_digests
from sharing.actions.notifications import mark_read
from sharing.actions.notify import notify
from sharing.models import MailChoice, Notification, NotificationKind, NotificationMails, NotificationPreference
from sharing.queries.notifications import choices_of
from tests.support.mails import sent_mails
from tests.support.people import actor_of

pytestmark = pytest.mark.django_db
SHARE, COMMENT = NotificationKind.SHARE, NotificationKind.COMMENT


@pytest.fixture(autouse=True)
def _mail(settings: Settings) -> None:
    settings.MAIL_IS_SENT = True


def tell(user: User, name: str = "Plans", kind: NotificationKind = SHARE, by: User | None = None) -> None:
    notify([user.pk], kind=kind, by=None if by is None else by.pk, node_id=7, name=name)


def test_at_once_with_both_parts_and_a_way_to_end_it(user: User, stranger: User) -> None:
    tell(user, "Plans\r\nBcc: x@example.com <b>", by=stranger)
    assert (mail_at_once(), mail_at_once()) == (1, 0)
    (message,) = sent_mails()
    assert isinstance(message, EmailMultiAlternatives)
    assert message.to == [user.email]
    assert "\n" not in message.subject
    assert message.subject.endswith("“Plans Bcc: x@example.com <b>” with you")
    assert "“Plans Bcc: x@example.com <b>”" in str(message.body)
    assert "/files/7/" in str(message.body)
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    assert "&lt;b&gt;" in str(html)
    assert "<b>" not in str(html)
    address = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in str(message.body)
    assert address in str(html)
    client = Client(enforce_csrf_checks=True)
    path = address[address.index("/notifications") :]
    assert client.get(path).status_code == 200
    assert choices_of([user.pk])[user.pk][SHARE] == "once"  # programs that look at links end nothing
    done = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert (done.status_code, choices_of([user.pk])[user.pk][SHARE]) == (200, "off")
    assert not done.cookies
    assert "Set-Cookie" not in done


def test_one_mail_for_those_of_one_kind(user: User, stranger: User) -> None:
    for number in range(3):
        tell(user, f"n{number}"), tell(stranger, "other")
    tell(user, "mentioned", NotificationKind.MENTION)
    assert mail_at_once() == 3
    to_user = sent_mails(user.email)
    assert sorted(message.subject for message in to_user) == [
        "3 notifications",
        "Somebody mentioned you at “mentioned”",
    ]
    assert all(f"n{number}" in str(to_user[1].body) + str(to_user[0].body) for number in range(3))


def test_too_many_go_into_the_digest(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAILS_IN_A_DAY", 2)
    made = 0
    for number in range(4):
        tell(user, str(number))
        made += mail_at_once()
    assert made == 2
    assert list(Notification.objects.order_by("pk").values_list("mail", flat=True)) == [
        "off",
        "off",
        "digest",
        "digest",
    ]
    NotificationMails.objects.update(day="2020-01-01")
    tell(user, "next day")
    assert mail_at_once() == 1


def test_nothing_is_mailed_to_who_is_gone_or_has_read_it(user: User, stranger: User, settings: Settings) -> None:
    tell(user), tell(stranger)
    mark_read(actor_of(user))
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    assert mail_at_once() == 0
    assert set(Notification.objects.values_list("mail", flat=True)) == {"off"}
    settings.LINKS_KNOWN = False
    User.objects.filter(pk=stranger.pk).update(is_active=True)
    tell(stranger, "again")
    assert (mail_at_once(), len(sent_mails())) == (0, 0)


def test_a_digest_once_a_day(user: User, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = {"now": datetime(2026, 3, 1, 20, tzinfo=UTC)}
    for target in ("sharing.actions.mail_notifications.now", "sharing.actions.notify.now"):
        monkeypatch.setattr(target, lambda: clock["now"])
    tell(user, "first", COMMENT), tell(user, "second", COMMENT), tell(stranger, "other", COMMENT)
    assert mail_digests() == 0  # what came today is for tomorrow
    clock["now"] = datetime(2026, 3, 2, 5, 59, tzinfo=UTC)
    assert mail_digests() == 0
    clock["now"] = datetime(2026, 3, 2, 6, 1, tzinfo=UTC)
    assert (mail_digests(), mail_digests()) == (2, 0)
    (message,) = sent_mails(user.email)
    assert message.subject == "2 notifications of the last day"
    assert "first" in str(message.body)
    assert "second" in str(message.body)
    tell(user, "third", COMMENT)
    clock["now"] += timedelta(hours=3)
    assert mail_digests() == 0
    clock["now"] += timedelta(days=1)
    assert mail_digests() == 1
    assert len(sent_mails(user.email)) == 2


def test_a_digest_of_many_names_some(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    NotificationPreference.objects.create(user=user, kind=SHARE, mail=MailChoice.DIGEST)
    for number in range(60):
        tell(user, f"n{number:02}")
    Notification.objects.update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(module, "DIGEST_HOUR", 0)
    assert mail_digests() == 1
    (message,) = sent_mails(user.email)
    assert "and 10 more." in str(message.body)
    assert str(message.body).count("n0") == 0


def test_an_error_leaves_them_for_the_next_run(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError

    tell(user)
    with monkeypatch.context() as patched:
        patched.setattr(module, "queue_message", fails)
        with pytest.raises(RuntimeError):
            mail_at_once()
    assert (mail_at_once(), len(sent_mails())) == (1, 1)
