"""What Nextcloud's clients are told of mounts, and what they do in them."""

import hashlib
from typing import Any

import pytest

from files.access.rights import Role
from files.actions.spaces import create_team_space
from files.models import Favourite, TrashItem
from tests.protocols.nextcloud.test_bulk import part, post
from tests.protocols.nextcloud.test_files import at, propfind, told
from tests.search.conftest import index
from tests.support.clients import Nextcloud
from tests.support.mounts import FILES, MountedSpace, make_mounted_space
from tests.support.people import actor_of
from tests.support.trees import put

pytestmark = pytest.mark.django_db
OURS = ("oc:permissions", "nc:mount-type", "nc:is-mount-root", "oc:owner-id", "oc:owner-display-name")


@pytest.fixture
def world() -> MountedSpace:
    return make_mounted_space()


@pytest.fixture
def editor(world: MountedSpace) -> Nextcloud:
    return Nextcloud(world.editor)


@pytest.fixture
def viewer(world: MountedSpace) -> Nextcloud:
    return Nextcloud(world.viewer)


def listed(client: Nextcloud, path: str, *names: str, depth: str = "1") -> dict[str, dict[str, str]]:
    found = told(client.send("PROPFIND", at(client, path), propfind(*names), depth=depth))
    return {href.removeprefix(at(client)): properties for href, properties in found.items()}


def permissions(client: Nextcloud, path: str) -> dict[str, str]:
    return {href: one["oc:permissions"] for href, one in listed(client, path, "oc:permissions").items()}


def test_the_letters_of_each_role(world: MountedSpace, editor: Nextcloud, viewer: Nextcloud) -> None:
    put(actor_of(world.viewer), "own.txt")
    assert permissions(viewer, "") == {"": "RGDNVCK", "Plans/": "SGDNV", "own.txt": "RGDNVW"}
    assert permissions(viewer, "Plans") == {"Plans/": "SGDNV", "Plans/notes/": "SG", "Plans/budget.txt": "SG"}
    assert permissions(viewer, "Plans/notes")["Plans/notes/deep/"] == "SG"
    assert permissions(editor, "")["Plans/"] == "SRGDNVCK"
    inside = {"Plans/": "SRGDNVCK", "Plans/notes/": "SRGDNVCK", "Plans/budget.txt": "SRGDNVW"}
    assert permissions(editor, "Plans") == inside
    world.role(world.viewer, Role.EDITOR)
    assert permissions(viewer, "Plans") == inside


def test_a_token_that_may_only_read(world: MountedSpace) -> None:
    reader = Nextcloud(world.editor, "read")
    assert permissions(reader, "")["Plans/"] == "SG"
    assert permissions(reader, "Plans")["Plans/budget.txt"] == "SG"


def test_whose_it_is_and_what_kind(world: MountedSpace, viewer: Nextcloud) -> None:
    put(actor_of(world.viewer), "own.txt")
    of_team = {"nc:mount-type": "group", "oc:owner-id": "", "oc:owner-display-name": world.space.team.name}
    names = OURS[1:]
    home = listed(viewer, "", *names)
    assert home["Plans/"] == {**of_team, "nc:is-mount-root": "true"}
    own = {"oc:owner-id": viewer.id, "oc:owner-display-name": "Viewer"}
    assert home[""] == home["own.txt"] == {**own, "nc:mount-type": "", "nc:is-mount-root": "false"}
    inside = listed(viewer, "Plans", *names)
    assert inside["Plans/"] == {**of_team, "nc:is-mount-root": "true"}
    assert inside["Plans/notes/"] == inside["Plans/budget.txt"] == {**of_team, "nc:is-mount-root": "false"}
    below = listed(viewer, "Plans/notes", *names)
    assert below["Plans/notes/"]["nc:is-mount-root"] == "false"


def test_ids_sizes_and_the_same_answer_from_both_sides(world: MountedSpace, viewer: Nextcloud) -> None:
    names = ("oc:id", "oc:fileid", "oc:size", "d:getetag", *OURS)
    in_home = listed(viewer, "", *names)["Plans/"]
    assert in_home == listed(viewer, "Plans", *names, depth="0")["Plans/"]
    assert in_home["oc:fileid"] == str(world.mount_of(world.viewer).pk)
    assert in_home["oc:size"] == str(sum(map(len, FILES.values())))


