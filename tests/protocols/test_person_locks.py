"""A file that a person has locked for themselves: what WebDAV, Nextcloud's addresses and tus answer to others, and
that the holder's own programs need no token.
"""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files.actions.lock import lock_file
from files.models import NodeLock
from tests.protocols.dav.test_locks import lock
from tests.protocols.nextcloud.test_files import propfind, told
from tests.support.clients import Dav, Nextcloud, Tus, metadata
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_member
from tests.support.trees import put

pytestmark = pytest.mark.django_db
PATH = "Plans/a.txt"


@pytest.fixture
def bob(user: User) -> User:
    return make_member(user, email="bob@example.com", name="Bob")


@pytest.fixture
def taken(actor: Actor, bob: User) -> NodeLock:
    """By Bob, on `/Plans/a.txt`, which is in his home and in that of the owner."""
    space = mounted_space(actor, "Plans")
    node = put(actor, "a.txt", b"abc", space_id=space.pk).node.pk
    return lock_file(actor_of(bob), node_id=node, until=now() + timedelta(days=2))


@pytest.mark.parametrize(
    ("method", "headers"),
    [("PUT", {}), ("DELETE", {}), ("MOVE", {"destination": "Plans/b.txt"}), ("MOVE", {"destination": "out.txt"})],
)
def test_webdav(user: User, bob: User, taken: NodeLock, method: str, headers: dict[str, str]) -> None:
    for person, refused in ((user, True), (bob, False)):
        for prefix in ("/dav/", f"/remote.php/dav/files/{person.pk}/"):
            if not refused and prefix != "/dav/" and method != "PUT":
                continue  # it is done already
            there = {name: prefix + value for name, value in headers.items()}
            answer = Dav(person, prefix=prefix).send(method, PATH, b"new" if method == "PUT" else b"", **there)
            assert (answer.status_code == 423) is refused, (person, prefix, answer.content)
            assert refused or answer.status_code < 300


def test_the_token_opens_nothing_to_others(user: User, taken: NodeLock) -> None:
    answer = Dav(user).put(PATH, b"new", **{"if": f"(<{taken.token}>)"})
    assert answer.status_code == 423
    assert Dav(user).send("UNLOCK", PATH, lock_token=f"<{taken.token}>").status_code == 204  # who manages the space
    assert Dav(user).put(PATH, b"new").status_code == 204


def test_the_holders_programs_lock_as_ever(user: User, bob: User, taken: NodeLock) -> None:
    assert lock(Dav(user), PATH).status_code == 423
    token = lock(Dav(bob), PATH).headers["Lock-Token"]
    assert Dav(bob).put(PATH, b"without").status_code == 423  # their other program
    assert Dav(bob).put(PATH, b"with", **{"if": f"({token})"}).status_code == 204
    assert Dav(bob).send("UNLOCK", PATH, lock_token=token).status_code == 204
    assert list(NodeLock.objects.all()) == [taken]


def test_nextclouds_clients_are_told_whose_it_is(user: User, taken: NodeLock) -> None:
    client, names = Nextcloud(user), ("nc:lock", "nc:lock-owner-type", "nc:lock-owner-displayname")
    address = f"/remote.php/dav/files/{client.id}/{PATH}"
    (properties,) = told(client.send("PROPFIND", address, propfind(*names), depth="0")).values()
    assert properties == {"nc:lock": "1", "nc:lock-owner-type": "0", "nc:lock-owner-displayname": "Bob"}


def test_tus(user: User, bob: User, taken: NodeLock) -> None:
    meta = metadata(filename="a.txt", relativePath=PATH, mode="overwrite")
    refused, done = (Tus(person).create(3, b"new", meta=meta) for person in (user, bob))
    assert (refused.status_code, done.status_code) == (422, 201)
    assert done.headers["X-Node-Id"] == str(taken.node_id)
