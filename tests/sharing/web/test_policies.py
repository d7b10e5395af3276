"""The page of a team's policies, by links: without script, and asking before anything ends."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import TeamPolicy
from accounts.web import team_policies
from common.clock import now
from dropbox_clone.web_server.watched_responses import RightsGone
from files.queries.tree import locate_path
from sharing.errors import LinkAgainstPolicy
from sharing.models import Audience
from tests.sharing.linked import Linked, opened
from tests.sharing.web.visiting import Visitor, code_of, text_of
from tests.support.clients import Dav
from tests.support.people import sign_in
from tests.support.trees import put

pytestmark = pytest.mark.django_db
URL = "/team/policies/"
LOOSE: dict[str, Any] = {"external_links": "everybody", "webhooks": "everybody", "second_factor_grace_days": "14"}
TIGHT = {**LOOSE, "external_links": "nobody", "link_expiry_required": "on", "link_longest_days": "30"}


@pytest.fixture
def browser(world: Linked) -> Client:
    client = Client()
    sign_in(client, world.owner)
    return client


def hidden(html: str) -> dict[str, str]:
    """What the page that asks would send, but for the button."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def test_asked_confirmed_and_loosened(world: Linked, browser: Client) -> None:
    link = world.link()
    html = browser.get(URL).content.decode()
    assert 'name="external_links"' in html
    asked = browser.post(URL, TIGHT)
    html = asked.content.decode()
    assert (asked.status_code, "Links that no longer open: 1" in html) == (200, True)
    assert not TeamPolicy.objects.exists()
    assert opened(link)
    sent = hidden(html)
    assert {name: sent[name] for name in TIGHT} == TIGHT
    done = browser.post(URL, {**sent, "act": "confirm"})
    assert (done.status_code, done.headers["Location"]) == (302, URL)
    policy = TeamPolicy.objects.get()
    assert (policy.external_links, policy.link_expiry_required, policy.link_longest_days) == ("nobody", True, 30)
    with pytest.raises(LinkAgainstPolicy):
        opened(link)
    page = browser.get(f"/links/{link.pk}/")
    assert "a policy of the team does not allow such links" in page.content.decode()
    assert browser.post(URL, LOOSE).status_code == 302
    assert opened(link)


def test_what_ends_nothing_is_not_asked(world: Linked, browser: Client) -> None:
    assert browser.post(URL, {**LOOSE, "link_password_required": "on"}).status_code == 302
    assert TeamPolicy.objects.get().link_password_required


def test_what_has_grown_meanwhile_is_asked_again(world: Linked, browser: Client) -> None:
    world.link()
    sent = hidden(browser.post(URL, TIGHT).content.decode())
    world.link()
    again = browser.post(URL, {**sent, "act": "confirm"})
    assert "Links that no longer open: 2" in again.content.decode()
    assert not TeamPolicy.objects.exists()


def test_the_list_is_paged(world: Linked, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_policies, "PAGE", 2)
    for _ in range(3):
        world.link()
    html = browser.post(URL, TIGHT).content.decode()
    assert html.count("owner@example.com") == 2 + html.split("<h1", 1)[0].count("owner@example.com")
    assert 'value="links_paused:2"' in html
    more = browser.post(URL, {**hidden(html), "page": "links_paused:2"}).content.decode()
    assert 'value="links_paused:1"' in more
    assert hidden(more) == hidden(html)
    assert not TeamPolicy.objects.exists()


def test_what_is_wrong_is_said_at_the_field(world: Linked, browser: Client) -> None:
    for sent, field in (
        ({**LOOSE, "link_longest_days": "0"}, "link_longest_days"),
        ({**LOOSE, "link_longest_days": "2", "link_default_days": "3"}, "link_default_days"),
        ({**LOOSE, "external_links": "some"}, "external_links"),
    ):
        answer = browser.post(URL, sent)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]


def test_who_may(world: Linked) -> None:
    client = Client()
    sign_in(client, world.editor)
    assert client.get(URL).status_code == 403
    assert client.post(URL, TIGHT).status_code == 403
    assert not TeamPolicy.objects.exists()


def test_the_form_of_a_link_says_what_is_missing(world: Linked, browser: Client) -> None:
    browser.post(URL, {**LOOSE, "link_password_required": "on", "link_longest_days": "30"})
    html = browser.get(f"/links/of/{world.home.pk}/").content.decode()
    assert "Links for others than the team need a password." in html
    assert "Links for others than the team end after 30 days." in html
    answer = browser.post(f"/links/of/{world.home.pk}/", {"role": "viewer", "audience": "anyone"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["password"])


def test_what_visitors_get(world: Linked, browser: Client) -> None:
    """The page, downloads, and WebDAV of a link that a policy pauses, and again when it is loosened."""
    link = world.link()
    visitor, mounted = Visitor(link), Dav(prefix=f"/public.php/dav/files/{link.token}/")
    file = locate_path(world.actor, "Photos/sea.jpg").node.pk
    paths = ("", f"/{file}", f"/{file}/download", "/zip")
    assert {visitor.get(path).status_code for path in paths} == {200}
    TeamPolicy.objects.create(team_id=world.owner.membership.team_id, external_links="nobody")
    for path in paths:
        answer = visitor.get(path)
        assert (answer.status_code, code_of(answer)) == (403, "link_against_policy"), path
    assert "the team that it comes from does not allow" in text_of(visitor.get())
    assert mounted.propfind("").status_code == 403
    assert mounted.send("GET", "sea.jpg").status_code == 403
    TeamPolicy.objects.all().delete()
    assert {visitor.get(path).status_code for path in paths} == {200}
    assert mounted.propfind("").status_code == 207


def test_a_running_download_ends(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http_kit.long_requests.EVERY", 0.0)
    large = put(world.actor, "Photos/large.bin", b"x" * 20_000_000).node
    parts = iter(Visitor(world.link()).get(f"/{large.pk}/download").streaming_content)
    next(parts)
    TeamPolicy.objects.create(team_id=world.owner.membership.team_id, link_password_required=True)
    with pytest.raises(RightsGone):
        list(parts)


def test_a_session_without_a_second_factor_opens_no_link_of_the_team(world: Linked, browser: Client) -> None:
    """After the time of grace it is nobody's; links for anyone open."""
    inner, outer = world.link(audience=Audience.TEAM), world.link()
    assert Visitor(inner, client=browser).get().status_code == 200
    policy = TeamPolicy.objects.create(
        team_id=world.owner.membership.team_id,
        second_factor_required=True,
        second_factor_due_at=now() + timedelta(days=1),
    )
    assert Visitor(inner, client=browser).get().status_code == 200
    TeamPolicy.objects.filter(pk=policy.pk).update(second_factor_due_at=now())
    assert code_of(Visitor(inner, client=browser).get()) == "link_sign_in_required"
    assert Visitor(outer, client=browser).get().status_code == 200
