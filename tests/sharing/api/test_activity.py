"""Activity over REST: shapes, filters, pages, and who may ask."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from accounts.actor import Actor
from accounts.models import AuditEvent, User
from files.models import Node
from sharing.actions.audit_follower import follow_audit
from tests.support.clients import Api, items, problem
from tests.support.mounts import mounted_space
from tests.support.shared_folders import shared_folder
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def test_mine(api: Api, actor: Actor, user: User) -> None:
    node = put(actor, "in/a.txt").node
    put(actor, "in/b.txt")
    files, folder = items(api.get("/activity"))
    assert files == {
        "id": files["id"],
        "kind": "add",
        "summary": f"{user.get_full_name()} added 2 files to “in”",
        "who": user.get_full_name(),
        "actor": {"id": str(user.pk), "name": user.get_full_name()},
        "at": files["at"],
        "since": files["since"],
        "count": 2,
        "files": 2,
        "folders": 0,
        "items": [
            {"node_id": item["node_id"], "kind": "file", "name": name, "path": f"/in/{name}", "path_before": None}
            for item, name in zip(files["items"], ("b.txt", "a.txt"), strict=True)
        ],
        "folder": {"path": "/in", "node_id": str(node.parent_id)},
        "space_id": str(node.space_id),
        "mount_id": None,
        "share": None,
    }
    assert (folder["folders"], folder["folder"]["path"]) == (1, "/")
    assert [item["id"] for item in items(api.get("/activity"))] == [files["id"], folder["id"]]


def test_of_a_node_and_of_a_space(api: Api, actor: Actor, user: User) -> None:
    node = put(actor, "in/a.txt").node
    put(actor, "beside.txt")
    assert [item["items"][0]["path"] for item in items(api.get(f"/nodes/{node.pk}/activity"))] == ["/in/a.txt"]
    of_folder = items(api.get(f"/nodes/{node.parent_id}/activity"))
    assert [item["items"][0]["path"] for item in of_folder] == ["/in/a.txt", "/in"]
    space = mounted_space(actor, "Plans")
    put(actor, "x.txt", space_id=space.pk)
    assert [item["items"][0]["path"] for item in items(api.get(f"/spaces/{space.pk}/activity"))] == ["/x.txt"]
    assert len(items(api.get(f"/spaces/{home_of(user).pk}/activity"))) >= 3


def test_pages_and_filters(api: Api, actor: Actor, user: User) -> None:
    for number in range(5):
        put(actor, f"d{number}/f.txt")
    found, cursor = list[dict[str, Any]](), None
    while True:
        page = api.get("/activity", limit=2, **({"cursor": cursor} if cursor else {})).json()
        found, cursor = found + page["items"], page["next_cursor"]
        if cursor is None:
            break
    assert sum(item["count"] for item in found) == 10
    asked = {"kinds": "add,move", "person": user.pk, "since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}
    assert sum(item["count"] for item in items(api.get("/activity", **asked))) == 10
    assert items(api.get("/activity", kinds="delete")) == []
    for wrong in ({"kinds": "fly"}, {"person": "x"}, {"since": "yesterday"}, {"limit": 0}, {"limit": 201}):
        assert problem(api.get("/activity", **wrong)) == (400, "invalid_request")


def test_a_cursor_fits_one_person_one_list_and_one_filter(api: Api, actor: Actor, stranger: User) -> None:
    for number in range(3):
        node = put(actor, f"d{number}/f.txt").node
    cursor = api.get("/activity", limit=1).json()["next_cursor"]
    assert str(node.space_id) not in cursor
    assert api.get("/activity", cursor=cursor).status_code == 200
    for answer in (
        Api(stranger).get("/activity", cursor=cursor),
        api.get(f"/spaces/{node.space_id}/activity", cursor=cursor),
        api.get("/activity", cursor=cursor, kinds="add"),
        api.get("/activity", cursor=cursor[:-2]),
        api.get("/activity", cursor="x" * 2000),
        api.get("/activity", cursor="é"),
    ):
        assert problem(answer) == (400, "invalid_cursor")


def test_who_may_ask(api: Api, actor: Actor, user: User, stranger: User) -> None:
    node = put(actor, "a.txt").node
    for path in (f"/nodes/{node.pk}/activity", f"/spaces/{node.space_id}/activity"):
        assert problem(Api(stranger).get(path)) == (404, "not_found")
        assert problem(Api(user, "write").get(path)) == (403, "scope_missing")
        assert api.get(path.replace(str(node.pk), "9" * 30)).status_code in (200, 404)
    assert problem(Api(user, "write").get("/activity")) == (403, "scope_missing")
    assert items(Api(stranger).get("/activity")) == []


def test_shares_for_who_may_know_of_them(db: None) -> None:
    world = shared_folder()
    AuditEvent.objects.update(at=F("at") - timedelta(minutes=1))
    follow_audit()
    node = Node.objects.get(name="Photos", space=world.home, target_id=None)
    shares = [item for item in items(Api(world.owner).get(f"/nodes/{node.pk}/activity")) if item["kind"] == "share"]
    assert {share["share"]["with_name"] for share in shares} == {"Editor", "Viewer"}
    assert {share["share"]["role"] for share in shares} == {"editor", "viewer"}
    seen = items(Api(world.viewer).get(f"/nodes/{node.pk}/activity"))
    assert seen
    assert "share" not in {item["kind"] for item in seen}
    assert {item["mount_id"] is not None for item in seen} == {True}
