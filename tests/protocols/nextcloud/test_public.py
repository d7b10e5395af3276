"""WebDAV through a link, at both of Nextcloud's addresses."""

from typing import Any

import pytest

from files.models import Node, Pool, TrashItem
from files.queries.tree import locate_path
from sharing.models import Link, LinkRole, Naming
from tests.files.conftest import pool  # noqa: F401
from tests.sharing.linked import SECRET, Linked, linked_world
from tests.support.clients import Dav, basic, body_of
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(pool: Pool) -> Linked:  # noqa: F811
    return linked_world()


def by_token(link: Link | str, password: str | None = None) -> Dav:
    dav = Dav(prefix=f"/public.php/dav/files/{link if isinstance(link, str) else link.token}/")
    if password is not None:
        dav.headers["Authorization"] = basic("anonymous", password)
    return dav


def by_name(link: Link | str, password: str = "") -> Dav:
    dav = Dav(prefix="/public.php/webdav/")
    dav.headers["Authorization"] = basic(link if isinstance(link, str) else link.token, password)
    return dav


@pytest.fixture(params=[by_token, by_name])
def mounted(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_reading(world: Linked, mounted: Any) -> None:
    link = world.link()
    dav = mounted(link)
    listed = dav.properties("", "{DAV:}displayname", depth="1")
    assert [href.removeprefix(dav.prefix) for href in listed] == ["", "more/", "sea.jpg"]
    assert list(dav.properties("more/", depth="1")) == [f"{dav.prefix}more/", f"{dav.prefix}more/sand.jpg"]
    assert body_of(dav.send("GET", "more/sand.jpg")) == b"sand"
    assert body_of(dav.send("GET", "sea.jpg", range="bytes=1-")) == b"ea"
    assert dav.send("HEAD", "sea.jpg").status_code == 200
    assert dav.send("OPTIONS", "").status_code == 200
    for path in ("nothing", "more/nothing", "../secret.txt", "%2e%2e/secret.txt", "Photos/sea.jpg"):
        assert dav.send("GET", path).status_code in (400, 404), path
    link.refresh_from_db()
    assert link.downloads == 2


def test_nothing_of_what_is_above(world: Linked, mounted: Any) -> None:
    dav = mounted(world.link(locate_path(world.actor, "Photos/more").node))
    everything = dav.propfind("", depth="1").content + dav.propfind("sand.jpg").content
    for hidden in (b"Photos", b"secret", b"owner@example.com", b"Olga"):
        assert hidden not in everything


def test_properties_of_the_owner_are_not_told(world: Linked) -> None:
    dav = by_token(world.link())
    names = ("{http://owncloud.org/ns}owner-id", "{DAV:}quota-available-bytes", "{http://owncloud.org/ns}permissions")
    (found,) = dav.properties("", *names).values()
    assert found == {"{http://owncloud.org/ns}permissions": "SG"}


def test_a_viewer_writes_nothing(world: Linked, mounted: Any) -> None:
    dav = mounted(world.link())
    answers = [
        dav.put("new.txt"),
        dav.put("sea.jpg"),
        dav.send("MKCOL", "folder"),
        dav.send("DELETE", "sea.jpg"),
        dav.move("sea.jpg", "moved.jpg"),
        dav.copy("sea.jpg", "copied.jpg"),
        dav.send("LOCK", "sea.jpg", LOCK),
        dav.send("PROPPATCH", "sea.jpg", PATCH),
    ]
    assert {answer.status_code for answer in answers} <= {403, 207}
    assert answers[-1].status_code == 403 or b"403" in answers[-1].content
    assert bytes_at(world.actor, "Photos/sea.jpg") == b"sea"
    assert Node.objects.filter(parent=world.home).count() == 2


LOCK = (
    "<d:lockinfo xmlns:d='DAV:'><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype>"
    "<d:owner>somebody</d:owner></d:lockinfo>"
)
PATCH = "<d:propertyupdate xmlns:d='DAV:'><d:set><d:prop><x xmlns='y'>1</x></d:prop></d:set></d:propertyupdate>"


def test_an_editor(world: Linked, mounted: Any) -> None:
    dav = mounted(world.link(role=LinkRole.EDITOR))
    assert dav.put("new.txt", b"new").status_code == 201
    assert dav.put("sea.jpg", b"changed").status_code == 204
    assert dav.send("MKCOL", "folder").status_code == 201
    assert dav.move("new.txt", "folder/newer.txt").status_code == 201
    assert dav.copy("folder/newer.txt", "copy.txt").status_code == 201
    assert dav.send("DELETE", "more/").status_code == 204
    assert bytes_at(world.actor, "Photos/sea.jpg") == b"changed"
    assert bytes_at(world.actor, "Photos/folder/newer.txt") == b"new"
    assert TrashItem.objects.get().space.owner_id == world.owner.pk
    for answer in (dav.send("DELETE", ""), dav.move("", "elsewhere"), dav.put("a/b/c")):
        assert answer.status_code in (403, 405, 409), answer.content
    assert dav.move("sea.jpg", "../out.jpg").status_code >= 400
    away = dav.send("MOVE", "sea.jpg", destination="/dav/out.jpg")
    assert away.status_code == 502


def test_locks_of_a_link_are_of_all_its_visitors(world: Linked) -> None:
    one, other = world.link(role=LinkRole.EDITOR), world.link(role=LinkRole.EDITOR)
    dav = by_token(one)
    taken = dav.send("LOCK", "sea.jpg", LOCK)
    assert taken.status_code == 200, taken.content
    token = taken.headers["Lock-Token"]
    assert by_token(other).put("sea.jpg", b"x").status_code == 423
    assert by_token(other).put("sea.jpg", b"x", if_=f"({token})").status_code in (412, 423)
    assert b"somebody" not in by_token(other).propfind("sea.jpg").content
    assert Dav(world.owner).put("Photos/sea.jpg", b"x").status_code == 423
    assert dav.send("PUT", "sea.jpg", b"mine", **{"if": f"({token})"}).status_code == 204
    assert by_token(other).send("UNLOCK", "sea.jpg", lock_token=token).status_code == 403
    assert dav.send("UNLOCK", "sea.jpg", lock_token=token).status_code == 204


def test_a_lock_of_a_person_is_not_told_to_visitors(world: Linked) -> None:
    Dav(world.owner).send("LOCK", "Photos/sea.jpg", LOCK)
    dav = by_token(world.link(role=LinkRole.EDITOR))
    refused = dav.put("sea.jpg", b"x")
    assert refused.status_code == 423
    assert b"Olga" not in refused.content
    assert b"Olga" not in dav.propfind("sea.jpg").content


def test_a_single_file(world: Linked, mounted: Any) -> None:
    link = world.link(locate_path(world.actor, "Photos/sea.jpg").node, role=LinkRole.EDITOR)
    dav = mounted(link)
    assert list(dav.properties("", depth="1")) == [dav.prefix, f"{dav.prefix}sea.jpg"]
    assert list(dav.properties("", depth="0")) == [dav.prefix]
    assert list(dav.properties("sea.jpg")) == [f"{dav.prefix}sea.jpg"]
    assert body_of(dav.send("GET", "sea.jpg")) == b"sea"
    assert dav.put("sea.jpg", b"newer").status_code == 204
    assert bytes_at(world.actor, "Photos/sea.jpg") == b"newer"
    for answer in (
        dav.send("DELETE", "sea.jpg"),
        dav.move("sea.jpg", "b.jpg"),
        dav.put("other.txt"),
        dav.send("MKCOL", "d"),
    ):
        assert answer.status_code in (403, 409), answer.content
    assert dav.send("GET", "more").status_code == 404


def test_a_file_request(world: Linked, mounted: Any) -> None:
    link = world.link(role=LinkRole.UPLOADER)
    dav = mounted(link)
    assert list(dav.properties("", depth="1")) == [dav.prefix]
    for method, path in (("GET", "sea.jpg"), ("PROPFIND", "sea.jpg"), ("HEAD", "more/sand.jpg"), ("PROPFIND", "more/")):
        assert dav.send(method, path).status_code == 404, (method, path)
    assert dav.put("sea.jpg", b"mine").status_code == 201
    assert dav.put("more/x", b"mine").status_code == 403
    for answer in (
        dav.send("DELETE", "sea.jpg"),
        dav.send("MKCOL", "d"),
        dav.move("sea.jpg", "x"),
        dav.send("LOCK", "x", LOCK),
    ):
        assert answer.status_code == 403
    assert bytes_at(world.actor, "Photos/sea.jpg") == b"sea"
    assert bytes_at(world.actor, "Photos/sea (2).jpg") == b"mine"
    link.refresh_from_db()
    assert link.uploads == 1


def test_who_sends(world: Linked) -> None:
    dav = by_token(world.link(role=LinkRole.UPLOADER, naming=Naming.SENDER))
    assert dav.put("a.txt").status_code == 400
    assert dav.put("a.txt", x_nc_nickname="J%C3%BCrgen").status_code == 201
    assert bytes_at(world.actor, "Photos/Jürgen - a.txt") == b"hello"


def test_withheld_download(world: Linked, mounted: Any) -> None:
    dav = mounted(world.link(allow_download=False))
    assert len(dav.properties("", depth="1")) == 3
    for headers in ({}, {"range": "bytes=0-0"}):
        answer = dav.send("GET", "sea.jpg", **headers)
        assert answer.status_code == 403
        assert b"sea" not in answer.content
    assert dav.send("HEAD", "sea.jpg").status_code == 403


def test_the_limit_of_downloads(world: Linked) -> None:
    dav = by_token(world.link(max_downloads=1))
    assert body_of(dav.send("GET", "sea.jpg")) == b"sea"
    assert dav.send("GET", "more/sand.jpg").status_code == 410


def test_passwords(world: Linked, mounted: Any) -> None:
    link = world.link(password=SECRET)
    refused = by_token(link).propfind("")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic")
    assert b"sea" not in refused.content
    assert mounted(link, "wrong").propfind("").status_code in (401, 403)
    assert mounted(link, SECRET).propfind("").status_code == 207


def test_who_is_nobody(world: Linked) -> None:
    assert by_token("nonsense").propfind("").status_code == 404
    assert by_name("nonsense").propfind("").status_code == 404
    assert Dav(prefix="/public.php/webdav/").propfind("").status_code == 401
    bearer = by_token(world.link())
    bearer.headers["Authorization"] = "Bearer x"
    assert bearer.propfind("").status_code == 401


def test_hidden_folders(world: Linked) -> None:
    from files.actions.restrictions import restrict

    put(world.actor, "Plans/hidden/canary.txt", space_id=world.space.pk)
    restrict(world.actor, node_id=locate_path(world.actor, "Plans/hidden", space_id=world.space.pk).node.pk)
    dav = by_token(world.link(world.plans))
    assert list(dav.properties("", depth="1")) == [dav.prefix, f"{dav.prefix}a.txt"]
    assert dav.propfind("hidden/").status_code == 404
    assert dav.send("GET", "hidden/canary.txt").status_code == 404
