"""Over REST: a file that somebody shares alone. No name of what is above it comes out."""

import io
import zipfile
from typing import Any

import pytest

from files.models import Node
from tests.support.careful import CarefulApi
from tests.support.clients import body_of, problem
from tests.support.people import actor_of
from tests.support.shared_files import NAME, TEXT, SharedFile, shared_file
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
CONTENT = f"/content/{NAME}"


class Careful(CarefulApi):
    def write(self, path: str, data: bytes, /, **headers: str | None) -> Any:
        return self.request("PUT", path, data, Content_Type="text/plain", **headers)


@pytest.fixture
def world(pool: Any) -> SharedFile:
    return shared_file()


@pytest.fixture
def editor(world: SharedFile) -> Careful:
    return Careful(world.editor)


@pytest.fixture
def viewer(world: SharedFile) -> Careful:
    return Careful(world.viewer)


def test_how_it_is_told(world: SharedFile, viewer: Careful) -> None:
    row, file = world.mount_of(world.viewer), world.file
    (item,) = viewer.get("/folders", path="/").json()["items"]
    target = {"node_id": str(file.pk), "space_id": str(world.home.pk)}
    told = {name: item[name] for name in ("id", "kind", "name", "path", "target", "size", "etag", "version_id")}
    assert told == {
        "id": str(row.pk),
        "kind": "file",
        "name": NAME,
        "path": f"/{NAME}",
        "target": target,
        "size": len(TEXT),
        "etag": file.etag,
        "version_id": str(file.version_id),
    }
    by_id, by_path = viewer.get(f"/nodes/{row.pk}").json(), viewer.get("/metadata", path=f"/{NAME}").json()
    assert by_id == by_path
    assert {name: by_id[name] for name in item if name != "created_at"} == {
        name: value for name, value in item.items() if name != "created_at"
    }
    assert by_id["rights"] == ["view", "download"]
    assert file.version is not None
    assert (item["content_hash"], item["size"]) == (file.version.content.content_hash, len(TEXT))
    (entry,) = viewer.get("/mounts").json()["items"]
    assert (entry["name"], entry["target"], entry["path"]) == (NAME, target, f"/{NAME}")
    root = viewer.get("/metadata", path="/").json()
    assert (root["size"], root["descendants"]) == (0, 0)
    seen = viewer.get(f"/nodes/{file.pk}").json()
    assert (seen["id"], seen["path"], seen["mount_id"], seen["target"]) == (str(file.pk), f"/{NAME}", None, None)


def test_reading(world: SharedFile, viewer: Careful) -> None:
    row = world.mount_of(world.viewer)
    viewer.patch(f"/nodes/{row.pk}", {"name": "mine.txt"})
    for path in ("/content/mine.txt", f"/nodes/{row.pk}/content"):
        answer = viewer.request("GET", path)
        assert (body_of(answer), answer.headers["ETag"]) == (TEXT, world.file.etag)
        assert 'filename="mine.txt"' in answer.headers["Content-Disposition"]
        assert viewer.request("GET", path, if_none_match=world.file.etag).status_code == 304
        assert body_of(viewer.request("GET", path, range="bytes=4-8")) == TEXT[4:9]
    assert problem(viewer.get("/folders", path="/mine.txt")) == (409, "not_a_folder")
    assert problem(viewer.request("GET", "/content/mine.txt/x")) == (404, "not_found")
    versions = viewer.get(f"/nodes/{row.pk}/versions").json()["items"]
    assert [(one["is_current"], one["size"]) for one in versions] == [(True, len(TEXT))]
    assert body_of(viewer.request("GET", f"/nodes/{row.pk}/versions/{versions[0]['id']}/content")) == TEXT
    for answer in (viewer.get("/zip", paths="/mine.txt"), viewer.get("/zip", ids=row.pk)):
        assert zipfile.ZipFile(io.BytesIO(body_of(answer))).read("mine.txt") == TEXT