def test_a_favourite_is_ones_own_also_for_who_only_reads(world: MountedSpace, viewer: Nextcloud) -> None:
    mark = (
        '<d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop>'
        "<oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>"
    )
    for path in ("Plans", "Plans/budget.txt", "Plans/notes"):
        answer = viewer.send("PROPPATCH", at(viewer, path), mark)
        assert b"200 OK" in answer.content, answer.content
    assert Favourite.objects.filter(user=world.viewer).count() == 3
    assert listed(viewer, "", "oc:favorite")["Plans/"] == {"oc:favorite": "1"}
    inside = {href: one["oc:favorite"] for href, one in listed(viewer, "Plans", "oc:favorite").items()}
    assert inside == {"Plans/": "1", "Plans/notes/": "1", "Plans/budget.txt": "1"}
    report = (
        '<oc:filter-files xmlns:oc="http://owncloud.org/ns" xmlns:d="DAV:"><d:prop><oc:permissions/></d:prop>'
        "<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>"
    )
    found = told(viewer.send("REPORT", at(viewer), report))
    assert {href.removeprefix(at(viewer)): one["oc:permissions"] for href, one in found.items()} == {
        "Plans/": "SGDNV",
        "Plans/budget.txt": "SG",
        "Plans/notes/": "SG",
    }
    inside_only = told(viewer.send("REPORT", at(viewer, "Plans"), report))
    assert [href.removeprefix(at(viewer)) for href in inside_only] == ["Plans/budget.txt", "Plans/notes/"]


def chunks(client: Nextcloud, name: str) -> str:
    return f"/remote.php/dav/uploads/{client.id}/{name}"


def upload(client: Nextcloud, target: str, data: bytes, **headers: str) -> Any:
    """By chunking version 2: MKCOL, two chunks, MOVE."""
    place, total = chunks(client, "upload"), str(len(data))
    destination = at(client, target)
    made = client.send("MKCOL", place, destination=destination, oc_total_length=total)
    if made.status_code != 201:
        return made
    middle = len(data) // 2
    for number, piece in enumerate((data[:middle], data[middle:]), 1):
        sent = client.send("PUT", f"{place}/{number:05}", piece, destination=destination, oc_total_length=total)
        assert sent.status_code == 201, sent.content
    return client.send("MOVE", f"{place}/.file", destination=destination, oc_total_length=total, **headers)


def test_chunked_upload_into_a_mount(world: MountedSpace, editor: Nextcloud, viewer: Nextcloud) -> None:
    data = b"0123456789" * 1000
    sha1 = f"SHA1:{hashlib.sha1(data).hexdigest()}"
    answer = upload(editor, "Plans/notes/film.mkv", data, oc_checksum=sha1, x_oc_mtime="1500000000")
    assert answer.status_code == 201, answer.content
    assert answer["X-OC-MTime"] == "accepted"
    assert editor.send("GET", at(editor, "Plans/notes/film.mkv")).getvalue() == data
    assert "film.mkv" in world.names("notes")
    assert upload(editor, "Plans/notes/film.mkv", data[::-1]).status_code == 204
    assert upload(viewer, "Plans/notes/other.mkv", data).status_code == 403
    assert "other.mkv" not in world.names("notes")


def test_chunking_version_1_into_a_mount(world: MountedSpace, editor: Nextcloud, viewer: Nextcloud) -> None:
    for number in (1, 0):
        url = at(editor, f"Plans/old.bin-chunking-4711-2-{number}")
        answer = editor.send("PUT", url, b"abc" if number == 0 else b"def", oc_chunked="1")
        assert answer.status_code == 201, answer.content
    assert editor.send("GET", at(editor, "Plans/old.bin")).getvalue() == b"abcdef"
    refused = viewer.send("PUT", at(viewer, "Plans/mine.bin-chunking-4711-2-0"), b"abc", oc_chunked="1")
    assert refused.status_code == 403


def test_bulk_upload_into_home_and_mount_at_once(world: MountedSpace, editor: Nextcloud, viewer: Nextcloud) -> None:
    sent = {"/mine.txt": b"mine", "/Plans/ours.txt": b"ours", "/Plans/notes/more.txt": b"more"}
    answer = post(editor, *(part(path, data) for path, data in sent.items()))
    outcomes = answer.json()
    assert {path: outcomes[path]["error"] for path in sent} == dict.fromkeys(sent, False), outcomes
    assert outcomes["/mine.txt"]["permissions"] == "RGDNVW"
    assert outcomes["/Plans/ours.txt"]["permissions"] == outcomes["/Plans/notes/more.txt"]["permissions"] == "SRGDNVW"
    assert world.names() >= {"ours.txt"}
    assert world.names("notes") >= {"more.txt"}
    for path, data in sent.items():
        assert editor.send("GET", at(editor, path[1:])).getvalue() == data
    refused = post(viewer, *(part(path, data) for path, data in sent.items())).json()
    assert {path: refused[path]["error"] for path in sent} == {
        "/mine.txt": False,
        "/Plans/ours.txt": True,
        "/Plans/notes/more.txt": True,
    }


def trash(client: Nextcloud, rest: str = "trash/") -> str:
    return f"/remote.php/dav/trashbin/{client.id}/{rest}"


