"""Mounts over REST: how they are told, hidden, brought back and followed."""

import io
import zipfile
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from common import signing
from files.models import Mount, Node, Space
from tests.support.clients import Api, problem
from tests.support.mounts import let_in, mount_of, mounted_space
from tests.support.people import make_member
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def space(actor: Actor) -> Space:
    made = mounted_space(actor)
    put(actor, "docs/a.txt", b"hello", space_id=made.pk)
    return made


def test_how_a_mount_is_told(api: Api, user: User, space: Space) -> None:
    mount = str(mount_of(user, space).pk)
    target = {"node_id": str(space.root_id), "space_id": str(space.pk)}
    (row,) = api.get("/folders", path="/").json()["items"]
    assert (row["id"], row["name"], row["path"], row["target"], row["mount_id"]) == (
        mount,
        "Plans",
        "/Plans",
        target,
        None,
    )
    assert (row["size"], row["descendants"], row["kind"]) == (5, 2, "folder")
    one = api.get(f"/nodes/{mount}").json()
    assert {key: one[key] for key in row} == row
    assert "manage" in one["rights"]
    inside = api.get("/folders", path="/Plans").json()
    assert inside["folder"]["etag"] == row["etag"]
    (docs,) = inside["items"]
    assert (docs["path"], docs["mount_id"], docs["target"]) == ("/Plans/docs", mount, None)
    assert (docs["space_id"], docs["parent_id"]) == (str(space.pk), str(space.root_id))
    by_id = api.get(f"/nodes/{docs['id']}").json()
    assert (by_id["path"], by_id["mount_id"]) == ("/docs", None)
    assert api.get("/metadata", path="/Plans/docs/a.txt").json()["path"] == "/Plans/docs/a.txt"
    assert api.get(f"/nodes/{mount}/children").json()["items"] == inside["items"]
    root = api.get("/metadata", path="/").json()
    assert (root["size"], root["descendants"]) == (0, 0)


def test_etags_of_folders_above(api: Api, actor: Actor, user: User, space: Space) -> None:
    put(actor, "in/x.txt")
    api.post("/move", {"paths": ["/Plans"], "to": {"path": "/in"}})
    before = {row["name"]: row["etag"] for row in api.get("/folders", path="/").json()["items"]}
    put(actor, "docs/new.txt", space_id=space.pk)
    after = {row["name"]: row["etag"] for row in api.get("/folders", path="/").json()["items"]}
    assert before["in"] != after["in"]
    response = api.get("/metadata", path="/in")
    assert response["ETag"] == response.json()["etag"] == after["in"]


def test_hide_list_and_bring_back(api: Api, user: User, space: Space) -> None:
    mount = mount_of(user, space)
    (entry,) = api.get("/mounts").json()["items"]
    assert (entry["name"], entry["node_id"], entry["path"], entry["hidden_at"]) == (
        "Plans",
        str(mount.pk),
        "/Plans",
        None,
    )
    assert api.delete(f"/nodes/{mount.pk}").status_code == 204
    (entry,) = api.get("/mounts").json()["items"]
    assert (entry["node_id"], entry["path"], entry["hidden_at"] is None) == (None, None, False)
    assert api.get("/trash").json()["items"] == []
    assert problem(api.get("/metadata", path="/Plans")) == (404, "not_found")
    back = api.post(f"/mounts/{entry['id']}/bring-back")
    assert (back.status_code, back.json()["path"], back.json()["size"]) == (200, "/Plans", 5)
    assert api.post("/trash", {"paths": ["/Plans"]}).json() == {"items": []}
    assert Node.objects.filter(pk=space.root_id).exists()


def test_errors_have_codes_of_their_own(api: Api, actor: Actor, user: User, space: Space) -> None:
    mounted_space(actor, "Other")
    refused = api.post("/move", {"from_path": "/Plans", "to_path": "/Other/Plans"})
    assert problem(refused) == (409, "mount_stays_home")
    assert refused.json()["path"] == "/Plans"
    mount = mount_of(user, space)
    Mount.objects.filter(node=mount).update(target_id=10**9)
    Node.objects.filter(pk=mount.pk).update(target_id=10**9)
    for path in ("/", "/Plans"):
        response = api.get("/folders", path=path)
        assert problem(response) == (503, "mount_unavailable")
        assert response["Retry-After"] == "5"


