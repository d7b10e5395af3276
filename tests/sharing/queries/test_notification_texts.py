"""sharing.queries.notification_texts: notifications in words."""

from typing import Any

from accounts.models import User
from sharing.models import Notification, NotificationKind
from sharing.queries.notification_texts import link_of, text_of, who

ADA = User(pk=1, email="ada@example.com", name="Ada")


def told(kind: NotificationKind = NotificationKind.SHARE, by: User | None = ADA, **detail: Any) -> Notification:
    return Notification(kind=kind, by=by, detail=detail, node_id=7)


def test_sentences() -> None:
    assert text_of(told(name="Plans")) == "Ada shared “Plans” with you"
    assert text_of(told(name="Plans", text="role")) == "Ada changed what you may do with “Plans”"
    assert text_of(told(NotificationKind.QUOTA, None, percent=93)) == "Your storage is 93 % full"
    assert text_of(told(name="%(who)s %d")) == "Ada shared “%(who)s %d” with you"
    for kind in NotificationKind:
        assert "%(" not in text_of(told(kind, name="x"))


def test_who() -> None:
    assert who(told(by=None)) == "Somebody"
    assert who(told(by=None, who="A visitor")) == "A visitor"


def test_links() -> None:
    assert link_of(told()) == "/files/7/"
    assert link_of(told(NotificationKind.UNSHARE)) == ""
    assert link_of(Notification(kind=NotificationKind.QUOTA)) == ""
