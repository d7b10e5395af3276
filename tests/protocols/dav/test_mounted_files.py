"""WebDAV: a file that somebody shares alone is a file in the home of those who have it."""

import pytest

from files.access.rights import Role
from files.actions.lock import LockOptions, lock_node, unlock_node
from files.models import Mount, Node, TrashItem
from tests.support.careful import CarefulDav as Careful
from tests.support.clients import body_of, found_in
from tests.support.people import actor_of
from tests.support.shared_files import NAME, TEXT, SharedFile, shared_file
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db
ETAG, LENGTH, TYPE = "{DAV:}getetag", "{DAV:}getcontentlength", "{DAV:}resourcetype"
LOCK = """<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype>
<d:owner>me</d:owner></d:lockinfo>"""
SET = '<d:propertyupdate xmlns:d="DAV:" xmlns:x="urn:x"><d:set><d:prop><x:a>1</x:a></d:prop></d:set></d:propertyupdate>'


@pytest.fixture
def world() -> SharedFile:
    return shared_file()


@pytest.fixture
def editor(world: SharedFile) -> Careful:
    return Careful(world.editor)


@pytest.fixture
def viewer(world: SharedFile) -> Careful:
    return Careful(world.viewer)


def test_listing_and_reading(world: SharedFile, viewer: Careful) -> None:
    put(actor_of(world.viewer), "own.txt")
    expected = {ETAG: world.file.etag, LENGTH: str(len(TEXT)), TYPE: None}
    listed = viewer.properties("", ETAG, LENGTH, TYPE, depth="1")
    assert list(listed) == ["/dav/", f"/dav/{NAME}", "/dav/own.txt"] or set(listed) == {
        "/dav/",
        f"/dav/{NAME}",
        "/dav/own.txt",
    }
    assert {name: value or None for name, value in listed[f"/dav/{NAME}"].items()} == expected
    for depth in ("0", "1"):
        ((href, alone),) = viewer.properties(NAME, ETAG, LENGTH, TYPE, depth=depth).items()
        assert (href, {name: value or None for name, value in alone.items()}) == (f"/dav/{NAME}", expected)
    answer = viewer.send("GET", NAME)
    assert (body_of(answer), answer.headers["ETag"]) == (TEXT, world.file.etag)
    assert viewer.send("GET", NAME, if_none_match=world.file.etag).status_code == 304
    assert viewer.send("HEAD", NAME).headers["Content-Length"] == str(len(TEXT))
    assert viewer.send("GET", f"{NAME}/x").status_code == 404
    assert viewer.propfind(f"{NAME}/x/y").status_code == 404


