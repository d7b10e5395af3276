"""Versions, rewinding, the journal, changes by cursor."""

import threading
import time
from typing import Any

import pytest

from accounts.actor import Actor
from files.models import Change
from files.queries.tree import locate_path
from http_kit import long_poll as waiting
from tests.support.clients import Api, items, problem
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_versions(api: Api, actor: Actor) -> None:
    node = put(actor, "a.txt", b"one").node
    put(actor, "a.txt", b"two!")
    found = items(api.get(f"/nodes/{node.pk}/versions"))
    assert [(row["size"], row["is_current"]) for row in found] == [(4, True), (3, False)]
    page = api.get(f"/nodes/{node.pk}/versions", limit=1).json()
    assert page["items"] == found[:1]
    assert items(api.get(f"/nodes/{node.pk}/versions", limit=1, cursor=page["next_cursor"])) == found[1:]
    old = found[1]["id"]
    restored = api.post(f"/nodes/{node.pk}/versions/{old}/restore")
    assert (restored.json()["size"], restored.json()["path"], restored.json()["changed"]) == (3, "/a.txt", True)
    assert restored["ETag"] == api.get(f"/nodes/{node.pk}").json()["etag"]
    current = restored.json()["version_id"]
    assert problem(api.delete(f"/nodes/{node.pk}/versions/{current}")) == (400, "invalid_request")
    assert api.delete(f"/nodes/{node.pk}/versions/{old}").status_code == 204
    assert problem(api.delete(f"/nodes/{node.pk}/versions/{old}")) == (404, "not_found")
    assert len(items(api.get(f"/nodes/{node.pk}/versions"))) == 2


def test_versions_of_another_file_are_not_found(api: Api, actor: Actor) -> None:
    node, other = put(actor, "a.txt", b"one").node, put(actor, "b.txt", b"two").node
    assert problem(api.post(f"/nodes/{node.pk}/versions/{other.version_id}/restore")) == (404, "not_found")
    assert problem(api.get(f"/nodes/{node.parent_id}/versions")) == (409, "not_a_file")


def test_rewind_and_undo(api: Api, actor: Actor) -> None:
    put(actor, "f/a.txt", b"one")
    then = Change.objects.latest("seq").at
    time.sleep(0.01)
    put(actor, "f/a.txt", b"two!")
    put(actor, "f/b.txt")
    folder = locate_path(actor, "f").node.pk
    done = api.post(f"/nodes/{folder}/rewind", {"to": then.isoformat()}).json()
    assert (done["trashed"], done["rewritten"], done["lost"]) == (1, 1, [])
    assert [(row["name"], row["size"]) for row in items(api.get("/folders", path="/f"))] == [("a.txt", 3)]
    assert api.post(f"/nodes/{folder}/rewind", {"seq": done["undo_seq"]}).status_code == 200
    assert [(row["name"], row["size"]) for row in items(api.get("/folders", path="/f"))] == [("a.txt", 4), ("b.txt", 5)]
    for body in ({}, {"seq": -1}, {"seq": 2**70}, {"to": "x"}, {"seq": 1, "to": then.isoformat()}, {"seq": 10**15}):
        assert problem(api.post(f"/nodes/{folder}/rewind", body)) == (400, "invalid_request")


def test_changes_by_cursor(api: Api, actor: Actor) -> None:
    node = put(actor, "a/b.txt").node
    body = api.get("/changes", limit=1).json()
    assert body["has_more"] is True
    (change,) = body["changes"]
    assert (change["kind"], change["node"]["kind"], change["before"], change["after"]["path"]) == (
        "create",
        "folder",
        None,
        "/a",
    )
    body = api.get("/changes", cursor=body["cursor"]).json()
    (change,) = body["changes"]
    assert change["node"] == {"id": str(node.pk), "kind": "file"}
    assert change["after"] == {
        "path": "/a/b.txt",
        "name": "b.txt",
        "parent_id": str(node.parent_id),
        "version_id": str(node.version_id),
    }
    assert change["actor"]["id"] == str(actor.user_id)
    assert body["has_more"] is False
    assert api.get("/changes/cursor").json()["cursor"] == body["cursor"]
    again = api.get("/changes", cursor=body["cursor"]).json()
    assert (again["changes"], again["cursor"]) == ([], body["cursor"])


