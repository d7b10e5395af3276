"""What a client that the brake on mass change holds is told by WebDAV, Nextcloud's addresses and tus."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.actions.trash import trash_nodes
from files.models import Change, Node, TrashItem
from tests.files.api.test_brakes import hold
from tests.protocols.nextcloud.test_bulk import part, post
from tests.support.clients import Dav, Nextcloud, Tus
from tests.support.trees import put

pytestmark = pytest.mark.django_db
TIME = (
    b'<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><d:lastmodified>1600000000</d:lastmodified></d:prop></d:set>'
    b"</d:propertyupdate>"
)


@pytest.fixture
def world(actor: Actor) -> None:
    put(actor, "a.txt", b"abc")
    put(actor, "d/b.txt", b"abc")


def unchanged(act: Callable[[], Any]) -> Any:
    before = Change.objects.count(), Node.objects.count()
    answer = act()
    assert (Change.objects.count(), Node.objects.count()) == before
    return answer


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("PUT", "a.txt", {}),
        ("PUT", "new.txt", {}),
        ("DELETE", "a.txt", {}),
        ("DELETE", "d", {}),
        ("MKCOL", "new", {}),
        ("MOVE", "a.txt", {"destination": "c.txt"}),
        ("MOVE", "d", {"destination": "e"}),
        ("COPY", "a.txt", {"destination": "c.txt"}),
        ("COPY", "d", {"destination": "e"}),
    ],
)
def test_webdav(user: User, method: str, path: str, headers: dict[str, str]) -> None:
    for prefix in ("/dav/", f"/remote.php/dav/files/{user.pk}/", "/remote.php/webdav/"):
        client = Dav(user, prefix=prefix)
        hold(user)
        there = {name: prefix + value for name, value in headers.items()}
        body = b"" if method != "PUT" else b"other"
        answer = unchanged(lambda: client.send(method, path, body, **there))  # noqa: B023
        assert answer.status_code == 423, (prefix, answer.content)
        assert b"<s:message>This program has deleted, overwritten or renamed very many files" in answer.content
        assert b"Sabre\\DAV\\Exception\\Locked" in answer.content


@pytest.mark.usefixtures("world")
def test_webdav_reads_and_lists(user: User) -> None:
    client = Dav(user)
    hold(user)
    assert client.propfind("", depth="1").status_code == 207
    assert client.send("GET", "a.txt").status_code == 200


@pytest.mark.usefixtures("world")
def test_a_time_that_is_set(user: User) -> None:
    client = Dav(user)
    hold(user)
    answer = unchanged(lambda: client.send("PROPPATCH", "a.txt", TIME))
    assert answer.status_code in (207, 423)
    assert b"423" in answer.content or answer.status_code == 423


def test_nextclouds_addresses(user: User, actor: Actor) -> None:
    put(actor, "a.txt", b"abc")
    trash_nodes(actor, node_ids=[put(actor, "gone.txt").node.pk])
    client = Nextcloud(user)
    files, uploads = f"/remote.php/dav/files/{client.id}", f"/remote.php/dav/uploads/{client.id}"
    assert client.send("MKCOL", f"{uploads}/up").status_code == 201
    assert client.send("PUT", f"{uploads}/up/00001", b"chunk").status_code == 201
    hold(user)
    assert (
        unchanged(lambda: client.send("MOVE", f"{uploads}/up/.file", destination=f"{files}/a.txt")).status_code == 423
    )
    told = unchanged(lambda: post(client, part("/a.txt", b"other"), part("/new.txt", b"new")))
    assert told.status_code == 423 or all(result["error"] for result in told.json().values())
    item = TrashItem.objects.get()
    trash = f"/remote.php/dav/trashbin/{client.id}"
    listed = client.send("PROPFIND", f"{trash}/trash", depth="1")
    assert listed.status_code == 207
    body = b"".join(listed.streaming_content) if listed.streaming else listed.content
    href = next(one for one in body.decode().split("<d:href>")[1:] if str(item.node.name) in one).split("<")[0]
    assert unchanged(lambda: client.send("DELETE", href)).status_code == 423
    assert unchanged(lambda: client.send("DELETE", f"{trash}/trash")).status_code == 423
    assert unchanged(lambda: client.send("MOVE", href, destination=f"{trash}/restore/gone.txt")).status_code == 423


def test_chunks_of_version_1(user: User) -> None:
    client = Nextcloud(user)
    url = "/remote.php/webdav/old.bin-chunking-4711-2-"
    assert client.send("PUT", f"{url}0", b"abc", oc_chunked="1").status_code in (201, 204)
    hold(user)
    assert unchanged(lambda: client.send("PUT", f"{url}1", b"def", oc_chunked="1")).status_code == 423


def test_tus(user: User) -> None:
    client = Tus(user)
    url = client.create(3)["Location"]
    hold(user)
    answer = unchanged(lambda: client.patch(url.partition("testserver")[2] or url, 0, b"abc"))
    assert answer.status_code == 422
    assert b"changes_held" in answer.content or b"very many files" in answer.content
