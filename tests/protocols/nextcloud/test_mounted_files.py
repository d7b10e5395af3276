"""What Nextcloud's clients are told of a file that somebody shares alone, and what they do with it."""

import hashlib

import pytest

from files.models import TrashItem
from tests.protocols.nextcloud.test_bulk import part, post
from tests.protocols.nextcloud.test_files import at, propfind, told
from tests.protocols.nextcloud.test_mounts import listed, permissions, search, trash, upload
from tests.search.conftest import index
from tests.support.careful import CarefulNextcloud as Careful
from tests.support.people import actor_of
from tests.support.shared_files import NAME, TEXT, SharedFile, shared_file
from tests.support.trees import put

pytestmark = pytest.mark.django_db
ALL = ("oc:id", "oc:fileid", "oc:size", "d:getetag", "oc:checksums", "oc:permissions", "oc:favorite", "nc:lock")
MARK = (
    '<d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop>'
    "<oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>"
)
REPORT = (
    '<oc:filter-files xmlns:oc="http://owncloud.org/ns" xmlns:d="DAV:"><d:prop><oc:permissions/><oc:fileid/></d:prop>'
    "<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>"
)


@pytest.fixture
def world() -> SharedFile:
    return shared_file()


@pytest.fixture
def editor(world: SharedFile) -> Careful:
    return Careful(world.editor)


@pytest.fixture
def viewer(world: SharedFile) -> Careful:
    return Careful(world.viewer)


