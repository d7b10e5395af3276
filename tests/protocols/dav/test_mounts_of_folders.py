"""WebDAV through the mount of a folder that somebody shares out of the middle of their home."""

from datetime import timedelta

import pytest

from accounts.models import QuotaAccount
from common.clock import now
from files.access.rights import Role
from files.actions.lock import LockOptions, lock_node
from files.actions.mounts import reconcile_all
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.models import Grant, Mount, Node, TrashItem
from files.queries.target import Target
from tests.support.careful import CarefulDav as Careful
from tests.support.clients import Dav, body_of, found_in
from tests.support.people import actor_of
from tests.support.shared_folders import ABOVE, FILES, FOLDER, SharedFolder, mount_to, shared_folder
from tests.support.trees import put

pytestmark = pytest.mark.django_db
ETAG = "{DAV:}getetag"
USED, FREE = "{DAV:}quota-used-bytes", "{DAV:}quota-available-bytes"
LOCK = """<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype>
<d:owner>me</d:owner></d:lockinfo>"""


@pytest.fixture
def world() -> SharedFolder:
    return shared_folder()


@pytest.fixture
def editor(world: SharedFolder) -> Careful:
    return Careful(world.editor)


@pytest.fixture
def viewer(world: SharedFolder) -> Careful:
    return Careful(world.viewer)


def hrefs(dav: Dav, path: str = "") -> list[str]:
    return list(found_in(dav.propfind(path, depth="1")))


def etag(dav: Dav, path: str) -> str | None:
    ((_, found),) = dav.properties(path, ETAG).items()
    return found[ETAG]


def test_listing_and_reading(world: SharedFolder, viewer: Careful) -> None:
    assert hrefs(viewer) == ["/dav/", "/dav/Photos/"]
    assert hrefs(viewer, "Photos") == ["/dav/Photos/", "/dav/Photos/2026/", "/dav/Photos/sea.txt"]
    assert hrefs(viewer, "Photos/2026/trips") == ["/dav/Photos/2026/trips/", "/dav/Photos/2026/trips/alps.txt"]
    assert body_of(viewer.send("GET", "Photos/2026/may.txt")) == FILES["2026/may.txt"]
    assert viewer.send("HEAD", "Photos/sea.txt").status_code == 200
    assert viewer.send("GET", "Photos/none.txt").status_code == 404
    assert viewer.propfind("Photos/none/deeper").status_code == 404


def test_writing_and_who_may_not(world: SharedFolder, editor: Careful, viewer: Careful) -> None:
    assert editor.put("Photos/new.txt", b"new").status_code == 201
    assert editor.put("Photos/new.txt", b"newer").status_code == 204
    assert editor.send("MKCOL", "Photos/more").status_code == 201
    assert editor.move("Photos/new.txt", "Photos/more/new.txt").status_code == 201
    assert editor.copy("Photos/more", "Photos/again").status_code == 201
    assert editor.move("Photos/more/new.txt", "mine.txt").status_code == 201
    assert editor.move("mine.txt", "Photos/mine.txt").status_code == 201
    assert editor.copy("Photos/sea.txt", "sea.txt").status_code == 201
    assert editor.send("DELETE", "Photos/again").status_code == 204
    assert Node.objects.filter(parent=world.folder).count() == 4
    for method, path in (("DELETE", "Photos/sea.txt"), ("MKCOL", "Photos/x"), ("PUT", "Photos/sea.txt")):
        assert viewer.send(method, path).status_code == 403
    assert viewer.copy("Photos", "Copy").status_code == 201
    assert body_of(viewer.send("GET", "Copy/2026/trips/alps.txt")) == FILES["2026/trips/alps.txt"]


def test_the_mount_is_its_receivers(world: SharedFolder, viewer: Careful) -> None:
    assert viewer.send("MKCOL", "work").status_code == 201
    assert viewer.move("Photos", "work/Seen").status_code == 201
    assert hrefs(viewer, "work/Seen") == ["/dav/work/Seen/", "/dav/work/Seen/2026/", "/dav/work/Seen/sea.txt"]
    assert viewer.move("work", "work2").status_code == 201
    assert viewer.send("DELETE", "work2/Seen").status_code == 204
    assert hrefs(viewer, "work2") == ["/dav/work2/"]
    assert TrashItem.objects.count() == 0
    assert Node.objects.filter(pk=world.folder.pk, parent__isnull=False).exists()


def test_entity_tags_climb_by_the_folder_alone(world: SharedFolder, editor: Careful, viewer: Careful) -> None:
    before = etag(viewer, ""), etag(viewer, "Photos")
    put(world.actor, f"{ABOVE}/canary-other.txt")
    assert (etag(viewer, ""), etag(viewer, "Photos")) == before
    editor.put("Photos/2026/trips/new.txt")
    after = etag(viewer, ""), etag(viewer, "Photos")
    assert after[0] != before[0]
    assert after[1] != before[1]
    assert viewer.properties("", ETAG, depth="1")["/dav/Photos/"][ETAG] == after[1]
    world.share(world.viewer, Role.EDITOR)
    assert etag(viewer, "Photos") != after[1], "a right that changes renews it"
    renamed = viewer.move("Photos", "Pictures", If=f"([{etag(viewer, 'Photos')}])")
    assert renamed.status_code == 201


