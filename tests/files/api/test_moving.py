"""POST /move, /copy, and the trash."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.actions.large_copy import run_copies
from files.models import TrashItem
from files.queries.tree import locate_path
from tests.support.clients import Api, items, problem
from tests.support.people import make_member
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db


def paths(response: Any) -> list[str]:
    return [item["path"] for item in items(response)]


def test_move_many_by_id_and_by_path(api: Api, actor: Actor) -> None:
    first, second = put(actor, "a/1.txt").node, put(actor, "a/2.txt").node
    folder = api.post("/folders", {"path": "/to"}).json()["id"]
    moved = api.post("/move", {"ids": [str(first.pk), second.pk], "to": {"parent_id": folder}})
    assert paths(moved) == ["/to/1.txt", "/to/2.txt"]
    assert [item["path_before"] for item in items(moved)] == ["/a/1.txt", "/a/2.txt"]
    back = api.post("/move", {"paths": ["/to/2.txt", "//to/1.txt"], "to": {"path": "/a/"}})
    assert paths(back) == ["/a/2.txt", "/a/1.txt"]


def test_move_one_to_a_path(api: Api, actor: Actor) -> None:
    node = put(actor, "draft.txt").node
    moved = api.post("/move", {"from_path": "/draft.txt", "to_path": "/2026/x/final.txt"})
    assert (paths(moved), items(moved)[0]["id"]) == (["/2026/x/final.txt"], str(node.pk))
    assert paths(api.post("/move", {"from_id": str(node.pk), "to_path": "/b.txt"})) == ["/b.txt"]


def test_all_of_them_or_none(api: Api, actor: Actor) -> None:
    put(actor, "a/1.txt"), put(actor, "a/2.txt"), put(actor, "to/2.txt")
    body = {"paths": ["/a/1.txt", "/a/2.txt"], "to": {"path": "/to"}}
    assert problem(api.post("/move", body)) == (409, "name_taken")
    assert api.get("/metadata", path="/a/1.txt").status_code == 200
    assert paths(api.post("/move", {**body, "autorename": True})) == ["/to/1.txt", "/to/2 (2).txt"]
    put(actor, "a/2.txt")
    assert paths(api.post("/copy", {"paths": ["/a/2.txt"], "to": {"path": "/to"}, "overwrite": True})) == ["/to/2.txt"]
    assert paths(api.get("/trash")) == ["/to/2.txt"]


def test_copy_with_everything_below(api: Api, actor: Actor) -> None:
    node = put(actor, "a/b/c.txt", b"xyz").node
    copied = items(api.post("/copy", {"from_path": "/a", "to_path": "/z"}))[0]
    assert (copied["path"], copied["descendants"], copied["size"]) == ("/z", 2, 3)
    inner = api.get("/metadata", path="/z/b/c.txt").json()
    assert inner["id"] != str(node.pk)
    assert inner["content_hash"] == api.get("/metadata", path="/a/b/c.txt").json()["content_hash"]


def test_between_spaces(api: Api, actor: Actor, user: User) -> None:
    team = api.post("/spaces", {"name": "Marketing"})
    assert team.status_code == 201
    space = team.json()["id"]
    put(actor, "a/b.txt")
    moved = items(api.post("/move", {"paths": ["/a"], "to": {"path": "/", "space": space}}))[0]
    assert (moved["space_id"], moved["path"]) == (space, "/a")
    assert api.get("/metadata", path="/a/b.txt", space=space).status_code == 200
    assert problem(api.get("/metadata", path="/a/b.txt")) == (404, "parent_not_found")
    copied = api.post("/copy", {"from_path": "/a/b.txt", "space": space, "to_path": "/c.txt", "to_space": "home"})
    assert items(copied)[0]["space_id"] == str(locate_path(actor, "/").space.pk)
    assert [row["kind"] for row in items(api.get("/spaces"))] == ["home", "team"]
    member = Api(make_member(user))
    assert member.get("/metadata", path="/a/b.txt", space=space).status_code == 200
    assert problem(member.post("/spaces", {"name": "Mine"}))[0] == 403


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"paths": ["/no"], "to": {"path": "/f"}}, (404, "not_found")),
        ({"paths": ["/f/a.txt"], "to": {"path": "/no"}}, (404, "parent_not_found")),
        ({"paths": ["/f"], "to": {"path": "/f/g"}}, (409, "move_into_itself")),
        ({"paths": ["/"], "to": {"path": "/f"}}, (409, "root_is_fixed")),
        ({"paths": ["/f/g"], "to": {"path": "/f/a.txt"}}, (409, "not_a_folder")),
        ({"paths": ["/../f"], "to": {"path": "/f"}}, (400, "invalid_name")),
        ({"paths": ["/f/a\0"], "to": {"path": "/f"}}, (400, "invalid_name")),
        ({"from_path": "/f/a.txt", "to_path": "/f/.."}, (400, "invalid_name")),
        ({"from_path": "/f/a.txt", "to_path": "/"}, (400, "invalid_name")),
        ({"from_path": "/f/a.txt", "to_path": "/" + "n/" * 101 + "a"}, (400, "invalid_name")),
        ({}, (400, "invalid_request")),
        ({"ids": ["1"]}, (400, "invalid_request")),
        ({"ids": [], "to": {"path": "/"}}, (400, "invalid_request")),
        ({"ids": ["1"] * 1001, "to": {"path": "/"}}, (400, "invalid_request")),
        ({"ids": ["1"], "paths": ["/f"], "to": {"path": "/"}}, (400, "invalid_request")),
        ({"ids": "1", "to": {"path": "/"}}, (400, "invalid_request")),
        ({"ids": [None], "to": {"path": "/"}}, (400, "invalid_request")),
        ({"ids": ["1"], "to": {}}, (400, "invalid_request")),
        ({"ids": ["1"], "to": "x"}, (400, "invalid_request")),
        ({"from_path": "/f", "to": {"path": "/"}}, (400, "invalid_request")),
        ({"from_path": "/f", "to_path": 7}, (400, "invalid_request")),
    ],
)
@pytest.mark.parametrize("endpoint", ["/move", "/copy"])
def test_refused(api: Api, actor: Actor, endpoint: str, body: dict[str, Any], expected: tuple[int, str]) -> None:
    put(actor, "f/a.txt"), put(actor, "f/g/b.txt")
    assert problem(api.post(endpoint, body)) == expected


def test_too_deep(api: Api) -> None:
    api.post("/folders", {"path": "/d" * 60})
    api.post("/folders", {"path": "/e" * 60})
    body = {"paths": ["/e"], "to": {"path": "/d" * 60}}
    assert problem(api.post("/move", body)) == (400, "too_deep")
    assert problem(api.post("/copy", body)) == (400, "too_deep")
    api.post("/trash", {"paths": ["/e" * 3]})
    assert paths(api.post("/move", body)) == ["/d" * 60 + "/e"]


@pytest.mark.parametrize("count", [2, 20])
def test_the_cost_of_moving_and_deleting(
    api: Api, actor: Actor, count: int, django_assert_max_num_queries: Any
) -> None:
    """Under the lock each named node costs a few statements; what is below costs none."""
    for number in range(count):
        put(actor, f"a/{number}/deep/file.txt")
    api.post("/folders", {"path": "/to"})
    with django_assert_max_num_queries(25):
        api.post("/move", {"paths": ["/a"], "to": {"path": "/to"}})
    with django_assert_max_num_queries(25):
        api.post("/trash", {"paths": ["/to/a"]})
    with django_assert_max_num_queries(8):
        items(api.get("/trash"))


def test_the_trash_and_back(api: Api, actor: Actor) -> None:
    put(actor, "a/b.txt"), put(actor, "c.txt")
    trashed = items(api.post("/trash", {"paths": ["/a", "/a/b.txt", "/c.txt"]}))
    assert [item["path"] for item in trashed] == ["/a", "/c.txt"]
    listed = items(api.get("/trash"))
    assert {item["id"] for item in listed} == {item["id"] for item in trashed}
    assert listed == sorted(listed, key=lambda item: (item["deleted_at"], int(item["id"])), reverse=True)
    assert listed[0]["deleted_by"]["id"] == str(actor.user_id)
    first = api.get("/trash", limit=1).json()
    second = api.get("/trash", limit=1, cursor=first["next_cursor"]).json()
    assert first["items"] + second["items"] == listed
    assert second["next_cursor"] is None
    late = TrashItem.objects.get(pk=listed[0]["id"])
    TrashItem.objects.filter(pk=listed[1]["id"]).update(deleted_at=late.deleted_at + timedelta(seconds=1))
    assert [item["id"] for item in items(api.get("/trash"))] == [listed[1]["id"], listed[0]["id"]]
    put(actor, "c.txt", b"another")
    ids = [item["id"] for item in trashed]
    assert paths(api.post("/trash/restore", {"ids": ids})) == ["/a", "/c (2).txt"]
    assert problem(api.post("/trash/restore", {"ids": ids})) == (404, "not_found")


def test_restore_into_a_folder(api: Api, actor: Actor) -> None:
    put(actor, "a/b.txt")
    item = items(api.post("/trash", {"paths": ["/a/b.txt"]}))[0]["id"]
    folder = api.post("/folders", {"path": "/x"}).json()["id"]
    assert paths(api.post("/trash/restore", {"ids": [item], "parent_id": folder})) == ["/x/b.txt"]


def test_purge_and_empty(api: Api, actor: Actor) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        put(actor, name)
    ids = [item["id"] for item in items(api.post("/trash", {"paths": ["/a.txt", "/b.txt", "/c.txt"]}))]
    assert api.get("/usage").json()["account"]["trash_bytes"] == 15
    assert api.post("/trash/purge", {"ids": ids[:1]}).json() == {"purged": 1}
    assert api.post("/trash/empty", {}).json() == {"purged": 2}
    assert items(api.get("/trash")) == []
    assert api.get("/usage").json()["account"]["trash_bytes"] == 0


def test_a_large_copy_tells_how_far_it_is(api: Api, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files.actions.large_copy.LARGE", 3)
    for name in "abc":
        put(actor, f"from/{name}")
    answer = api.post("/copy", {"from_path": "/from", "to_path": "/to"})
    assert answer.status_code == 202
    path = f"/copies/{answer.json()['copy_id']}"
    top = answer.json()["items"][0]["id"]
    began = api.get(path).json()
    assert (began["state"], began["done"], began["total"], began["node_ids"]) == ("running", 0, 3, [top])
    assert run_copies(seconds=30) == 3
    ended = api.get(path).json()
    assert (ended["state"], ended["done"], ended["error"]) == ("done", 3, None)
    assert api.get("/copies").json()["items"] == [ended]
    assert api.delete(path).status_code == 204
    assert api.get(path).json()["state"] == "done"
    assert bytes_at(actor, "/to/c") == b"hello"
