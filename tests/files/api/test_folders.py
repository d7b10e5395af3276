"""GET /nodes/<id>/children and /folders, POST /folders."""

from typing import Any

import pytest

from accounts.actor import Actor
from files.access.rights import ALL_RIGHTS, names_of
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.move import rename_node
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.models import Change
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.writing import WriteOptions
from tests.support.clients import Api, items, problem
from tests.support.trees import put

ALL = names_of(ALL_RIGHTS)
pytestmark = pytest.mark.django_db


def fill(actor: Actor, count: int, folder: str = "f") -> int:
    for start in range(0, count, 500):
        files = [
            SmallFile(f"{folder}/n{i:04}", b"%d" % i, WriteOptions()) for i in range(start, min(count, start + 500))
        ]
        bulk_write(actor, folder=Target(), files=files)
    return locate_path(actor, folder).node.pk


def pages(api: Api, path: str, /, **query: Any) -> list[list[str]]:
    names, cursor = [], None
    for _ in range(50):
        body = api.get(path, **query, **({"cursor": cursor} if cursor else {})).json()
        names.append([item["name"] for item in body["items"]])
        cursor = body["next_cursor"]
        if cursor is None:
            return names
    raise AssertionError("the pages do not end")


def flat(found: list[list[str]]) -> list[str]:
    return [name for page in found for name in page]


def test_pages_are_whole_and_in_order(api: Api, actor: Actor) -> None:
    folder = fill(actor, 25)
    found = pages(api, f"/nodes/{folder}/children", limit=10)
    assert [len(page) for page in found] == [10, 10, 5]
    assert flat(found) == [f"n{i:04}" for i in range(25)]
    assert flat(pages(api, "/folders", path="/f", limit=7, order="-name")) == [f"n{i:04}" for i in reversed(range(25))]
    for order in ("size", "-size", "modified", "-modified"):
        assert sorted(flat(pages(api, "/folders", path="f", limit=4, order=order))) == [f"n{i:04}" for i in range(25)]


def test_a_page_shows_the_folder_and_paths(api: Api, actor: Actor) -> None:
    put(actor, "a/b/c.txt")
    body = api.get("/folders", path="//a/b/").json()
    assert body["folder"]["path"] == "/a/b"
    assert body["items"][0]["path"] == "/a/b/c.txt"
    assert {**body["items"][0], "lock": None, "rights": ALL} == api.get("/metadata", path="/a/b/c.txt").json()
    assert [{**item, "lock": None, "rights": ALL} for item in api.get("/folders").json()["items"]] == [
        api.get("/metadata", path="/a").json()
    ]


@pytest.mark.parametrize("count", [10, 1000])
def test_a_page_costs_the_same(api: Api, actor: Actor, count: int, django_assert_num_queries: Any) -> None:
    folder = fill(actor, count)
    api.get("/usage")  # notes when the token was last used, once a minute
    with django_assert_num_queries(4):  # the token; the folder, its ancestors; the page
        assert len(items(api.get(f"/nodes/{folder}/children", limit=1000))) == count


def test_cursors_fit_only_their_own_listing(api: Api, actor: Actor) -> None:
    folder, other = fill(actor, 3), fill(actor, 3, "g")
    cursor = api.get(f"/nodes/{folder}/children", limit=1).json()["next_cursor"]
    assert api.get(f"/nodes/{folder}/children", limit=1, cursor=cursor).status_code == 200
    for path, more in (
        (f"/nodes/{other}/children", {}),
        (f"/nodes/{folder}/children", {"order": "size"}),
        ("/trash", {}),
        ("/changes", {}),
        ("/uploads", {}),
    ):
        assert problem(api.get(path, cursor=cursor, **more)) == (400, "invalid_cursor")
    for bad in (cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "x", "W10:1:1", "\0", "é"):
        assert problem(api.get(f"/nodes/{folder}/children", cursor=bad)) == (400, "invalid_cursor")
    assert problem(api.get(f"/nodes/{folder}/children", cursor="x" * 5000)) == (400, "invalid_request")


@pytest.mark.parametrize("limit", ["-1", "0", "1001", "x", "1" * 400, "1e3", ""])
def test_limits(api: Api, limit: str) -> None:
    assert problem(api.get("/folders", limit=limit)) == (400, "invalid_request")


def test_a_file_has_no_children(api: Api, actor: Actor) -> None:
    node = put(actor, "a.txt").node
    assert problem(api.get(f"/nodes/{node.pk}/children")) == (409, "not_a_folder")
    assert problem(api.get("/folders", order="colour")) == (400, "invalid_request")