def test_writing_and_who_may_not(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    answer = editor.put(NAME, b"newer", if_match=world.file.etag)
    assert (answer.status_code, answer.headers["ETag"]) == (204, world.file.etag)
    assert editor.properties("", ETAG, depth="1")[f"/dav/{NAME}"][ETAG] == world.file.etag
    assert editor.put(NAME, b"x" * 100_000).status_code == 204
    assert editor.put(NAME, b"no", if_match='"1.1"').status_code == 412
    assert editor.put(NAME, b"no", if_none_match="*").status_code == 412
    assert world.texts == [TEXT, b"newer", b"x" * 100_000]
    assert viewer.put(NAME, b"no").status_code == 403
    assert viewer.send("PROPPATCH", NAME, SET).status_code == 403
    assert viewer.send("MKCOL", NAME).status_code == 405
    assert viewer.send("MKCOL", f"{NAME}/x").status_code == 409
    assert editor.put(f"{NAME}/x").status_code == 409
    assert editor.send("PROPPATCH", NAME, SET).status_code == 207
    assert viewer.properties(NAME, "{urn:x}a") == {f"/dav/{NAME}": {"{urn:x}a": "1"}}
    assert viewer.properties("", "{urn:x}a", depth="1")[f"/dav/{NAME}"] == {"{urn:x}a": "1"}


def test_the_mount_is_its_receivers(world: SharedFile, viewer: Careful, editor: Careful) -> None:
    assert viewer.send("MKCOL", "office").status_code == 201
    moved = viewer.move(NAME, "office/mine.txt", if_match=world.file.etag)
    assert (moved.status_code, moved.headers["ETag"]) == (201, world.file.etag)
    assert viewer.move(NAME, "office/mine.txt").status_code == 201, "the same again: the answer was lost"
    assert body_of(viewer.send("GET", "office/mine.txt")) == TEXT
    assert viewer.copy("office/mine.txt", "own.txt").status_code == 201
    assert viewer.put("own.txt", b"own").status_code == 204
    assert viewer.send("DELETE", "office/mine.txt", if_match='"1.1"').status_code == 412
    assert viewer.send("DELETE", "office/mine.txt").status_code == 204
    assert list(found_in(viewer.propfind("office", depth="1"))) == ["/dav/office/"]
    assert (TrashItem.objects.count(), world.texts) == (0, [TEXT])
    assert body_of(editor.send("GET", NAME)) == TEXT


def test_saving_by_renaming_over_it(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    """As editors do: MOVE of what was written beside it, and a COPY likewise."""
    editor.put(".tmp", b"saved")
    answer = editor.move(".tmp", NAME)
    assert (answer.status_code, answer.headers["ETag"]) == (204, world.file.etag)
    assert editor.move(".tmp", NAME).status_code == 201, "the same again: the answer was lost"
    assert editor.move("never.tmp", NAME).status_code == 404
    editor.put("other.txt", b"copied")
    assert editor.copy("other.txt", NAME).status_code == 204
    assert world.texts == [TEXT, b"saved", b"copied"]
    assert set(found_in(editor.propfind(depth="1"))) == {"/dav/", f"/dav/{NAME}", "/dav/other.txt"}
    assert editor.move("other.txt", NAME, overwrite="F").status_code == 412
    viewer.put(".tmp", b"saved")
    assert viewer.move(".tmp", NAME).status_code == 403
    assert viewer.copy(".tmp", NAME).status_code == 403
    assert body_of(viewer.send("GET", ".tmp")) == b"saved", "nothing of it is lost"
    assert world.texts[-1] == b"copied"
    assert Mount.objects.filter(node__isnull=False).count() == 2


def test_saving_by_renaming_it_away(world: SharedFile, editor: Careful) -> None:
    """As other editors do: the shared file under another name, a new one in its place, and the old one deleted. The new
    one is an own file then; nothing of the shared one is lost.
    """
    editor.put(".tmp", b"saved")
    assert editor.move(NAME, f"{NAME}~").status_code == 201
    assert editor.move(".tmp", NAME).status_code == 201
    assert editor.send("DELETE", f"{NAME}~").status_code == 204
    assert bytes_at(actor_of(world.editor), NAME) == b"saved"
    assert world.texts == [TEXT]
    assert Node.objects.filter(pk=world.file_id, parent__isnull=False).exists()


def test_locks(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    token = editor.send("LOCK", NAME, LOCK).headers["Lock-Token"]
    assert viewer.send("LOCK", NAME, LOCK).status_code == 403
    discovered = body_of(viewer.propfind("", depth="1")).decode()
    assert (f"<d:lockroot><d:href>/dav/{NAME}</d:href>" in discovered, discovered.count("<d:activelock>")) == (True, 1)
    refused = editor.put(NAME, b"no")
    assert (refused.status_code, f"/dav/{NAME}<" in refused.content.decode()) == (423, True)
    assert editor.put(NAME, b"by its holder", If=f"({token})").status_code == 204
    assert editor.send("UNLOCK", NAME, lock_token=token).status_code == 204
    lock_node(world.actor, node_id=world.file_id, options=LockOptions())
    editor.move(NAME, "mine.txt")
    editor.put("tmp", b"x")
    for answer in (editor.put("mine.txt", b"no"), editor.move("tmp", "mine.txt")):
        assert (answer.status_code, "/dav/mine.txt<" in answer.content.decode()) == (423, True)
    assert editor.send("LOCK", "mine.txt", LOCK).status_code == 423
    unlock_node(world.actor, node_id=world.file_id)
    assert editor.put("mine.txt", b"free").status_code == 204


def test_tags_and_rights_of_the_folders_above(world: SharedFile, editor: Careful, viewer: Careful) -> None:
    def root() -> str | None:
        return viewer.properties("", ETAG)["/dav/"][ETAG]

    before = root()
    editor.put(NAME, b"new")
    written = root()
    assert written != before
    world.share(world.viewer, Role.EDITOR)
    assert root() != written, "a right that changes renews it"
    ifs = f"([{viewer.properties(NAME, ETAG)[f'/dav/{NAME}'][ETAG]}])"
    assert viewer.put(NAME, b"now", If=ifs).status_code == 204
    assert viewer.put(NAME, b"no", If='(["1.1"])').status_code == 412
    world.end(world.viewer)
    assert viewer.send("GET", NAME).status_code == 404
    assert viewer.put(NAME, b"no").status_code == 404
    assert set(found_in(viewer.propfind(depth="1"))) == {"/dav/"}
