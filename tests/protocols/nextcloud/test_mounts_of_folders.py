"""What Nextcloud's clients are told of a folder that somebody shares, and what they do in it."""

from typing import Any

import pytest

from files.actions.mounts import reconcile_all
from files.actions.trash import trash_nodes
from files.models import Node, TrashItem
from tests.protocols.nextcloud.test_bulk import part, post
from tests.protocols.nextcloud.test_files import at, propfind, told
from tests.protocols.nextcloud.test_mounts import listed, permissions, search, trash, upload
from tests.search.conftest import index
from tests.support.careful import CarefulNextcloud as Careful
from tests.support.clients import Nextcloud
from tests.support.people import actor_of, make_member
from tests.support.shared_folders import FILES, FOLDER, SharedFolder, grant_on, mount_to, shared_folder
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> SharedFolder:
    return shared_folder()


@pytest.fixture
def editor(world: SharedFolder) -> Careful:
    return Careful(world.editor)


@pytest.fixture
def viewer(world: SharedFolder) -> Careful:
    return Careful(world.viewer)


def test_letters_kind_and_owner(world: SharedFolder, editor: Careful, viewer: Careful) -> None:
    put(actor_of(world.viewer), "own.txt")
    assert permissions(viewer, "") == {"": "RGDNVCK", "Photos/": "SGDNV", "own.txt": "RGDNVW"}
    assert permissions(viewer, "Photos") == {"Photos/": "SGDNV", "Photos/2026/": "SG", "Photos/sea.txt": "SG"}
    assert permissions(editor, "Photos") == {
        "Photos/": "SRGDNVCK",
        "Photos/2026/": "SRGDNVCK",
        "Photos/sea.txt": "SRGDNVW",
    }
    names = ("nc:mount-type", "nc:is-mount-root", "oc:owner-id", "oc:owner-display-name", "oc:fileid", "oc:size")
    of_owner = {"nc:mount-type": "shared", "oc:owner-id": str(world.owner.pk), "oc:owner-display-name": "Olga Owner"}
    mount = listed(viewer, "", *names)["Photos/"]
    assert mount == {
        **of_owner,
        "nc:is-mount-root": "true",
        "oc:fileid": str(mount_to(world.viewer, world.folder).pk),
        "oc:size": str(sum(map(len, FILES.values()))),
    }
    inside = listed(viewer, "Photos/2026", *names)
    assert {one["nc:is-mount-root"] for one in inside.values()} == {"false"}
    assert {one["oc:owner-id"] for one in inside.values()} == {str(world.owner.pk)}


def test_owners_of_many_mounts_are_read_at_once(world: SharedFolder, django_assert_max_num_queries: Any) -> None:
    for number in range(6):
        actor = actor_of(make_member(world.owner))
        put(actor, f"d{number}/x.txt")
        grant_on(actor, Node.objects.get(name=f"d{number}"), world.viewer)
    reconcile_all()
    viewer = Nextcloud(world.viewer)
    listed(viewer, "", "oc:owner-display-name")
    with django_assert_max_num_queries(10):
        found = listed(viewer, "", "oc:owner-display-name")
    assert len(found) == 8


def test_uploads_of_every_kind(world: SharedFolder, editor: Careful, viewer: Careful) -> None:
    data = b"0123456789" * 100
    assert upload(editor, "Photos/2026/film.mkv", data).status_code == 201
    assert upload(editor, "Photos/2026/film.mkv", data[::-1]).status_code == 204
    assert bytes_at(world.actor, f"{FOLDER}/2026/film.mkv") == data[::-1]
    for number in (1, 0):
        url = at(editor, f"Photos/old.bin-chunking-4711-2-{number}")
        assert editor.send("PUT", url, b"abc" if number == 0 else b"def", oc_chunked="1").status_code == 201
    assert bytes_at(world.actor, f"{FOLDER}/old.bin") == b"abcdef"
    outcomes = post(editor, part("/mine.txt", b"mine"), part("/Photos/2026/theirs.txt", b"theirs")).json()
    assert [outcomes[path]["error"] for path in ("/mine.txt", "/Photos/2026/theirs.txt")] == [False, False]
    assert bytes_at(world.actor, f"{FOLDER}/2026/theirs.txt") == b"theirs"
    assert upload(viewer, "Photos/other.mkv", data).status_code == 403