def test_writing(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    row, before = world.mount_of(world.editor), world.file.etag
    answers = [
        editor.write(CONTENT, b"two", if_match=before),
        editor.write(f"/nodes/{row.pk}/content", b"three"),
        editor.write(f"/nodes/{world.file_id}/content", b"four"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["path"]) == (200, f"/{NAME}")
    assert answers[0].json()["id"] == answers[1].json()["id"] == str(row.pk)
    assert answers[1].headers["ETag"] == answers[1].json()["etag"]
    assert editor.get(f"/nodes/{row.pk}").json()["etag"] == world.file.etag == answers[2].headers["ETag"]
    assert world.texts == [TEXT, b"two", b"three", b"four"]
    assert problem(editor.write(CONTENT, b"x", if_match=before)) == (412, "precondition_failed")
    for path in (CONTENT, f"/nodes/{world.mount_of(world.viewer).pk}/content"):
        assert problem(viewer.write(path, b"x")) == (403, "forbidden")
    taken = viewer.write(f"{CONTENT}?mode=create", b"x")
    assert problem(taken) == (409, "name_taken")
    beside = viewer.write(f"{CONTENT}?mode=create&autorename=1", b"mine")
    assert (beside.status_code, beside.json()["path"]) == (201, "/report (2).txt")
    restored = editor.post(f"/nodes/{row.pk}/versions/{world.file.versions.earliest('pk').pk}/restore")
    assert (restored.status_code, restored.json()["path"], restored.json()["id"]) == (200, f"/{NAME}", str(row.pk))
    assert world.texts[-1] == TEXT


def test_upload_sessions_and_many_at_once(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    wanted = {"path": f"/{NAME}", "length": 3, "mode": "overwrite"}
    upload = editor.post("/uploads", wanted).json()
    assert (
        editor.request("PUT", f"/uploads/{upload['id']}/pieces/0", b"abc", Content_Type="text/plain").status_code == 200
    )
    assert editor.post(f"/uploads/{upload['id']}/finish", {}).json()["created"] is False
    assert world.texts == [TEXT, b"abc"]
    assert problem(viewer.post("/uploads", wanted)) == (403, "forbidden")


def test_moving_and_deleting(world: SharedFile, viewer: Careful, editor: Careful) -> None:
    row = world.mount_of(world.viewer)
    put(actor_of(world.viewer), "office/x.txt")
    moved = viewer.post("/move", {"from_path": f"/{NAME}", "to_path": "/office/mine.txt"}).json()["items"][0]
    assert (moved["id"], moved["path"], moved["path_before"]) == (str(row.pk), "/office/mine.txt", f"/{NAME}")
    assert (moved["etag"], moved["version_id"]) == (world.file.etag, str(world.file.version_id))
    copied = viewer.post("/copy", {"from_path": "/office/mine.txt", "to_path": "/copy.txt"}).json()["items"][0]
    assert (copied["path"], copied["target"]) == ("/copy.txt", None)
    space_id = viewer.get("/spaces").json()["items"][0]["id"]
    assert space_id == str(home_of(world.viewer).pk)
    refused = viewer.patch(f"/nodes/{row.pk}", {"parent_id": str(world.file.parent_id)})
    assert problem(refused) == (404, "not_found")
    assert viewer.request("DELETE", "/content/office/mine.txt", if_match='"1.1"').status_code == 412
    assert viewer.request("DELETE", "/content/office/mine.txt", if_match=world.file.etag).status_code == 204
    assert editor.delete(f"/nodes/{world.mount_of(world.editor).pk}").status_code == 204
    for client in (viewer, editor):
        (entry,) = client.get("/mounts").json()["items"]
        assert entry["hidden_at"] is not None
        assert client.post(f"/mounts/{entry['id']}/bring-back").json()["path"] == f"/{NAME}"
    assert Node.objects.filter(pk=world.file_id, parent__isnull=False).exists()


def test_saving_by_renaming_over_it(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    for client, user in ((editor, world.editor), (viewer, world.viewer)):
        put(actor_of(user), "tmp", b"saved")
        given = {"from_path": "/tmp", "to_path": f"/{NAME}", "overwrite": True}
        answer = client.post("/move", given)
        if client is viewer:
            assert problem(answer) == (403, "forbidden")
            continue
        (item,) = answer.json()["items"]
        assert (item["id"], item["path"], item["size"]) == (str(world.mount_of(user).pk), f"/{NAME}", 5)
        assert item["etag"] == world.file.etag
    assert world.texts == [TEXT, b"saved"]


def test_a_feed_of_it(world: SharedFile, viewer: Careful, editor: Careful) -> None:
    row = world.mount_of(world.viewer)
    cursor = viewer.get("/changes/cursor").json()["cursor"]
    editor.write(CONTENT, b"new")
    page = viewer.get("/changes", cursor=cursor).json()
    (line,) = page["changes"]
    assert (line["kind"], line["node"], line["mount_id"]) == (
        "write",
        {"id": str(world.file_id), "kind": "file"},
        str(row.pk),
    )
    assert (line["after"]["path"], line["after"]["name"], line["size"]) == (f"/{NAME}", NAME, 3)
    assert line["after"]["parent_id"] == str(row.parent_id)
    assert viewer.get("/changes", cursor=page["cursor"]).json()["changes"] == []


def test_grants_locks_favourites_and_access(world: SharedFile, viewer: Careful, editor: Careful) -> None:
    row = world.mount_of(world.viewer)
    assert viewer.get(f"/nodes/{row.pk}/access").status_code == 200
    refused = viewer.post(f"/nodes/{row.pk}/grants", {"user_id": str(world.editor.pk), "role": "viewer"})
    assert problem(refused) == (403, "forbidden")
    world.end(world.viewer)
    for path in (f"/nodes/{row.pk}", f"/nodes/{row.pk}/versions", f"/nodes/{world.file_id}"):
        assert viewer.get(path).status_code == 404
    assert viewer.request("GET", CONTENT).status_code == 404
    assert viewer.get("/folders", path="/").json()["items"] == []
