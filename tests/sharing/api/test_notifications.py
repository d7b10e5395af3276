"""Notifications over REST."""

import pytest

from accounts.models import User
from sharing.actions.notify import notify
from sharing.models import Notification, NotificationKind
from tests.support.clients import Api, items, problem

pytestmark = pytest.mark.django_db


def tell(user: User, name: str = "Plans", by: User | None = None) -> Notification:
    notify([user.pk], kind=NotificationKind.SHARE, by=None if by is None else by.pk, node_id=7, name=name)
    return Notification.objects.filter(user=user).latest("pk")


def test_list(api: Api, user: User, stranger: User) -> None:
    row = tell(user, by=stranger)
    tell(stranger, "other")
    (found,) = items(api.get("/notifications"))
    assert found == {
        "id": str(row.pk),
        "kind": "share",
        "text": f"{stranger.get_full_name()} shared “Plans” with you",
        "by": {"id": str(stranger.pk), "name": stranger.get_full_name()},
        "node_id": "7",
        "created_at": found["created_at"],
        "read_at": None,
    }


def test_pages(api: Api, user: User) -> None:
    for number in range(5):
        tell(user, str(number))
    first = api.get("/notifications", limit=3).json()
    rest = api.get("/notifications", limit=3, cursor=first["next_cursor"]).json()
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [3, 2, None]
    wrong = api.get("/notifications", unread="true", cursor=first["next_cursor"])
    assert problem(wrong) == (400, "invalid_cursor")


def test_reading(api: Api, user: User, stranger: User) -> None:
    mine, other = [tell(user, str(number)).pk for number in range(3)], tell(stranger).pk
    assert api.post("/notifications/read", {"ids": [str(mine[0]), str(other), "9" * 19]}).json() == {"marked": 1}
    assert {item["id"] for item in items(api.get("/notifications", unread="true"))} == {str(pk) for pk in mine[1:]}
    assert api.post("/notifications/read", {"all": True}).json() == {"marked": 2}
    assert items(api.get("/notifications", unread="true")) == []
    assert Notification.objects.get(pk=other).read_at is None
    for wrong in ({}, {"ids": []}, {"all": False}, {"ids": ["1"], "all": True}, {"every": True}, {"ids": ["1"] * 1001}):
        assert problem(api.post("/notifications/read", wrong)) == (400, "invalid_request"), wrong
    assert problem(Api(user, "read").post("/notifications/read", {"all": True})) == (403, "scope_missing")


def test_preferences(api: Api, user: User, stranger: User) -> None:
    before = api.get("/notification-preferences").json()["mail"]
    assert set(before) == set(NotificationKind.values)
    after = api.patch("/notification-preferences", {"mail": {"share": "digest", "quota": "off"}}).json()["mail"]
    assert after == {**before, "share": "digest", "quota": "off"} == api.get("/notification-preferences").json()["mail"]
    assert Api(stranger).get("/notification-preferences").json()["mail"] == before
    for wrong in ({}, {"mail": {"share": "hourly"}}, {"mail": {"fly": "off"}}, {"mail": "off"}):
        assert problem(api.patch("/notification-preferences", wrong)) == (400, "invalid_request"), wrong
    reading = Api(user, "read")
    assert problem(reading.patch("/notification-preferences", {"mail": {"share": "off"}})) == (403, "scope_missing")
