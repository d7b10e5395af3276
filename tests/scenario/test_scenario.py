"""The story. Each chapter runs once for each door; what the tree is afterwards is asked of the core itself."""

from collections.abc import Callable
from copy import copy

import pytest

from accounts.models import User
from files.maintenance.fsck import run_fsck
from files.models import Change, Node, TrashItem, Version
from tests.scenario.doors import (
    BAD_NAME,
    CHANGED,
    CORRUPT,
    FULL,
    INTO_ITSELF,
    MISSING,
    TAKEN,
    DavDialect,
    Door,
    Refused,
    RestDialect,
)
from tests.support.people import make_user
from tests.support.trees import home_of

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "ada@example.com"


def dav(prefix: str) -> Callable[[User], Door]:
    return lambda user: DavDialect(user, prefix.format(id=user.pk))


DOORS = {
    "rest": RestDialect,
    "dav": dav("/dav"),
    "nextcloud": dav("/remote.php/dav/files/{id}"),
    "owncloud": dav("/remote.php/webdav"),
}


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> Door:
    user = make_user(EMAIL, quota_bytes=1_000_000)
    make: Callable[[User], Door] = DOORS[request.param]
    return make(user)


def node(path: str) -> Node:
    """By its path, from the top of the home."""
    found = home_of_ada()
    for name in path.strip("/").split("/"):
        found = Node.objects.get(parent=found, name=name, trash_item=None)
    return found


def home_of_ada() -> Node:
    return home_of(User.objects.get(email=EMAIL)).root


def refused(word: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as raised:
        act()
    assert raised.value.word == word, raised.value


def test_a_tree_grows(door: Door) -> None:
    door.make_folder("/Reports")
    door.make_folder("/Reports/2026 ü")
    door.write("/Reports/2026 ü/100% #1?.txt", b"first")
    door.write("/empty.txt", b"")
    assert door.listing("/") == ["Reports/", "empty.txt"]
    assert door.listing("/Reports/2026 ü") == ["100% #1?.txt"]
    assert door.read("/Reports/2026 ü/100% #1?.txt") == b"first"
    assert door.read("/empty.txt") == b""
    refused(TAKEN, lambda: door.make_folder("/Reports"))
    refused(TAKEN, lambda: door.make_folder("/empty.txt"))
    refused(MISSING, lambda: door.read("/none.txt"))
    refused(MISSING, lambda: door.listing("/none"))


def test_writing_again_is_a_version(door: Door) -> None:
    door.write("/a.txt", b"one")
    first, id_before = door.etag("/a.txt"), node("/a.txt").pk
    door.write("/a.txt", b"two", If_Match=first)
    assert door.read("/a.txt") == b"two"
    assert door.etag("/a.txt") != first
    assert node("/a.txt").pk == id_before
    assert Version.objects.filter(node_id=id_before).count() == 2
    refused(CHANGED, lambda: door.write("/a.txt", b"three", If_Match=first))
    refused(TAKEN, lambda: door.write("/a.txt", b"three", If_None_Match="*"))
    assert door.read("/a.txt") == b"two"


def test_ranges_and_conditions(door: Door) -> None:
    door.write("/a.txt", b"0123456789")
    assert door.read("/a.txt", Range="bytes=3-5") == b"345"
    assert door.read("/a.txt", Range="bytes=-2") == b"89"
    assert door.read("/a.txt", Range="bytes=0-1", If_Range='"another"') == b"0123456789"
    assert door.ask("GET", door.file("/a.txt"), If_None_Match=door.etag("/a.txt")).status_code == 304
    assert door.ask("GET", door.file("/a.txt"), Range="bytes=10-").status_code == 416


def test_moving(door: Door) -> None:
    for path in ("/a", "/a/b"):
        door.make_folder(path)
    door.write("/a/b/c.txt", b"c")
    door.write("/taken.txt", b"taken")
    id_before = node("/a/b/c.txt").pk
    changes = Change.objects.count()
    door.move("/a", "/z ü")
    assert Change.objects.count() == changes + 1, "a change of a folder is one of all below it"
    assert door.read("/z ü/b/c.txt") == b"c"
    assert node("/z ü/b/c.txt").pk == id_before
    refused(MISSING, lambda: door.move("/a", "/y"))
    refused(INTO_ITSELF, lambda: door.move("/z ü", "/z ü/b/z"))
    refused(TAKEN, lambda: door.move("/z ü/b/c.txt", "/taken.txt"))
    assert door.read("/taken.txt") == b"taken"
    door.move("/z ü/b/c.txt", "/taken.txt", overwrite=True)
    assert door.read("/taken.txt") == b"c"
    assert node("/taken.txt").pk == id_before
    assert door.listing("/z ü/b") == []


def test_a_name_changes_its_case(door: Door) -> None:
    door.write("/readme.txt", b"x")
    door.move("/readme.txt", "/README.txt")
    assert door.listing("/") == ["README.txt"]


def test_copying(door: Door) -> None:
    door.make_folder("/a")
    door.write("/a/one.txt", b"1")
    door.copy("/a", "/b")
    door.write("/b/one.txt", b"another")
    assert door.read("/a/one.txt") == b"1"
    assert node("/a/one.txt").pk != node("/b/one.txt").pk
    refused(TAKEN, lambda: door.copy("/a", "/b"))
    refused(MISSING, lambda: door.copy("/none", "/c"))
    door.copy("/a/one.txt", "/b/one.txt", overwrite=True)
    assert door.read("/b/one.txt") == b"1"


def test_trash(door: Door) -> None:
    door.make_folder("/a")
    door.write("/a/one.txt", b"1")
    door.trash("/a")
    assert door.listing("/") == []
    assert TrashItem.objects.get().path == "/a"
    refused(MISSING, lambda: door.trash("/a"))
    refused(MISSING, lambda: door.read("/a/one.txt"))
    door.make_folder("/a")
    assert door.listing("/a") == []


def test_a_full_account(door: Door) -> None:
    door.write("/fits.bin", bytes(900_000))
    refused(FULL, lambda: door.write("/too much.bin", bytes(200_000)))
    refused(FULL, lambda: door.copy("/fits.bin", "/again.bin"))
    assert door.listing("/") == ["fits.bin"]


def test_names_and_bytes_that_are_not_taken(door: Door) -> None:
    refused(BAD_NAME, lambda: door.write("/" + "x" * 256, b"x"))
    refused(BAD_NAME, lambda: door.make_folder("/a\0b"))
    refused(CORRUPT, lambda: door.write("/a.txt", b"x", **door.wrong_checksum(b"x")))
    assert door.listing("/") == []


def test_nobody_else_sees_any_of_it(door: Door) -> None:
    door.write("/private.txt", b"mine")
    other = make_user("bob@example.com")
    path = door.file("/private.txt")
    stranger = copy(door)
    stranger.client = door.sign_in(other)
    refused(MISSING, lambda: stranger.read("/private.txt"))
    assert stranger.ask("DELETE", path).status_code == 404 or isinstance(door, RestDialect)
    assert door.read("/private.txt") == b"mine"


def test_the_books_are_right_afterwards(door: Door) -> None:
    door.make_folder("/a")
    for number in range(5):
        door.write(f"/a/{number}.txt", b"x" * number)
    door.copy("/a", "/b")
    door.move("/a/1.txt", "/b/1.txt", overwrite=True)
    door.trash("/b")
    findings: list[object] = []
    run_fsck(hashes=True, on_finding=findings.append)
    assert findings == []
