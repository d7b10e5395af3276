"""Over REST: a folder that somebody shares out of the middle of their home. No name of what is above it comes out."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from common import signing
from common.clock import now
from files.access.rights import Role
from files.actions.create_folder import create_folder
from files.actions.mounts import reconcile_all
from files.actions.move import move_node, rename_node
from files.actions.trash import trash_nodes
from files.models import Grant, Mount, Node
from files.queries.target import Target
from tests.support.careful import CarefulApi as Careful
from tests.support.clients import Api, body_of, problem
from tests.support.people import actor_of
from tests.support.shared_folders import ABOVE, FILES, FOLDER, SharedFolder, grant_on, mount_to, shared_folder
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(pool: Any) -> SharedFolder:
    return shared_folder()


@pytest.fixture
def editor(world: SharedFolder) -> Careful:
    return Careful(world.editor)


@pytest.fixture
def viewer(world: SharedFolder) -> Careful:
    return Careful(world.viewer)


def test_how_it_is_told(world: SharedFolder, viewer: Careful) -> None:
    mount, folder = mount_to(world.viewer, world.folder), world.folder
    (row,) = viewer.get("/folders", path="/").json()["items"]
    target = {"node_id": str(folder.pk), "space_id": str(world.home.pk)}
    assert (row["id"], row["name"], row["path"], row["target"]) == (str(mount.pk), "Photos", "/Photos", target)
    assert (row["size"], row["descendants"]) == (sum(map(len, FILES.values())), 5)
    inside = viewer.get("/folders", path="/Photos").json()
    assert [item["path"] for item in inside["items"]] == ["/Photos/2026", "/Photos/sea.txt"]
    assert inside["folder"]["etag"] == row["etag"] == viewer.get(f"/nodes/{mount.pk}").json()["etag"]
    by_id = viewer.get(f"/nodes/{world.node('alps.txt').pk}").json()
    assert (by_id["path"], by_id["mount_id"]) == ("/2026/trips/alps.txt", None)
    (entry,) = viewer.get("/mounts").json()["items"]
    assert (entry["name"], entry["target"], entry["path"]) == ("Photos", target, "/Photos")
    root = viewer.get("/metadata", path="/").json()
    assert (root["size"], root["descendants"]) == (0, 0)


def test_reading(world: SharedFolder, viewer: Careful) -> None:
    assert body_of(viewer.request("GET", "/content/Photos/2026/trips/alps.txt")) == FILES["2026/trips/alps.txt"]
    assert problem(viewer.request("GET", "/content/Photos/2026")) == (409, "not_a_file")
    assert problem(viewer.request("GET", "/content/Photos/none")) == (404, "not_found")
    zipped = zipfile.ZipFile(io.BytesIO(body_of(viewer.get("/zip", paths="/Photos/2026"))))
    assert {name for name in zipped.namelist() if name.endswith("txt")} == {"2026/may.txt", "2026/trips/alps.txt"}
    then = viewer.get("/folders", path="/Photos/2026", at="2099-01-01T00:00:00Z").json()["items"]
    assert [(item["name"], item["path"]) for item in then] == [
        ("trips", "/Photos/2026/trips"),
        ("may.txt", "/Photos/2026/may.txt"),
    ]
    for node_id in (mount_to(world.viewer, world.folder).pk, world.folder.pk):
        page = viewer.get(f"/nodes/{node_id}/children", at="2099-01-01T00:00:00Z").json()
        assert [item["name"] for item in page["items"]] == ["2026", "sea.txt"]


def test_what_has_gone_out_of_it_is_not_in_its_past(world: SharedFolder, viewer: Careful) -> None:
    """It is the owner's alone now, and so is what it was called."""
    moment = now()
    move_node(world.actor, node_id=world.node("sea.txt").pk, target=Target(f"{ABOVE}/canary-sea.txt"))
    then = viewer.get("/folders", path="/Photos", at=moment.isoformat()).json()["items"]
    assert [item["name"] for item in then] == ["2026"]
    owner = Api(world.owner).get("/folders", path=FOLDER, at=moment.isoformat()).json()["items"]
    assert [item["name"] for item in owner] == ["2026", "sea.txt"]


