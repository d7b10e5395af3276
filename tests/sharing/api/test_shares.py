"""Shares over REST: the requests, what they answer, and what everybody else gets."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import ADMIN, READ, SHARE, WRITE
from files.actions.mounts import reconcile_all
from files.actions.trash import trash_nodes
from files.models import Grant
from sharing.actions.waiting import settle_waiting
from sharing.models import Share, WaitingShare
from tests.sharing.team import Team
from tests.support.clients import Api, items, problem
from tests.support.people import actor_of, make_user
from tests.support.trees import put


@pytest.fixture
def ada(team: Team) -> Api:
    return Api(team.ada)


def made(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    assert answer["Location"] == f"/api/v1/shares/{body['id']}"
    return body


def create(api: Api, to: dict[str, Any], role: str = "viewer", **more: Any) -> Any:
    return api.post("/shares", {"path": "/Photos", "grantee": to, "role": role, **more})


def test_from_making_it_to_ending_it(team: Team, ada: Api) -> None:
    node_id = str(team.node().pk)
    body = {"node_id": node_id, "grantee": {"email": "bob@example.com"}, "role": "editor", "message": "Look"}
    share = made(ada.post("/shares", {**body, "expires_at": "2099-01-01T00:00:00+02:00"}))
    assert share == {
        "id": str(Grant.objects.get().pk),
        "state": "active",
        "node_id": node_id,
        "kind": "folder",
        "name": "Photos",
        "path": "/Photos",
        "space_id": str(team.home.pk),
        "mount_id": None,
        "owner": {"id": str(team.ada.pk), "name": "Ada Lovelace"},
        "grantee": {"kind": "user", "id": str(team.bob.pk), "name": "Bob", "email": "bob@example.com"},
        "role": "editor",
        "rights": ["view", "download", "comment", "create", "edit", "delete", "share"],
        "can_download": True,
        "can_share": True,
        "expires_at": "2098-12-31T22:00:00Z",
        "message": "Look",
        "created_at": share["created_at"],
        "created_by": {"id": str(team.ada.pk), "name": "Ada Lovelace"},
    }
    reconcile_all()
    bob, address = Api(team.bob), f"/shares/{share['id']}"
    (received,) = items(bob.get("/shared-with-me"))
    assert (received["path"], received["mount_id"]) == ("/Photos", received["mount_id"])
    assert received["mount_id"] is not None
    changed = ada.patch(address, {"role": "viewer", "expires_at": None}).json()
    assert (changed["role"], changed["expires_at"], changed["message"]) == ("viewer", None, "Look")
    for listing in ("/shares", "/shared-by-me", f"/shares?node_id={node_id}", "/shares?path=/Photos"):
        assert items(ada.get(listing.partition("?")[0], **query(listing))) == [changed]
    assert items(bob.get("/shared-by-me")) == []
    assert ada.delete(address).status_code == 204
    assert problem(ada.get(address)) == (404, "not_found")
    assert items(bob.get("/shared-with-me")) == []
    assert not Share.objects.exists()


def query(listing: str) -> dict[str, str]:
    return dict(part.split("=") for part in listing.partition("?")[2].split("&") if part)


def test_groups_teams_and_addresses(team: Team, ada: Api) -> None:
    group = team.group(team.carl)
    assert made(create(ada, {"group_id": str(group.pk)}))["grantee"]["kind"] == "group"
    whole = str(team.ada.membership.team_id)
    assert made(create(ada, {"team_id": whole}))["grantee"]["name"] == team.ada.membership.team.name
    waiting = made(create(ada, {"email": "Dora@Example.com"}, "commenter"))
    assert (waiting["state"], waiting["grantee"]) == (
        "waiting",
        {"kind": "email", "id": None, "name": "dora@example.com", "email": "dora@example.com"},
    )
    assert problem(create(ada, {"email": "dora@example.com"})) == (409, "already_shared")
    assert {item["state"] for item in items(ada.get("/shares", path="/Photos"))} == {"active", "waiting"}
    assert ada.patch(f"/shares/{waiting['id']}", {"role": "editor"}).json()["role"] == "editor"
    assert ada.delete(f"/shares/{waiting['id']}").status_code == 204
    assert not WaitingShare.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"path": "/Photos", "role": "viewer"},
        {"path": "/Photos", "role": "viewer", "grantee": {}},
        {"path": "/Photos", "role": "viewer", "grantee": {"email": "a@example.com", "user_id": "1"}},
        {"path": "/Photos", "role": "viewer", "grantee": {"mail": "a@example.com"}},
        {"path": "/Photos", "role": "uploader", "grantee": {"user_id": "1"}},
        {"path": "/Photos", "node_id": "1", "role": "viewer", "grantee": {"user_id": "1"}},
        {"path": "/Photos", "role": "viewer", "grantee": {"user_id": "1"}, "message": "x" * 1001},
        {"path": "/Photos", "role": "viewer", "grantee": {"user_id": "1"}, "expires_at": "soon"},
        {"path": "/Photos", "role": "viewer", "grantee": {"user_id": "1"}, "more": 1},
    ],
)
def test_wrong_bodies(ada: Api, body: dict[str, Any]) -> None:
    assert problem(ada.post("/shares", body)) == (400, "invalid_request")


def test_codes(team: Team, ada: Api) -> None:
    bob = {"user_id": str(team.bob.pk)}
    share = made(create(ada, bob))
    assert problem(create(ada, bob)) == (409, "already_shared")
    assert problem(create(ada, {"user_id": "999999"})) == (404, "subject_not_found")
    assert problem(create(ada, {"email": "x"})) == (400, "invalid_email")
    assert problem(create(ada, {"user_id": str(team.ada.pk)})) == (400, "invalid_request")
    assert problem(ada.post("/shares", {"path": "/no", "grantee": bob, "role": "viewer"})) == (404, "not_found")
    assert problem(ada.post("/shares", {"path": "/", "grantee": bob, "role": "viewer"})) == (409, "root_is_fixed")
    assert problem(ada.patch(f"/shares/{share['id']}", {})) == (400, "invalid_request")
    assert problem(ada.patch(f"/shares/{share['id']}", {"role": "owner"})) == (400, "invalid_request")
    assert problem(ada.get("/shares", node_id="1", path="/Photos")) == (400, "invalid_request")
    put(actor_of(team.carl), "Own/a.txt")
    mine = {"path": "/Own", "grantee": {"email": "new@example.com"}, "role": "viewer"}
    assert problem(Api(team.carl).post("/shares", mine)) == (403, "not_in_team")
    reconcile_all()
    theirs = {"path": "/Photos", "grantee": {"user_id": str(team.carl.pk)}, "role": "viewer"}
    assert problem(Api(team.bob).post("/shares", theirs)) == (403, "forbidden")


def test_narrow_tokens(team: Team) -> None:
    share = team.share(team.bob).id
    body = {"path": "/Photos", "grantee": {"user_id": str(team.carl.pk)}, "role": "viewer"}
    without_share = Api(team.ada, READ, WRITE, ADMIN)
    for answer in (
        without_share.post("/shares", body),
        without_share.patch(f"/shares/{share}", {"role": "editor"}),
        without_share.delete(f"/shares/{share}"),
        without_share.get("/shares/preview", path="/Photos", user_id=str(team.carl.pk)),
    ):
        assert problem(answer) == (403, "scope_missing")
    without_read = Api(team.ada, WRITE, SHARE, ADMIN)
    for path in ("/shares", f"/shares/{share}", "/shared-with-me", "/shared-by-me", "/shares?path=/Photos"):
        assert problem(without_read.get(path.partition("?")[0], **query(path))) == (403, "scope_missing")
    assert Grant.objects.get().role == "viewer"


def test_another_tenants_shares_do_not_exist(team: Team) -> None:
    share = team.share(team.bob).id
    waiting = team.share("dora@example.com").id
    node = str(team.node().pk)
    eve = Api(make_user("eve@example.org"))
    to_bob = {"grantee": {"user_id": str(team.bob.pk)}, "role": "viewer"}
    to_new = {"grantee": {"email": "new@example.com"}, "role": "viewer"}
    for answer in (
        eve.get(f"/shares/{share}"),
        eve.get(f"/shares/{waiting}"),
        eve.patch(f"/shares/{share}", {"role": "editor"}),
        eve.patch(f"/shares/{waiting}", {"role": "editor"}),
        eve.delete(f"/shares/{share}"),
        eve.delete(f"/shares/{waiting}"),
        eve.get("/shares", node_id=node),
        eve.get("/shares/preview", node_id=node, email="bob@example.com"),
        eve.post("/shares", {"node_id": node, **to_bob}),
        eve.post("/shares", {"node_id": node, **to_new}),
        eve.get("/shares/" + "9" * 19),
    ):
        assert problem(answer) == (404, "not_found")
        assert not any(word in answer.content.decode() for word in ("Photos", "bob", "ada@", "dora"))
    put(actor_of(eve.user or team.ada), "Own/a.txt")
    own = eve.post("/shares", {"path": "/Own", "grantee": {"user_id": str(team.bob.pk)}, "role": "viewer"})
    assert problem(own) == (404, "subject_not_found")
    for listing in ("/shares", "/shared-with-me", "/shared-by-me"):
        assert items(eve.get(listing)) == []


def test_who_sees_which(team: Team, ada: Api) -> None:
    """Who may share the folder sees all of its shares; others those that they have made or received."""
    to_bob, to_carl = team.share(team.bob), team.share(team.carl, path="/Photos")
    bob = Api(team.bob)
    assert [item["id"] for item in items(bob.get("/shares", node_id=str(team.node().pk)))] == [str(to_bob.id)]
    assert problem(bob.get(f"/shares/{to_carl.id}")) == (404, "not_found")
    assert bob.get(f"/shares/{to_bob.id}").json()["grantee"]["name"] == "Bob"
    assert len(items(ada.get("/shares", path="/Photos"))) == 2


def test_pages(team: Team, ada: Api) -> None:
    for number in range(5):
        put(team.actor, f"f{number}/a.txt")
        team.share(team.bob, path=f"/f{number}")
    team.share("dora@example.com", path="/f0")
    trash_nodes(team.actor, node_ids=[team.node("/f2").pk])
    names, cursor, pages = [], None, 0
    while True:
        body = ada.get("/shared-by-me", limit=2, **({"cursor": cursor} if cursor else {})).json()
        names += [(item["name"], item["state"]) for item in body["items"]]
        cursor, pages = body["next_cursor"], pages + 1
        if cursor is None:
            break
    active = [(f"f{number}", "active") for number in (4, 3, 1, 0)]
    assert names == [("f0", "waiting"), *active]
    assert pages == 3
    first = ada.get("/shared-by-me", limit=2).json()["next_cursor"]
    assert problem(ada.get("/shared-with-me", cursor=first)) == (400, "invalid_cursor")
    assert problem(Api(team.bob).get("/shared-by-me", cursor=first)) == (400, "invalid_cursor")


def test_what_it_would_open(team: Team, ada: Api) -> None:
    before = ada.get("/shares/preview", path="/Photos", email="bob@example.com", role="editor").json()
    assert (before["items"], before["bytes"], before["items_before"], before["items_new"]) == (4, 14, 0, 4)
    assert (before["rights_before"], before["people"], before["waits"]) == ([], 1, False)
    team.share(team.bob, path="/Photos/2026")
    after = ada.get("/shares/preview", path="/Photos", user_id=str(team.bob.pk), role="editor").json()
    assert (after["items"], after["items_before"], after["items_new"]) == (4, 2, 2)
    unknown = ada.get("/shares/preview", path="/Photos", email="dora@example.com").json()
    assert unknown["waits"] is True
    assert problem(ada.get("/shares/preview", path="/Photos")) == (400, "invalid_request")


def test_listings_cost_the_same_for_many(team: Team, ada: Api) -> None:
    bob, costs = Api(team.bob), []
    ada.get("/shared-by-me"), bob.get("/shared-with-me")  # the first use of a token is noted
    for number in range(12):
        put(team.actor, f"f{number}/a.txt")
        team.share([team.bob, team.carl][number % 2], path=f"/f{number}")
        if number in (2, 11):
            with CaptureQueriesContext(connection) as by_me:
                assert len(items(ada.get("/shared-by-me"))) == number + 1
            with CaptureQueriesContext(connection) as with_me:
                assert len(items(bob.get("/shared-with-me"))) == (number + 2) // 2
            costs.append((len(by_me), len(with_me)))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 9


def test_somebody_comes(team: Team, ada: Api) -> None:
    """The id stays when the share becomes one of a person."""
    share = made(create(ada, {"email": "dora@example.com"}))
    team.ada.membership.team.refresh_from_db()
    make_user("dora@example.com", team=team.ada.membership.team)
    assert settle_waiting() == 1
    found = ada.get(f"/shares/{share['id']}").json()
    assert (found["state"], found["grantee"]["kind"]) == ("active", "user")
