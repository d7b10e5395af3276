"""GET /metadata, /nodes/<id>, PATCH and DELETE."""

import pytest

from accounts.actor import Actor
from files.models import Node
from files.queries.tree import locate_path
from tests.support.clients import Api, problem
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_metadata_by_path_and_by_id_is_the_same(api: Api, actor: Actor) -> None:
    node = put(actor, "a/Ünï 📁.txt", b"hello").node
    by_path = api.get("/metadata", path="/a/Ünï 📁.txt")
    assert by_path.status_code == 200
    assert by_path["ETag"] == node.etag
    assert by_path["Cache-Control"] == "private, no-store"
    body = by_path.json()
    assert (body["id"], body["kind"], body["path"], body["size"]) == (str(node.pk), "file", "/a/Ünï 📁.txt", 5)
    assert body["content_hash"] == "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50"
    assert api.get(f"/nodes/{node.pk}").json() == body


def test_the_root_has_no_name(api: Api, actor: Actor) -> None:
    put(actor, "a/b.txt")
    body = api.get("/metadata").json()
    assert (body["name"], body["path"], body["parent_id"], body["descendants"]) == ("", "/", None, 2)


def test_rename_keeps_the_id_and_the_etag(api: Api, actor: Actor) -> None:
    node = put(actor, "a/b.txt").node
    body = api.patch(f"/nodes/{node.pk}", {"name": "B.txt"}).json()
    assert (body["id"], body["path"], body["path_before"], body["etag"]) == (
        str(node.pk),
        "/a/B.txt",
        "/a/b.txt",
        node.etag,
    )


def test_rename_and_move_in_one(api: Api, actor: Actor) -> None:
    node, folder = put(actor, "a/b.txt").node, put(actor, "x/y.txt").place.ancestors[-1].id
    body = api.patch(f"/nodes/{node.pk}", {"name": "c.txt", "parent_id": str(folder)}).json()
    assert body["path"] == "/x/c.txt"
    assert problem(api.patch(f"/nodes/{node.pk}", {"name": "y.txt"})) == (409, "name_taken")
    assert api.patch(f"/nodes/{node.pk}", {"name": "y.txt", "overwrite": True}).json()["path"] == "/x/y.txt"


def test_a_name_is_never_a_path(api: Api, actor: Actor) -> None:
    node = put(actor, "a.txt").node
    for name in ("x/y", "..", ".", "", "a\0b", "n" * 256, "\ud800"):
        for more in ({}, {"parent_id": str(node.parent_id)}):
            assert problem(api.patch(f"/nodes/{node.pk}", {"name": name, **more})) == (400, "invalid_name")
    assert not Node.objects.filter(name="y").exists()


def test_delete_puts_it_in_the_trash(api: Api, actor: Actor) -> None:
    node = put(actor, "a/b.txt").node
    body = api.delete(f"/nodes/{node.pk}").json()
    assert (body["path"], body["node"]["id"], body["node"]["path"]) == ("/a/b.txt", str(node.pk), None)
    assert problem(api.get(f"/nodes/{node.pk}")) == (404, "not_found")


def test_delete_honours_if_match(api: Api, actor: Actor) -> None:
    node = put(actor, "a.txt").node
    assert problem(api.delete(f"/nodes/{node.pk}", **{"If-Match": '"other"'})) == (412, "precondition_failed")
    assert api.delete(f"/nodes/{node.pk}", **{"If-Match": node.etag}).status_code == 200


def test_the_root_stays(api: Api, actor: Actor) -> None:
    root = locate_path(actor, "/").node.pk
    assert problem(api.delete(f"/nodes/{root}")) == (409, "root_is_fixed")
    assert problem(api.patch(f"/nodes/{root}", {"name": "x"})) == (409, "root_is_fixed")
    assert problem(api.patch(f"/nodes/{root}", {"name": "x", "overwrite": True})) == (409, "root_is_fixed")