def test_quotas_tell_nothing_of_the_owners_account(world: SharedFolder, editor: Careful) -> None:
    """What is in the folder, and what the team has free."""
    QuotaAccount.objects.filter(user=world.owner).update(limit_bytes=12_345)
    ((_, found),) = editor.properties("Photos", USED, FREE).items()
    assert found[USED] == str(sum(map(len, FILES.values())))
    assert FREE not in found, "there is no limit of the team"
    QuotaAccount.objects.filter(team=world.owner.membership.team).update(limit_bytes=10_000, live_bytes=1_000)
    ((_, found),) = editor.properties("Photos", USED, FREE).items()
    assert found[FREE] == "9000"


def test_locks_have_addresses_of_the_mount(world: SharedFolder, editor: Careful) -> None:
    lock_node(world.actor, node_id=world.node("2026").pk, options=LockOptions(is_deep=True))
    refused = editor.put("Photos/2026/trips/new.txt")
    assert refused.status_code == 423
    assert b"<d:href>/dav/Photos/2026</d:href>" in refused.content
    taken = editor.send("LOCK", "Photos/sea.txt", LOCK)
    assert taken.status_code == 200
    assert b"/dav/Photos/sea.txt" in taken.content
    lock_node(world.actor, node_id=world.node("canary-deeper").pk, options=LockOptions(is_deep=False))
    assert editor.put("Photos/other.txt").status_code == 201, "the list of another folder is locked"


def test_a_lock_of_something_above(world: SharedFolder, editor: Careful) -> None:
    lock_node(world.actor, node_id=world.node("canary-deeper").pk, options=LockOptions(is_deep=True))
    refused = editor.put("Photos/new.txt")
    assert refused.status_code == 423
    assert b"/dav/Photos" in refused.content
    found = editor.properties("Photos/sea.txt", "{DAV:}lockdiscovery")
    assert list(found) == ["/dav/Photos/sea.txt"]


def test_properties_are_those_of_the_folder(world: SharedFolder, editor: Careful, viewer: Careful) -> None:
    mark = (
        '<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><x:y xmlns:x="urn:x">1</x:y></d:prop></d:set>'
        "</d:propertyupdate>"
    )
    assert b"200 OK" in editor.send("PROPPATCH", "Photos", mark).content
    assert viewer.properties("Photos", "{urn:x}y")["/dav/Photos/"]["{urn:x}y"] == "1"
    assert b"200 OK" not in viewer.send("PROPPATCH", "Photos", mark).content


def test_access_that_ends(world: SharedFolder, editor: Careful, viewer: Careful) -> None:
    world.end(world.viewer)
    Grant.objects.filter(user=world.editor).update(expires_at=now() - timedelta(seconds=1))
    for dav in (viewer, editor):
        assert hrefs(dav) == ["/dav/"]
        assert dav.propfind("Photos").status_code == 404
        assert dav.send("GET", "Photos/sea.txt").status_code == 404
        assert dav.put("Photos/new.txt").status_code in (404, 409)
    reconcile_all()
    assert viewer.send("MKCOL", "Photos").status_code == 201


def test_a_mount_of_its_owner_in_it_is_nowhere(world: SharedFolder, editor: Careful) -> None:
    space = create_team_space(world.actor, name="Plans")
    put(world.actor, "a.txt", space_id=space.pk)
    reconcile_all()
    row = Mount.objects.get(user=world.owner, space=space).node
    assert row is not None
    move_node(world.actor, node_id=row.pk, target=Target(f"{FOLDER}/Inner"))
    assert hrefs(editor, "Photos") == ["/dav/Photos/", "/dav/Photos/2026/", "/dav/Photos/sea.txt"]
    for path in ("Photos/Inner", "Photos/Inner/a.txt"):
        assert editor.propfind(path).status_code == 404
        assert editor.send("GET", path).status_code == 404
        assert editor.put(path).status_code in (404, 409)
    assert editor.send("MKCOL", "Photos/Inner").status_code in (404, 405, 409)
    assert hrefs(Dav(world.owner), f"{FOLDER[1:]}/Inner")[1:] == [f"/dav{FOLDER}/Inner/a.txt"]


def test_listings_are_503_as_long_as_it_cannot_be_resolved(world: SharedFolder, viewer: Careful) -> None:
    mount = mount_to(world.viewer, world.folder)
    put(actor_of(world.viewer), "own.txt")
    Mount.objects.filter(node=mount).update(target_id=10**9)
    Node.objects.filter(pk=mount.pk).update(target_id=10**9)
    assert viewer.propfind("", depth="1").status_code == 503
    assert viewer.propfind("Photos", depth="1").status_code == 503