def test_writing(world: SharedFolder, editor: Careful, viewer: Careful) -> None:
    made = editor.request("PUT", "/content/Photos/new/b.txt", b"one", Content_Type="text/plain")
    assert (made.status_code, made.json()["path"], made.json()["space_id"]) == (
        201,
        "/Photos/new/b.txt",
        str(world.home.pk),
    )
    moved = editor.post("/move", {"from_path": "/Photos/new/b.txt", "to_path": "/b.txt"}).json()["items"][0]
    assert (moved["path"], moved["path_before"]) == ("/b.txt", "/Photos/new/b.txt")
    back = editor.post("/move", {"paths": ["/b.txt"], "to": {"path": "/Photos/new"}}).json()["items"][0]
    assert back["path"] == "/Photos/new/b.txt"
    trashed = editor.request("DELETE", "/content/Photos/new/b.txt").json()
    assert trashed["path"] == "/new/b.txt"
    restored = editor.post("/trash/restore", {"ids": [trashed["id"]]}).json()["items"][0]
    assert restored["path"] == "/new/b.txt"
    refused = viewer.request("PUT", "/content/Photos/new/b.txt", b"two", Content_Type="text/plain")
    assert problem(refused) == (403, "forbidden")
    assert problem(viewer.request("DELETE", "/content/Photos/new/b.txt")) == (403, "forbidden")
    taken = editor.post("/folders", {"path": "/Photos/2026"})
    assert (problem(taken), taken.json()["path"]) == ((409, "name_taken"), "/Photos/2026")


def test_deleting_it_hides_it(world: SharedFolder, editor: Careful) -> None:
    mount = mount_to(world.editor, world.folder)
    assert editor.delete(f"/nodes/{mount.pk}").status_code == 204
    assert editor.get("/folders", path="/").json()["items"] == []
    (entry,) = editor.get("/mounts").json()["items"]
    assert editor.post(f"/mounts/{entry['id']}/bring-back").json()["path"] == "/Photos"
    assert Node.objects.filter(pk=world.folder.pk, parent__isnull=False).exists()


def test_entity_tags_climb_by_the_folder_alone(world: SharedFolder, viewer: Careful) -> None:
    put(actor_of(world.viewer), "in/x.txt")
    viewer.post("/move", {"paths": ["/Photos"], "to": {"path": "/in"}})

    def tags() -> list[str]:
        return [viewer.get("/metadata", path=path).json()["etag"] for path in ("/", "/in", "/in/Photos")]

    before = tags()
    put(world.actor, f"{ABOVE}/canary-other.txt")
    assert tags() == before, "what happens beside it is nothing"
    world.put("2026/trips/new.txt")
    assert all(old != new for old, new in zip(before, tags(), strict=True))


def test_a_feed_of_it(world: SharedFolder, viewer: Careful) -> None:
    cursor = viewer.get("/changes/cursor").json()["cursor"]
    unsealed = signing.unseal(cursor, purpose="changes")
    assert world.home.pk not in unsealed[2], "it follows the folder"
    assert world.home.seq not in unsealed[2] or world.home.seq == world.folder.seq
    put(world.actor, f"{ABOVE}/canary-other.txt")
    again = viewer.get("/changes", cursor=cursor).json()
    assert (again["changes"], again["cursor"], again["has_more"]) == ([], cursor, False)
    move_node(world.actor, node_id=world.node("sea.txt").pk, target=Target(f"{ABOVE}/canary-sea.txt"))
    world.put("2026/new.txt", b"new")
    folder = world.folder
    rename_node(world.actor, node_id=folder.pk, name="Renamed")
    page = viewer.get("/changes", cursor=cursor).json()
    gone, new = page["changes"]
    assert (gone["before"]["path"], gone["after"]) == ("/Photos/sea.txt", None)
    assert (new["before"], new["after"]["path"], new["size"]) == (None, "/Photos/2026/new.txt", 3)
    assert gone["mount_id"] == new["mount_id"] == str(mount_to(world.viewer, folder).pk)
    assert viewer.get("/changes", cursor=page["cursor"], wait=0).json()["changes"] == []
    assert problem(viewer.get("/changes", space=world.home.pk)) == (404, "not_found")


