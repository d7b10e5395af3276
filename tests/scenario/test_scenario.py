"""The story. Each chapter runs once for each endpoint; what the tree is afterwards is asked of the core itself."""

from collections.abc import Callable
from copy import copy

import pytest

from accounts.models import User
from files.maintenance.fsck import run_fsck
from files.models import Change, Node, TrashItem, Version
from tests.scenario.endpoints import (
    BAD_NAME,
    CHANGED,
    CORRUPT,
    FULL,
    INTO_ITSELF,
    MISSING,
    TAKEN,
    DavDialect,
    Endpoint,
    Refused,
    RestDialect,
)
from tests.support.people import make_user
from tests.support.trees import home_of

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "ada@example.com"


def dav(prefix: str) -> Callable[[User], Endpoint]:
    return lambda user: DavDialect(user, prefix.format(id=user.pk))


ENDPOINTS = {
    "rest": RestDialect,
    "dav": dav("/dav"),
    "nextcloud": dav("/remote.php/dav/files/{id}"),
    "owncloud": dav("/remote.php/webdav"),
}


@pytest.fixture(params=ENDPOINTS)
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    user = make_user(EMAIL, quota_bytes=1_000_000)
    make: Callable[[User], Endpoint] = ENDPOINTS[request.param]
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


def test_a_tree_grows(endpoint: Endpoint) -> None:
    endpoint.make_folder("/Reports")
    endpoint.make_folder("/Reports/2026 ü")
    endpoint.write("/Reports/2026 ü/100% #1?.txt", b"first")
    endpoint.write("/empty.txt", b"")
    assert endpoint.listing("/") == ["Reports/", "empty.txt"]
    assert endpoint.listing("/Reports/2026 ü") == ["100% #1?.txt"]
    assert endpoint.read("/Reports/2026 ü/100% #1?.txt") == b"first"
    assert endpoint.read("/empty.txt") == b""
    refused(TAKEN, lambda: endpoint.make_folder("/Reports"))
    refused(TAKEN, lambda: endpoint.make_folder("/empty.txt"))
    refused(MISSING, lambda: endpoint.read("/none.txt"))
    refused(MISSING, lambda: endpoint.listing("/none"))


def test_writing_again_is_a_version(endpoint: Endpoint) -> None:
    endpoint.write("/a.txt", b"one")
    first, id_before = endpoint.etag("/a.txt"), node("/a.txt").pk
    endpoint.write("/a.txt", b"two", If_Match=first)
    assert endpoint.read("/a.txt") == b"two"
    assert endpoint.etag("/a.txt") != first
    assert node("/a.txt").pk == id_before
    assert Version.objects.filter(node_id=id_before).count() == 2
    refused(CHANGED, lambda: endpoint.write("/a.txt", b"three", If_Match=first))
    refused(TAKEN, lambda: endpoint.write("/a.txt", b"three", If_None_Match="*"))
    assert endpoint.read("/a.txt") == b"two"


def test_ranges_and_conditions(endpoint: Endpoint) -> None:
    endpoint.write("/a.txt", b"0123456789")
    assert endpoint.read("/a.txt", Range="bytes=3-5") == b"345"
    assert endpoint.read("/a.txt", Range="bytes=-2") == b"89"
    assert endpoint.read("/a.txt", Range="bytes=0-1", If_Range='"another"') == b"0123456789"
    assert endpoint.ask("GET", endpoint.file("/a.txt"), If_None_Match=endpoint.etag("/a.txt")).status_code == 304
    assert endpoint.ask("GET", endpoint.file("/a.txt"), Range="bytes=10-").status_code == 416