def test_what_one_deleted_there_is_in_ones_trash(world: SharedFolder, editor: Careful) -> None:
    put(actor_of(world.editor), "own.txt")
    for path in ("own.txt", "Photos/2026/trips", "Photos/sea.txt"):
        assert editor.send("DELETE", at(editor, path)).status_code == 204
    trash_nodes(world.actor, node_ids=[world.put("theirs.txt").pk])
    names = ("nc:trashbin-original-location", "oc:permissions")
    found = told(editor.send("PROPFIND", trash(editor), propfind(*names), depth="1"))
    told_of = {one["nc:trashbin-original-location"]: one["oc:permissions"] for one in found.values() if one}
    assert told_of == {"own.txt": "GD", "Photos/2026/trips": "G", "Photos/sea.txt": "G"}
    item = TrashItem.objects.get(node__name="trips")
    href = trash(editor, f"trash/trips.d{item.pk}")
    alone = told(editor.send("PROPFIND", href, propfind(*names), depth="0"))
    assert [one["nc:trashbin-original-location"] for one in alone.values()] == ["Photos/2026/trips"]
    assert editor.send("DELETE", href).status_code == 403
    assert editor.send("MOVE", href, destination=trash(editor, "restore/trips")).status_code == 201
    assert bytes_at(world.actor, f"{FOLDER}/2026/trips/alps.txt") == FILES["2026/trips/alps.txt"]
    world.end(world.editor)
    found = told(editor.send("PROPFIND", trash(editor), propfind(*names), depth="1"))
    assert [one["nc:trashbin-original-location"] for one in found.values() if one] == ["own.txt"]


def test_versions(world: SharedFolder, editor: Careful, viewer: Careful) -> None:
    editor.send("PUT", at(editor, "Photos/sea.txt"), b"another sea")
    place = f"/remote.php/dav/versions/{viewer.id}/versions/{world.node('sea.txt').pk}"
    found = list(told(viewer.send("PROPFIND", place, propfind("d:getcontentlength"), depth="1")))
    assert viewer.send("GET", found[-1]).getvalue() == FILES["sea.txt"]
    restore = f"/remote.php/dav/versions/{viewer.id}/restore/x"
    assert viewer.send("MOVE", found[-1], destination=restore).status_code == 403
    of_editor, restore = (url.replace(f"/{viewer.id}/", f"/{editor.id}/") for url in (found[-1], restore))
    assert editor.send("MOVE", of_editor, destination=restore).status_code == 204
    assert bytes_at(world.actor, f"{FOLDER}/sea.txt") == FILES["sea.txt"]


def test_search_and_favourites(world: SharedFolder, viewer: Careful) -> None:
    put(actor_of(world.viewer), "own/alps.txt"), put(world.actor, "alps.txt", b"canary")
    index()
    assert search(viewer, "alps") == ["Photos/2026/trips/alps.txt", "own/alps.txt"]
    assert search(viewer, "alps", "Photos") == ["Photos/2026/trips/alps.txt"]
    assert search(viewer, "alps", "Photos/2026/") == ["Photos/2026/trips/alps.txt"]
    assert search(viewer, "alps", "own") == ["own/alps.txt"]
    entries = viewer.ocs("search/providers/files/search?term=alps").json()["ocs"]["data"]["entries"]
    assert {entry["attributes"]["path"] for entry in entries} == {"/Photos/2026/trips/alps.txt", "/own/alps.txt"}
    mark = (
        '<d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop>'
        "<oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>"
    )
    for path in ("Photos", "Photos/2026/trips"):
        assert b"200 OK" in viewer.send("PROPPATCH", at(viewer, path), mark).content
    report = (
        '<oc:filter-files xmlns:oc="http://owncloud.org/ns" xmlns:d="DAV:"><d:prop><oc:permissions/></d:prop>'
        "<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>"
    )
    found = told(viewer.send("REPORT", at(viewer), report))
    assert {href.removeprefix(at(viewer)) for href in found} == {"Photos/", "Photos/2026/trips/"}