def test_the_cost_of_changes(api: Api, actor: Actor, django_assert_num_queries: Any) -> None:
    for number in range(5):
        put(actor, f"{number}.txt")
    api.get("/usage")
    with django_assert_num_queries(3):  # the token; the space; the lines
        assert len(api.get("/changes").json()["changes"]) == 5


def test_a_cursor_is_of_one_space(api: Api, actor: Actor) -> None:
    space = api.post("/spaces", {"name": "Shared"}).json()["id"]
    cursor = api.get("/changes/cursor", space=space).json()["cursor"]
    put(actor, "only at home.txt")
    assert api.get("/changes", cursor=cursor).json()["changes"] == []
    home = str(locate_path(actor, "/").space.pk)
    assert problem(api.get("/changes", cursor=cursor, space=home)) == (400, "invalid_cursor")


def test_a_cursor_from_the_future_starts_again(api: Api, actor: Actor) -> None:
    put(actor, "a.txt")
    cursor = api.get("/changes/cursor").json()["cursor"]
    Change.objects.all().delete()
    space = locate_path(actor, "/").space
    type(space).objects.update(seq=0)
    assert problem(api.get("/changes", cursor=cursor)) == (410, "cursor_reset")


@pytest.mark.parametrize("query", [{"wait": "31"}, {"wait": "-1"}, {"limit": "0"}, {"limit": "1001"}, {"space": "x"}])
def test_wrong_questions(api: Api, query: dict[str, str]) -> None:
    assert problem(api.get("/changes", **query)) == (400, "invalid_request")


def test_nobody_waits_when_there_is_something(api: Api, actor: Actor) -> None:
    put(actor, "a.txt")
    start = time.monotonic()
    assert api.get("/changes", wait=30).json()["changes"]
    assert time.monotonic() - start < 5


def test_too_many_waiters_get_an_answer_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting.waiters, "enter", lambda: False)
    start = time.monotonic()
    response = api.get("/changes", wait=30)
    assert time.monotonic() - start < 5
    assert response.json()["changes"] == []
    assert response["Retry-After"] == "5"


def test_waiters_end_when_the_worker_stops(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = threading.Event()
    monkeypatch.setattr(waiting.waiters, "stopping", stopped.is_set)
    timer = threading.Timer(0.5, stopped.set)
    timer.start()
    start = time.monotonic()
    assert api.get("/changes", wait=20).status_code == 200
    assert time.monotonic() - start < 5
    assert waiting.waiters._count == 0


def test_a_wait_ends_with_its_time(api: Api) -> None:
    start = time.monotonic()
    response = api.get("/changes", wait=1)
    assert 0.9 < time.monotonic() - start < 5
    assert "Retry-After" not in response
    assert response.json()["changes"] == []


def test_the_journal(api: Api, actor: Actor) -> None:
    node = put(actor, "a.txt").node
    put(actor, "b.txt")
    api.patch(f"/nodes/{node.pk}", {"name": "c.txt"})
    assert [row["kind"] for row in items(api.get("/journal"))] == ["move", "create", "create"]
    history = items(api.get(f"/nodes/{node.pk}/history"))
    assert [(row["kind"], (row["before"] or {}).get("path")) for row in history] == [
        ("move", "/a.txt"),
        ("create", None),
    ]
    page = api.get("/journal", limit=2).json()
    assert [row["seq"] for row in items(api.get("/journal", limit=2, cursor=page["next_cursor"]))] == [1]


def test_usage(api: Api, actor: Actor) -> None:
    put(actor, "a.txt", b"x" * 100)
    body = api.get("/usage").json()
    assert body["account"]["live_bytes"] == body["team"]["live_bytes"] == 100
    assert body["free_bytes"] == body["account"]["limit_bytes"] - 100