def test_moving(endpoint: Endpoint) -> None:
    for path in ("/a", "/a/b"):
        endpoint.make_folder(path)
    endpoint.write("/a/b/c.txt", b"c")
    endpoint.write("/taken.txt", b"taken")
    id_before = node("/a/b/c.txt").pk
    changes = Change.objects.count()
    endpoint.move("/a", "/z ü")
    assert Change.objects.count() == changes + 1, "a change of a folder is one of all below it"
    assert endpoint.read("/z ü/b/c.txt") == b"c"
    assert node("/z ü/b/c.txt").pk == id_before
    refused(MISSING, lambda: endpoint.move("/a", "/y"))
    refused(INTO_ITSELF, lambda: endpoint.move("/z ü", "/z ü/b/z"))
    refused(TAKEN, lambda: endpoint.move("/z ü/b/c.txt", "/taken.txt"))
    assert endpoint.read("/taken.txt") == b"taken"
    endpoint.move("/z ü/b/c.txt", "/taken.txt", overwrite=True)
    assert endpoint.read("/taken.txt") == b"c"
    assert node("/taken.txt").pk == id_before
    assert endpoint.listing("/z ü/b") == []


def test_a_name_changes_its_case(endpoint: Endpoint) -> None:
    endpoint.write("/readme.txt", b"x")
    endpoint.move("/readme.txt", "/README.txt")
    assert endpoint.listing("/") == ["README.txt"]


def test_copying(endpoint: Endpoint) -> None:
    endpoint.make_folder("/a")
    endpoint.write("/a/one.txt", b"1")
    endpoint.copy("/a", "/b")
    endpoint.write("/b/one.txt", b"another")
    assert endpoint.read("/a/one.txt") == b"1"
    assert node("/a/one.txt").pk != node("/b/one.txt").pk
    refused(TAKEN, lambda: endpoint.copy("/a", "/b"))
    refused(MISSING, lambda: endpoint.copy("/none", "/c"))
    endpoint.copy("/a/one.txt", "/b/one.txt", overwrite=True)
    assert endpoint.read("/b/one.txt") == b"1"


def test_trash(endpoint: Endpoint) -> None:
    endpoint.make_folder("/a")
    endpoint.write("/a/one.txt", b"1")
    endpoint.trash("/a")
    assert endpoint.listing("/") == []
    assert TrashItem.objects.get().path == "/a"
    refused(MISSING, lambda: endpoint.trash("/a"))
    refused(MISSING, lambda: endpoint.read("/a/one.txt"))
    endpoint.make_folder("/a")
    assert endpoint.listing("/a") == []


def test_a_full_account(endpoint: Endpoint) -> None:
    endpoint.write("/fits.bin", bytes(900_000))
    refused(FULL, lambda: endpoint.write("/too much.bin", bytes(200_000)))
    refused(FULL, lambda: endpoint.copy("/fits.bin", "/again.bin"))
    assert endpoint.listing("/") == ["fits.bin"]


def test_names_and_bytes_that_are_not_taken(endpoint: Endpoint) -> None:
    refused(BAD_NAME, lambda: endpoint.write("/" + "x" * 256, b"x"))
    refused(BAD_NAME, lambda: endpoint.make_folder("/a\0b"))
    refused(CORRUPT, lambda: endpoint.write("/a.txt", b"x", **endpoint.wrong_checksum(b"x")))
    assert endpoint.listing("/") == []


def test_nobody_else_sees_any_of_it(endpoint: Endpoint) -> None:
    endpoint.write("/private.txt", b"mine")
    other = make_user("bob@example.com")
    path = endpoint.file("/private.txt")
    stranger = copy(endpoint)
    stranger.client = endpoint.sign_in(other)
    refused(MISSING, lambda: stranger.read("/private.txt"))
    assert stranger.ask("DELETE", path).status_code == 404 or isinstance(endpoint, RestDialect)
    assert endpoint.read("/private.txt") == b"mine"


def test_the_books_are_right_afterwards(endpoint: Endpoint) -> None:
    endpoint.make_folder("/a")
    for number in range(5):
        endpoint.write(f"/a/{number}.txt", b"x" * number)
    endpoint.copy("/a", "/b")
    endpoint.move("/a/1.txt", "/b/1.txt", overwrite=True)
    endpoint.trash("/b")
    findings: list[object] = []
    run_fsck(hashes=True, on_finding=findings.append)
    assert findings == []
