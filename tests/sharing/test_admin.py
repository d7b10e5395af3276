"""The console's page of all links: filters, revoking after it was asked, and CSV. No address is on any of them."""

import csv
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from sharing import admin as page
from sharing.errors import LinkNotFound
from sharing.models import Audience, Link
from tests.sharing.linked import Linked, opened
from tests.support.people import make_administrator, make_user, sign_in

pytestmark = pytest.mark.django_db
LIST = "/admin/sharing/link/"


@pytest.fixture
def console(world: Linked) -> Client:
    client = Client()
    sign_in(client, make_administrator(email="root@example.com"))
    return client


def chosen(action: str, *links: Link, **more: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": [str(link.pk) for link in links], **more}


def test_the_list(world: Linked, console: Client) -> None:
    assert reverse("admin:sharing_link_changelist") == LIST
    link, inside = world.link(address="summer"), world.link(world.plans, audience=Audience.TEAM)
    other = make_user("other-team@example.com")
    html = console.get(LIST).content.decode()
    assert "Photos" in html
    assert "Plans" in html
    for secret in (link.token, "summer", inside.token):
        assert secret not in html
        assert secret not in console.get(f"{LIST}{link.pk}/change/").content.decode()
    team, elsewhere = world.owner.membership.team_id, other.membership.team_id
    for query, expected in (
        ({"audience__exact": "team"}, {inside.pk}),
        ({"node__space__team__id__exact": team}, {link.pk, inside.pk}),
        ({"node__space__team__id__exact": elsewhere}, set()),
        ({"created_by__id__exact": world.editor.pk}, set()),
        ({"standing": "live"}, {link.pk, inside.pk}),
        ({"standing": "revoked"}, set()),
        ({"standing": "nonsense"}, {link.pk, inside.pk}),
        ({"q": link.token}, set()),
        ({"q": "owner@example.com"}, {link.pk, inside.pk}),
    ):
        found = console.get(LIST, query).context["cl"].result_list
        assert {one.pk for one in found} == expected, query


def test_revoking_asks_first(world: Linked, console: Client) -> None:
    link, other = world.link(), world.link()
    asked = console.post(LIST, chosen("revoke", link))
    html = asked.content.decode()
    assert (asked.status_code, "cannot be undone" in html, "owner@example.com" in html) == (200, True, True)
    assert f'value="{link.pk}"' in html
    assert f'value="{other.pk}"' not in html
    assert opened(link)
    done = console.post(LIST, chosen("revoke", link, confirmed="yes"), follow=True)
    assert "1 link is revoked." in done.content.decode()
    with pytest.raises(LinkNotFound):
        opened(link)
    assert opened(other)
    assert AuditEvent.objects.get(kind="link.revoke").actor == User.objects.get(email="root@example.com")
    again = console.post(LIST, chosen("revoke", link, confirmed="yes"), follow=True)
    assert "These links are revoked already." in again.content.decode()


def test_as_many_as_one_looks_through(world: Linked, console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MAXIMUM_REVOKED", 1)
    links = [world.link(), world.link()]
    answer = console.post(LIST, chosen("revoke", *links, confirmed="yes"), follow=True)
    assert "Choose at most 1 links at once." in answer.content.decode()
    assert all(opened(link) for link in links)


def test_csv(world: Linked, console: Client) -> None:
    link, other = world.link(), world.link(world.plans)
    answer = console.post(LIST, chosen("as_csv", link))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode()
    (row,) = csv.DictReader(text.splitlines())
    assert (row["id"], row["owner"], row["name"], row["standing"]) == (
        str(link.pk),
        "owner@example.com",
        "Photos",
        "live",
    )
    assert link.token not in text
    everything = console.post(LIST, chosen("as_csv", link, select_across="1"))
    assert len(list(csv.reader(b"".join(everything.streaming_content).decode().splitlines()))) == 3
    assert other.token not in text
    assert AuditEvent.objects.filter(kind="link.export").count() == 2


def test_nobody_else(world: Linked) -> None:
    link = world.link()
    client = Client()
    sign_in(client, world.owner)
    for sent in (chosen("revoke", link, confirmed="yes"), chosen("as_csv", link)):
        assert client.post(LIST, sent).status_code in (302, 403)
    assert opened(link)
    assert not AuditEvent.objects.filter(kind__in=["link.revoke", "link.export"]).exists()
