"""Pages of activity and notifications: what they show, to whom, and what they cost."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from files.models import Node
from sharing.actions.notifications import unsubscribe_token
from sharing.actions.notify import notify
from sharing.models import Notification, NotificationKind
from sharing.queries.notifications import choices_of
from sharing.web import notifications
from tests.support.clients import Api, Dav
from tests.support.shared_folders import shared_folder
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
SHARE = NotificationKind.SHARE


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tell(user: User, count: int = 1) -> None:
    for number in range(count):
        notify([user.pk], kind=SHARE, node_id=7, name=f"<b>{number}")


def test_activity(browser: Client, actor: Actor, user: User) -> None:
    assert "Nothing has happened here yet." in browser.get(reverse("sharing:activity")).content.decode()
    put(actor, "<i>in/a.txt"), put(actor, "<i>in/b.txt")
    response = browser.get(reverse("sharing:activity"))
    page = response.content.decode()
    assert [told.group.count for told in response.context["entries"]] == [2, 1]
    assert "added 2 files to “&lt;i&gt;in”" in page
    assert "<i>in" not in page
    filtered = browser.get(reverse("sharing:activity"), {"kind": "delete", "person": user.pk, "since": "2026-01-01"})
    assert "Nothing matches this filter." in filtered.content.decode()
    for wrong in ({"kind": "fly"}, {"person": "x"}, {"since": "9999-12-31"}, {"until": "2026-13-01"}, {"cursor": "x"}):
        assert browser.get(reverse("sharing:activity"), wrong).status_code == 400, wrong


def test_activity_in_pages(browser: Client, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        put(actor, f"d{number:02}/f.txt")
    url, shown = reverse("sharing:activity"), 0
    while url:
        response = browser.get(url)
        shown += sum(told.group.count for told in response.context["entries"])
        url = response.context["next_url"]
    assert shown == 120


def test_activity_of_a_node_and_of_a_space(browser: Client, actor: Actor, user: User, stranger: User) -> None:
    node = put(actor, "in/a.txt").node
    assert node.parent_id is not None
    pages = [
        reverse("sharing:node_activity", args=[node.pk]),
        reverse("sharing:node_activity", args=[node.parent_id]),
        reverse("sharing:space_activity", args=[home_of(user).pk]),
    ]
    assert [len(browser.get(page).context["entries"]) for page in pages] == [1, 2, 2]
    other = Client()
    other.force_login(stranger)
    assert {other.get(page).status_code for page in pages} == {404}
    assert {Client().get(page).status_code for page in pages} == {302}


def test_the_page_of_a_file_has_its_latest_activity(browser: Client, actor: Actor) -> None:
    node = put(actor, "a.txt").node
    page = browser.get(reverse("files:browse", args=[node.pk])).content.decode()
    assert "added “a.txt” to “Files”" in page
    assert reverse("sharing:node_activity", args=[node.pk]) in page


def test_the_page_of_a_mounted_file_shows_the_path_there(db: None) -> None:
    world = shared_folder()
    client = Client()
    client.force_login(world.viewer)
    node = Node.objects.get(name="may.txt")
    page = client.get(reverse("files:browse", args=[node.pk])).content.decode()
    assert "/Photos/2026/may.txt" in page
    assert "canary" not in page


def test_notifications(browser: Client, user: User, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    url = reverse("sharing:notifications")
    assert "Nothing yet." in browser.get(url).content.decode()
    monkeypatch.setattr(notifications, "PAGE", 2)
    tell(user, 3), tell(stranger)
    response = browser.get(url)
    page = response.content.decode()
    assert "“&lt;b&gt;2”" in page
    assert "<b>2" not in page
    assert len(browser.get(response.context["next_url"]).context["entries"]) == 1
    first = response.context["entries"][0]["row"].pk
    assert browser.post(reverse("sharing:read_notifications"), {"notification": first}).status_code == 302
    assert len(browser.get(url, {"unread": "1"}).context["entries"]) == 2
    browser.post(reverse("sharing:read_notifications"), {"all": "1"})
    assert "You have read everything." in browser.get(url, {"unread": "1"}).content.decode()
    assert Notification.objects.filter(user=stranger, read_at=None).count() == 1
    assert browser.post(reverse("sharing:read_notifications")).status_code == 400


def test_preferences(browser: Client, user: User) -> None:
    url = reverse("sharing:notification_preferences")
    assert browser.get(url).context["kinds"][0]["mail"] == "once"
    assert browser.post(url, {"share": "off"}).status_code == 302
    assert choices_of([user.pk])[user.pk][SHARE] == "off"
    assert browser.post(url, {"share": "hourly"}).status_code == 400


def test_ending_mails_without_a_sign_in(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    url = reverse("sharing:unsubscribe", args=[unsubscribe_token(user.pk, SHARE)])
    asked = client.get(url)
    assert (asked.status_code, asked.context["done"], choices_of([user.pk])[user.pk][SHARE]) == (200, False, "once")
    assert user.email not in asked.content.decode()
    assert client.post(url).context["done"]
    assert choices_of([user.pk])[user.pk][SHARE] == "off"
    assert client.get(reverse("sharing:unsubscribe", args=["x"])).status_code == 400
    assert client.put(url).status_code == 405


def counted(browser: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return [query["sql"] for query in queries.captured_queries if "sharing_notification" in query["sql"]]


def test_the_bell_costs_pages_one_query_and_programs_none(browser: Client, user: User, actor: Actor) -> None:
    tell(user, 3)
    put(actor, "a.txt")
    page = browser.get("/")
    assert 'data-unread="3"' in page.content.decode()
    assert len(counted(browser, "/")) == 1
    clients: list[Any] = [lambda: Api(user).get("/folders"), lambda: Dav(user).propfind(depth="1")]
    for ask in clients:
        with CaptureQueriesContext(connection) as queries:
            assert ask().status_code in (200, 207)
        assert not [query for query in queries.captured_queries if "sharing_" in query["sql"]]
