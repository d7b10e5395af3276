"""Nextcloud's notifications over OCS, as its desktop client polls and dismisses them."""

from typing import Any

import pytest

from accounts.models import User
from sharing.actions.notify import notify
from sharing.models import Notification, NotificationKind
from tests.support.clients import Nextcloud

pytestmark = pytest.mark.django_db
URL = "apps/notifications/api/v2/notifications"


def tell(user: User, name: str = "Plans", by: User | None = None) -> Notification:
    notify([user.pk], kind=NotificationKind.SHARE, by=None if by is None else by.pk, node_id=7, name=name)
    return Notification.objects.filter(user=user).latest("pk")


def data(response: Any) -> Any:
    assert response.status_code == 200, response.content
    return response.json()["ocs"]["data"]


def test_capabilities_announce_them(user: User) -> None:
    able = data(Nextcloud(user).ocs("cloud/capabilities"))["capabilities"]["notifications"]["ocs-endpoints"]
    assert {"list", "get", "delete", "delete-all"} <= set(able)


def test_a_client_lists_and_dismisses_them(user: User, stranger: User) -> None:
    client, row, other = Nextcloud(user), tell(user, by=stranger), tell(stranger)
    (found,) = data(client.ocs(URL))
    assert found["notification_id"] == row.pk
    assert found["subject"] == f"{stranger.get_full_name()} shared “Plans” with you"
    assert (found["user"], found["object_id"], found["actions"]) == (str(user.pk), "7", [])
    assert found["link"].endswith("/files/7/")
    assert found["icon"].startswith("http")
    assert data(client.ocs(f"{URL}/{row.pk}")) == found
    for number in (other.pk, 10**30, 0):
        for method in ("GET", "DELETE"):
            assert client.ocs(f"{URL}/{number}", method).status_code == 404
    assert data(client.ocs(f"{URL}/{row.pk}", "DELETE")) == []
    assert data(client.ocs(URL)) == []
    tell(user), tell(user, "again")
    assert len(data(client.ocs(URL))) == 2
    assert data(client.ocs(URL, "DELETE")) == []
    assert Notification.objects.filter(user=user, read_at=None).count() == 0
    assert Notification.objects.get(pk=other.pk).read_at is None


def test_who_may_not(user: User) -> None:
    tell(user)
    assert Nextcloud().ocs(URL).status_code == 401
    assert Nextcloud(user, "read").ocs(URL, "DELETE").status_code == 403
    assert Nextcloud(user).ocs(URL, "POST").status_code == 405
    assert Nextcloud(user).send("GET", f"/ocs/v2.php/{URL}", ocs_apirequest="true").content.startswith(b"<?xml")
