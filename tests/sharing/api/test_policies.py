"""/api/v1/team/policies and its preview, by links: as programs see it, and what links of a team answer then."""

from typing import Any

import pytest

from sharing.models import Link
from tests.sharing.linked import Linked
from tests.support.clients import Api, problem
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
URL = "/team/policies"
NOBODY = {"external_links": "nobody"}


def test_read_previewed_confirmed_and_loosened(world: Linked) -> None:
    api = Api(world.owner)
    link = world.link()
    before = api.get(URL).json()
    assert (before["external_links"], before["link_longest_days"]) == ("everybody", None)
    found = api.post(f"{URL}/preview", NOBODY).json()
    assert [(ending["kind"], ending["count"], ending["comes_back"]) for ending in found["endings"]] == [
        ("links_paused", 1, True)
    ]
    assert found["items"] == []
    assert problem(api.patch(URL, NOBODY)) == (409, "policy_would_end")
    refused = api.patch(URL, {**NOBODY, "confirmation": "wrong"}).json()
    assert (refused["endings"], refused["confirmation"]) == ({"links_paused": 1}, found["confirmation"])
    assert api.get(URL).json() == before
    done = api.patch(URL, {**NOBODY, "confirmation": found["confirmation"]})
    assert (done.status_code, done.json()["external_links"]) == (200, "nobody")
    assert api.get(f"/links/{link.pk}").json()["state"] == "against_policy"
    assert problem(api.post("/links", {"path": "/Photos"})) == (403, "against_policy")
    assert api.patch(URL, {"external_links": "everybody"}).status_code == 200
    assert api.get(f"/links/{link.pk}").json()["state"] == "open"


def test_a_refusal_names_the_rule(world: Linked) -> None:
    api = Api(world.owner)
    api.patch(URL, {"link_password_required": True})
    body = api.post("/links", {"path": "/Photos"}).json()
    assert (body["rule"], body["parameter"]) == ("link_password_required", "password")


def test_the_list_is_paged(world: Linked) -> None:
    api = Api(world.owner)
    links = [world.link() for _ in range(3)]
    page = api.post(f"{URL}/preview?kind=links_paused&limit=2", NOBODY).json()
    rest = api.post(f"{URL}/preview?kind=links_paused&limit=2&cursor={page['next_cursor']}", NOBODY).json()
    items = [*page["items"], *rest["items"]]
    assert [int(item["id"]) for item in items] == sorted(link.pk for link in links)
    assert items[0] == {"id": items[0]["id"], "whose": "owner@example.com", "what": "View"}
    assert (len(page["items"]), rest["next_cursor"]) == (2, None)
    assert api.post(f"{URL}/preview?kind=nothing", NOBODY).json()["items"] == []


def test_who_may(world: Linked) -> None:
    for call in (
        lambda api: api.get(URL),
        lambda api: api.patch(URL, NOBODY),
        lambda api: api.post(f"{URL}/preview", NOBODY),
    ):
        assert problem(call(Api(world.editor))) == (403, "not_allowed")
        assert problem(call(Api(world.owner, "read", "write", "share"))) == (403, "scope_missing")


def test_another_team_sees_nothing_of_it(world: Linked) -> None:
    world.link()
    stranger = Api(make_user())
    assert stranger.post(f"{URL}/preview", NOBODY).json()["endings"] == []
    assert stranger.patch(URL, NOBODY).status_code == 200
    assert Api(world.owner).get(URL).json()["external_links"] == "everybody"
    assert Link.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"external_links": "some"},
        {"link_longest_days": 0},
        {"unknown": 1},
        [],
        {"link_default_days": 9, "link_longest_days": 2},
    ],
)
def test_what_is_refused(world: Linked, body: Any) -> None:
    for answer in (Api(world.owner).patch(URL, body), Api(world.owner).post(f"{URL}/preview", body)):
        assert answer.status_code == 400, answer.content