def test_everything_through_paths(api: Api, user: User, space: Space) -> None:
    """Writing, reading, moving, copying, versions, zip, at a time, bulk, and the trash of the space."""
    made = api.request("PUT", "/content/Plans/new/b.txt", b"one", Content_Type="text/plain")
    assert (made.status_code, made.json()["path"], made.json()["space_id"]) == (201, "/Plans/new/b.txt", str(space.pk))
    assert api.request("GET", "/content/Plans/new/b.txt").getvalue() == b"one"
    moved = api.post("/move", {"from_path": "/Plans/new/b.txt", "to_path": "/b.txt"}).json()["items"][0]
    assert (moved["path"], moved["path_before"], moved["mount_id"]) == ("/b.txt", "/Plans/new/b.txt", None)
    back = api.post("/move", {"paths": ["/b.txt"], "to": {"path": "/Plans/new"}}).json()["items"][0]
    assert (back["path"], back["mount_id"]) == ("/Plans/new/b.txt", str(mount_of(user, space).pk))
    copied = api.post("/copy", {"from_path": "/Plans", "to_path": "/copy"}).json()["items"][0]
    assert (copied["path"], copied["target"], copied["size"]) == ("/copy", None, 8)
    zipped = zipfile.ZipFile(io.BytesIO(api.get("/zip", paths="/Plans").getvalue()))
    assert sorted(zipped.namelist()) == ["Plans/", "Plans/docs/", "Plans/docs/a.txt", "Plans/new/", "Plans/new/b.txt"]
    whole = zipfile.ZipFile(io.BytesIO(api.get("/zip", paths="/").getvalue()))
    assert "Plans/docs/a.txt" in whole.namelist()
    then = api.get("/folders", path="/Plans/docs", at="2099-01-01T00:00:00Z").json()["items"]
    assert [(item["name"], item["path"]) for item in then] == [("a.txt", "/Plans/docs/a.txt")]
    trashed = api.request("DELETE", "/content/Plans/docs/a.txt").json()
    assert (trashed["space_id"], trashed["path"]) == (str(space.pk), "/docs/a.txt")
    folder = api.post("/folders", {"path": "/Plans/x/y"}).json()
    assert folder["path"] == "/Plans/x/y"


def test_the_feed(api: Api, actor: Actor, user: User) -> None:
    start = api.get("/changes/cursor").json()["cursor"]
    old = api.get("/changes/cursor", space="home").json()["cursor"]
    space = mounted_space(actor)
    put(actor, "own.txt"), put(actor, "a.txt", space_id=space.pk)
    page = api.get("/changes", cursor=start).json()
    assert [line["after"]["path"] for line in page["changes"]] == ["/Plans", "/own.txt"]
    assert page["changes"][0]["target"] == {"node_id": str(space.root_id)}
    put(actor, "b.txt", space_id=space.pk)
    page = api.get("/changes", cursor=page["cursor"], wait=1).json()
    (line,) = page["changes"]
    assert (line["after"]["path"], line["space_id"]) == ("/Plans/b.txt", str(space.pk))
    assert line["mount_id"] == str(mount_of(user, space).pk)
    assert (page["has_more"], len(page["cursor"]) < 4096) == (False, True)
    alone = api.get("/changes", cursor=old).json()
    assert [line["after"]["path"] for line in alone["changes"]] == ["/Plans", "/own.txt"]
    put(actor, "c.txt", space_id=space.pk)
    assert api.get("/changes", cursor=alone["cursor"]).json()["changes"] == []
    of_space = api.get("/changes", space=space.pk).json()
    assert [line["after"]["path"] for line in of_space["changes"]] == ["/a.txt", "/b.txt", "/c.txt"]
    assert problem(api.get("/changes", cursor=of_space["cursor"], space=space.pk + 1)) == (400, "invalid_cursor")


def test_a_cursor_of_the_release_before_covers_what_is_mounted_now(api: Api, actor: Actor, user: User) -> None:
    home = home_of(user)
    mounted_space(actor)
    cursor = signing.seal([home.pk, home.seq], purpose="changes")
    assert [line["kind"] for line in api.get("/changes", cursor=cursor).json()["changes"]] == ["create"]


def test_who_reads_only_sees_it_in_the_rights(actor: Actor, user: User) -> None:
    member = make_member(user)
    closed = mounted_space(actor, "Closed", is_open=False)
    let_in(actor, closed, member)
    api = Api(member)
    mount = mount_of(member, closed)
    assert api.get(f"/nodes/{mount.pk}").json()["rights"] == ["view", "download"]
    assert problem(api.request("PUT", "/content/Closed/a.txt", b"x", Content_Type="text/plain")) == (403, "forbidden")
    renamed: Any = api.patch(f"/nodes/{mount.pk}", {"name": "Theirs"}).json()
    assert (renamed["path"], renamed["target"]["node_id"]) == ("/Theirs", str(closed.root_id))