def test_as_of_a_time(api: Api, actor: Actor) -> None:
    first = put(actor, "f/a.txt", b"one").node
    put(actor, "f/b.txt", b"two")
    folder = first.parent_id
    then = Change.objects.latest("seq").at
    rename_node(actor, node_id=first.pk, name="z.txt")
    put(actor, "f/b.txt", b"three!")
    put(actor, "f/new.txt")
    when = then.isoformat()
    for response in (
        api.get(f"/nodes/{folder}/children", at=when),
        api.get("/folders", path="f/", at=when),
        api.get("/folders", path="/f", at=when.replace("+", " ")),  # a + that was not escaped
    ):
        found = items(response)
        assert [(item["name"], item["size"], item["purged"]) for item in found] == [
            ("a.txt", 3, False),
            ("b.txt", 3, False),
        ]
    assert items(api.get("/folders", path="/f", at=when))[0]["path"] == "/f/a.txt"
    assert pages(api, "/folders", path="/f", at=when, limit=1) == [["a.txt"], ["b.txt"]]
    assert items(api.get("/folders", at="2000-01-01T00:00:00Z")) == []
    assert problem(api.get("/folders", path="/f", at="2000-01-01T00:00:00Z")) == (404, "not_found")


def test_as_of_a_time_of_what_was_deleted_since(api: Api, actor: Actor) -> None:
    inner = put(actor, "f/g/a.txt").node
    then = Change.objects.latest("seq").at.isoformat()
    folder = locate_path(actor, "f").node.pk
    trash_nodes(actor, node_ids=[folder])
    assert problem(api.get(f"/nodes/{folder}/children")) == (404, "not_found")
    assert [item["name"] for item in items(api.get(f"/nodes/{folder}/children", at=then))] == ["g"]
    assert [item["name"] for item in items(api.get("/folders", path="/f/g", at=then))] == ["a.txt"]
    empty_trash(actor)
    remove_purged_rows()
    assert items(api.get("/folders", at=then))[0]["purged"] is True
    assert api.get(f"/nodes/{folder}/children", at=then).status_code == 200
    assert problem(api.get(f"/nodes/{inner.pk}/children", at=then)) in ((409, "not_a_folder"), (404, "not_found"))


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "", "1e9"])
def test_wrong_times(api: Api, at: str) -> None:
    assert problem(api.get("/folders", at=at)) == (400, "invalid_request")


def test_make_a_folder(api: Api) -> None:
    made = api.post("/folders", {"path": "/a/b/ü"})
    assert made.status_code == 201
    assert made.json()["path"] == "/a/b/ü"
    assert api.get(made["Location"].removeprefix("/api/v1")).json() == {**made.json(), "lock": None, "rights": ALL}
    assert problem(api.post("/folders", {"path": "/a/b/u\u0308"})) == (409, "name_taken")
    there = api.post("/folders", {"path": "/a/b/u\u0308", "exist_ok": True})
    assert (there.status_code, there.json()["id"]) == (200, made.json()["id"])
    numbered = api.post("/folders", {"parent_id": made.json()["parent_id"], "name": "ü", "autorename": True})
    assert numbered.json()["name"] == "ü (2)"
    below = api.post("/folders", {"parent_id": made.json()["parent_id"], "path": "x/y"})
    assert below.json()["path"] == "/a/b/x/y"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"path": "/a", "name": "a"},
        {"path": None},
        {"path": 7},
        {"path": ["a"]},
        {"path": "a" * 20_000},
        {"name": "a", "parent_id": "-1"},
        {"name": "a", "parent_id": "x"},
        {"name": "a", "parent_id": 1.5},
        {"name": "a", "parent_id": True},
        {"name": "a", "parent_id": "9" * 20},
        {"name": "a", "parent_id": {}},
        {"path": "/a", "space": "nowhere"},
        {"path": "/a", "exist_ok": "perhaps"},
    ],
)
def test_wrong_bodies(api: Api, body: dict[str, Any]) -> None:
    assert problem(api.post("/folders", body)) == (400, "invalid_request")


def test_huge_ids_are_nobodys(api: Api) -> None:
    for node_id in ("0", str(2**63), "9" * 19, str(2**63 - 1)):
        assert problem(api.get(f"/nodes/{node_id}")) == (404, "not_found")
        assert problem(api.post("/folders", {"name": "a", "parent_id": node_id})) == (404, "not_found")
        assert problem(api.get(f"/nodes/{node_id}/children", at="2026-01-01T00:00:00Z")) == (404, "not_found")
        assert problem(api.get("/metadata", space=node_id)) == (404, "not_found")