def test_the_trash_has_what_one_deleted_there_oneself(world: MountedSpace, editor: Nextcloud) -> None:
    owner = Nextcloud(world.owner)
    put(actor_of(world.editor), "own.txt")
    for client, path in ((editor, "own.txt"), (editor, "Plans/notes"), (owner, "Plans/budget.txt")):
        assert client.send("DELETE", at(client, path)).status_code == 204
    names = ("nc:trashbin-original-location", "oc:permissions")
    found = told(editor.send("PROPFIND", trash(editor), propfind(*names), depth="1"))
    told_of = {one["nc:trashbin-original-location"]: one["oc:permissions"] for one in found.values() if one}
    assert told_of == {"own.txt": "GD", "Plans/notes": "G"}
    item = TrashItem.objects.get(path="/notes")
    href = trash(editor, f"trash/notes.d{item.pk}")
    assert editor.send("DELETE", href).status_code == 403, "purging is for the managers of a space"
    restored = editor.send("MOVE", href, destination=trash(editor, "restore/notes"))
    assert restored.status_code == 201
    assert world.names() == {"notes"}
    assert editor.send("DELETE", trash(editor, "trash/")).status_code == 204
    assert TrashItem.objects.filter(space=world.space, purging=False).count() == 1


def test_versions_of_a_file_in_a_mount(world: MountedSpace, editor: Nextcloud, viewer: Nextcloud) -> None:
    editor.send("PUT", at(editor, "Plans/budget.txt"), b"two hundred")
    node = world.place("budget.txt").node
    place = f"/remote.php/dav/versions/{viewer.id}/versions/{node.pk}"
    found = list(told(viewer.send("PROPFIND", place, propfind("d:getcontentlength"), depth="1")))
    assert len(found) == 3
    oldest = found[-1]
    assert viewer.send("GET", oldest).getvalue() == FILES["budget.txt"]
    target = f"/remote.php/dav/versions/{viewer.id}/restore/x"
    assert viewer.send("MOVE", oldest, destination=target).status_code == 403
    of_editor = oldest.replace(f"/versions/{viewer.id}/", f"/versions/{editor.id}/")
    target = target.replace(f"/versions/{viewer.id}/", f"/versions/{editor.id}/")
    assert editor.send("MOVE", of_editor, destination=target).status_code == 204
    assert editor.send("GET", at(editor, "Plans/budget.txt")).getvalue() == FILES["budget.txt"]


def search(client: Nextcloud, word: str, below: str = "") -> list[str]:
    body = f"""<d:searchrequest xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:basicsearch>
    <d:select><d:prop><oc:fileid/></d:prop></d:select>
    <d:from><d:scope><d:href>/files/{client.id}/{below}</d:href><d:depth>infinity</d:depth></d:scope></d:from>
    <d:where><d:like><d:prop><d:displayname/></d:prop><d:literal>%{word}%</d:literal></d:like></d:where>
    </d:basicsearch></d:searchrequest>"""
    found = told(client.send("SEARCH", "/remote.php/dav/", body))
    return sorted(href.removeprefix(at(client)) for href in found)


def test_search_finds_through_mounts_with_paths_of_the_home(world: MountedSpace, viewer: Nextcloud) -> None:
    put(actor_of(world.viewer), "own/today.txt")
    hidden = create_team_space(actor_of(world.owner), name="Hidden")
    put(actor_of(world.owner), "today.txt", space_id=hidden.pk)
    viewer.send("MOVE", at(viewer, "Plans"), destination=at(viewer, "Ours"))
    index()
    assert search(viewer, "today") == ["Ours/notes/today.txt", "own/today.txt"]
    assert search(viewer, "today", "Ours") == ["Ours/notes/today.txt"]
    assert search(viewer, "today", "Ours/notes/") == ["Ours/notes/today.txt"]
    assert search(viewer, "today", "own") == ["own/today.txt"]
    entries = viewer.ocs("search/providers/files/search?term=today").json()["ocs"]["data"]["entries"]
    assert {entry["attributes"]["path"] for entry in entries} == {"/Ours/notes/today.txt", "/own/today.txt"}


def test_headers_of_answers_in_a_mount(editor: Nextcloud) -> None:
    answer = editor.send("PUT", at(editor, "Plans/new.txt"), b"new", x_oc_mtime="1500000000")
    assert answer.status_code == 201
    assert answer["OC-ETag"] == answer["ETag"] == editor.send("HEAD", at(editor, "Plans/new.txt"))["ETag"]
    assert answer["X-OC-MTime"] == "accepted"
    moved = editor.send("MOVE", at(editor, "Plans"), destination=at(editor, "Ours"), x_oc_mtime="1400000000")
    assert moved.status_code == 201
    assert "X-OC-MTime" not in moved
    assert moved["OC-FileId"] == listed(editor, "Ours", "oc:id", depth="0")["Ours/"]["oc:id"]