def test_letters_kind_and_owner(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    put(actor_of(world.viewer), "own.txt")
    assert permissions(viewer, "") == {"": "RGDNVCK", NAME: "SGDNV", "own.txt": "RGDNVW"}
    assert permissions(viewer, NAME) == {NAME: "SGDNV"}
    assert permissions(editor, "") == {"": "RGDNVCK", NAME: "SRGDNVW"}
    names = ("nc:mount-type", "nc:is-mount-root", "oc:owner-id", "oc:owner-display-name")
    assert listed(viewer, "", *names)[NAME] == {
        "nc:mount-type": "shared",
        "nc:is-mount-root": "true",
        "oc:owner-id": str(world.owner.pk),
        "oc:owner-display-name": "Olga Owner",
    }


def test_the_same_id_and_tag_wherever_they_are_told(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    """Those of the file: clients keep what PUT and GET have told them, and compare it with the next listing."""
    digest = hashlib.sha1(b"by the editor", usedforsecurity=False).hexdigest()
    put_ = editor.send("PUT", at(editor, NAME), b"by the editor", oc_checksum=f"SHA1:{digest}")
    for client in (editor, viewer):
        in_home = listed(client, "", *ALL)[NAME]
        alone = listed(client, NAME, *ALL, depth="0")[NAME]
        assert in_home == alone
        got = client.send("GET", at(client, NAME))
        assert in_home["oc:fileid"] == str(world.file_id)
        assert in_home["oc:id"] == put_.headers["OC-FileId"] == got.headers["OC-FileId"]
        assert in_home["d:getetag"] == put_.headers["OC-ETag"] == got.headers["OC-ETag"] == world.file.etag
        assert got.headers["OC-Checksum"] == f"SHA1:{digest}"
    moved = viewer.send("MOVE", at(viewer, NAME), destination=at(viewer, "mine.txt"))
    assert (moved.status_code, moved.headers["OC-FileId"]) == (201, put_.headers["OC-FileId"])
    assert listed(viewer, "", *ALL)["mine.txt"]["oc:id"] == put_.headers["OC-FileId"]


def test_uploads_of_every_kind(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    data = b"0123456789" * 100
    assert upload(editor, NAME, data).status_code == 204
    for number in (1, 0):
        url = at(editor, f"{NAME}-chunking-4711-2-{number}")
        assert editor.send("PUT", url, b"abc" if number == 0 else b"def", oc_chunked="1").status_code in (201, 204)
    outcomes = post(editor, part("/mine.txt", b"mine"), part(f"/{NAME}", b"in bulk")).json()
    assert [outcomes[path]["error"] for path in ("/mine.txt", f"/{NAME}")] == [False, False]
    assert outcomes[f"/{NAME}"]["permissions"] == "SRGDNVW"
    assert outcomes[f"/{NAME}"]["etag"] == world.file.etag.strip('"')
    large = b"x" * (5 * 1024 * 1024)
    outcomes = post(editor, part(f"/{NAME}", large)).json()
    assert (outcomes[f"/{NAME}"]["error"], outcomes[f"/{NAME}"]["permissions"]) == (False, "SRGDNVW")
    assert world.texts == [TEXT, data, b"abcdef", b"in bulk", large]
    assert upload(viewer, NAME, data).status_code == 403
    assert post(viewer, part(f"/{NAME}", b"no")).json()[f"/{NAME}"]["error"] is True
    assert viewer.send("PUT", at(viewer, f"{NAME}-chunking-1-1-0"), b"abc", oc_chunked="1").status_code == 403


def test_versions_and_trash(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    editor.send("PUT", at(editor, NAME), b"second")
    place = f"/remote.php/dav/versions/{viewer.id}/versions/{world.file_id}"
    found = list(told(viewer.send("PROPFIND", place, propfind("d:getcontentlength"), depth="1")))
    assert viewer.send("GET", found[-1]).getvalue() == TEXT
    restore = f"/remote.php/dav/versions/{viewer.id}/restore/x"
    assert viewer.send("MOVE", found[-1], destination=restore).status_code == 403
    of_editor, restore = (url.replace(f"/{viewer.id}/", f"/{editor.id}/") for url in (found[-1], restore))
    assert editor.send("MOVE", of_editor, destination=restore).status_code == 204
    assert world.texts == [TEXT, b"second", TEXT]
    assert viewer.send("DELETE", at(viewer, NAME)).status_code == 204
    assert (listed(viewer, "", "oc:fileid").keys(), TrashItem.objects.count()) == ({""}, 0)
    found_in_trash = told(viewer.send("PROPFIND", trash(viewer), propfind("d:getetag"), depth="1"))
    assert len(found_in_trash) == 1


def test_search_and_favourites(world: SharedFile, viewer: Careful) -> None:
    put(actor_of(world.viewer), "own/report.txt", b"own")
    index()
    assert sorted(search(viewer, "report")) == ["own/report.txt", NAME]
    assert search(viewer, "report", "own") == ["own/report.txt"]
    viewer.send("MOVE", at(viewer, NAME), destination=at(viewer, "own/mine.txt"))
    index()
    assert "own/mine.txt" in search(viewer, "report", "own")
    assert b"200 OK" in viewer.send("PROPPATCH", at(viewer, "own/mine.txt"), MARK).content
    for depth in ("0", "1"):
        path = "own/mine.txt" if depth == "0" else "own"
        assert listed(viewer, path, "oc:favorite", depth=depth)["own/mine.txt"] == {"oc:favorite": "1"}
    found = told(viewer.send("REPORT", at(viewer), REPORT))
    assert {href.removeprefix(at(viewer)): one for href, one in found.items()} == {
        "own/mine.txt": {"oc:permissions": "SGDNV", "oc:fileid": str(world.file_id)}
    }


def test_a_checksum_is_recalculated(world: SharedFile, viewer: Careful) -> None:
    answer = viewer.send("PATCH", at(viewer, NAME), x_recalculate_hash="sha1")
    digest = hashlib.sha1(TEXT, usedforsecurity=False).hexdigest()
    assert (answer.status_code, answer.headers["OC-Checksum"]) == (204, f"SHA1:{digest}")
    assert listed(viewer, "", "oc:checksums")[NAME] == listed(viewer, NAME, "oc:checksums", depth="0")[NAME]