def test_a_cursor_of_a_hundred_of_them_fits(world: SharedFolder) -> None:
    viewer = Api(world.viewer)
    for number in range(99):
        place, _ = create_folder(world.actor, target=Target(f"/many/folder{number}"))
        grant_on(world.actor, place.node, world.viewer)
    reconcile_all()
    assert home_of(world.viewer).mounts == 100
    cursor = viewer.get("/changes/cursor").json()["cursor"]
    assert len(cursor) < 4096
    put(world.actor, "/many/folder50/a.txt")
    page = viewer.get("/changes", cursor=cursor).json()
    assert [line["after"]["path"] for line in page["changes"]] == ["/folder50/a.txt"]


def test_it_goes_at_once(world: SharedFolder, viewer: Careful, editor: Careful) -> None:
    Grant.objects.filter(user=world.viewer).update(expires_at=now() - timedelta(seconds=1))
    world.end(world.editor)
    for client in (viewer, editor):
        assert client.get("/folders", path="/").json()["items"] == []
        for path in ("/Photos", "/Photos/sea.txt"):
            assert client.get("/metadata", path=path).status_code == 404
        assert client.request("GET", "/content/Photos/sea.txt").status_code == 404
        assert client.get("/changes").status_code == 200
    reconcile_all()
    assert not Mount.objects.exists()


def test_in_the_trash_nothing_is_read_through_it(world: SharedFolder, viewer: Careful) -> None:
    trash_nodes(world.actor, node_ids=[world.node("canary-above").pk])
    assert viewer.request("GET", "/content/Photos/sea.txt").status_code == 404
    assert viewer.get("/folders", path="/").json()["items"] == []


def test_a_target_that_is_missing_is_an_error_and_no_partial_listing(world: SharedFolder, viewer: Careful) -> None:
    mount = mount_to(world.viewer, world.folder)
    Mount.objects.filter(node=mount).update(target_id=10**9)
    Node.objects.filter(pk=mount.pk).update(target_id=10**9)
    for path in ("/", "/Photos"):
        assert problem(viewer.get("/folders", path=path)) == (503, "mount_unavailable")
    Mount.objects.filter(node=mount).update(target_id=world.folder.pk)
    Node.objects.filter(pk=mount.pk).update(target_id=world.folder.pk)
    assert viewer.get("/folders", path="/Photos").status_code == 200


def test_a_mount_of_its_owner_in_it_is_nowhere(world: SharedFolder, editor: Careful) -> None:
    team = Api(world.owner).post("/spaces", {"name": "canary-space"})
    assert team.status_code == 201, team.content
    space_id = int(team.json()["id"])
    reconcile_all()
    row = Mount.objects.get(space_id=space_id, user=world.owner).node
    assert row is not None
    move_node(world.actor, node_id=row.pk, target=Target(f"{FOLDER}/Inner"))
    put(world.actor, f"{FOLDER}/Inner/a.txt", b"in the space")
    for path in ("/Photos/Inner", "/Photos/Inner/a.txt"):
        assert editor.get("/metadata", path=path).status_code == 404
        assert editor.request("GET", f"/content{path}").status_code == 404
        assert editor.request("PUT", f"/content{path}", b"x", Content_Type="text/plain").status_code == 404
    assert editor.get(f"/nodes/{row.pk}").status_code == 404
    assert "Inner" not in [item["name"] for item in editor.get("/folders", path="/Photos").json()["items"]]


def test_roles_that_do_not_see_have_nothing(world: SharedFolder) -> None:
    Grant.objects.filter(user=world.viewer).update(role=Role.UPLOADER)
    assert Api(world.viewer).get("/folders", path="/").json()["items"] == []
