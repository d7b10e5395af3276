"""What is in flight ends when the right is gone: long polls, downloads, zips, listings, uploads; on the real server."""

import http.client
import io
import os
import re
import select
import socket
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from http_kit.long_requests import EVERY
from tests.live.rights.world import WAIT, Person, World
from tests.servers.product import start_product

pytestmark = pytest.mark.timeout(600)
USED = "SELECT 1 FROM accounts_accesstoken WHERE last_used_at IS NOT NULL AND id = ?"
SIZE = 48 * 1024 * 1024  # more than the buffers of both sides hold
DATA = os.urandom(1024 * 1024) * 48


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with start_product(tmp_path_factory.mktemp("product"), DEFAULT_ACCOUNT_QUOTA="none") as product:
        yield World(product, product.create_account("root@example.com", admin=True))


def ask(world: World, person: Person, method: str, path: str, **headers: str) -> socket.socket:
    """A client that takes little at once, so that the server has to wait for it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.settimeout(WAIT)
    connection.connect(("127.0.0.1", world.product.port))
    named = {"Host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**named, **person.credentials()}.items())
    connection.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())
    return connection


def read_to_the_end(connection: socket.socket) -> bytes:
    """What comes until the connection ends, however it does."""
    received = bytearray()
    try:
        while chunk := connection.recv(256 * 1024):
            received += chunk
    except ConnectionResetError:
        pass
    return bytes(received)


def until_asked(world: World, person: Person) -> None:
    """Until the server has found whose token it is. It notes that only when nobody writes, so not without end."""
    for _ in range(100):
        if world.sql(USED, person.token_id):
            return
        time.sleep(0.05)


def test_a_long_poll_tells_nothing_to_who_was_removed(world: World) -> None:
    space = world.send("POST", "/api/v1/spaces", world.root, {"name": "Shared"}).json()["id"]
    person, other = world.person(), world.person()
    cursor = world.send("GET", f"/api/v1/changes/cursor?space={space}", world.root).json()["cursor"]

    def poll(who: Person) -> Any:
        url = f"{world.product.base_url}/api/v1/changes"
        query = {"cursor": cursor, "wait": "25"}
        return requests.get(url, params=query, headers=who.credentials(), timeout=WAIT)

    with ThreadPoolExecutor(2) as pool:
        removed, stays = pool.submit(poll, person), pool.submit(poll, other)
        for waiting in (person, other):
            until_asked(world, waiting)
        world.remove(person)
        world.send("PUT", f"/api/v1/content/secret?space={space}", world.root, b"after the removal")
        assert stays.result().json()["changes"][0]["after"]["path"] == "/secret"
        answer = removed.result()
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert "secret" not in answer.text


def test_a_long_poll_ends_without_any_change(world: World) -> None:
    person = world.person()
    base = f"{world.product.base_url}/api/v1/changes"
    by_session = person.credentials(by_session=True)  # so that the token is used first by the poll
    cursor = requests.get(f"{base}/cursor", headers=by_session, timeout=WAIT).json()["cursor"]
    with ThreadPoolExecutor(1) as pool:
        query = {"cursor": cursor, "wait": "25"}
        polling = pool.submit(requests.get, base, params=query, headers=person.credentials(), timeout=WAIT)
        until_asked(world, person)
        world.revoke(person)
        assert polling.result().status_code == 401


WAYS = {
    "sendfile": ("/api/v1/content/large", {}),
    "several ranges": ("/api/v1/content/large", {"Range": f"bytes=0-{SIZE - 10},{SIZE - 5}-"}),
    "zip": ("/api/v1/zip?paths=/large", {}),
    "dav": ("/dav/large", {}),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "take", ["revoke", pytest.param("stop", marks=pytest.mark.long), pytest.param("narrow", marks=pytest.mark.long)]
)
def test_a_download_is_cut_and_does_not_look_whole(world: World, way: str, take: str) -> None:
    person = world.person()
    world.send("PUT", "/api/v1/content/large", person, DATA)
    path, headers = WAYS[way]
    with ask(world, person, "GET", path, **headers) as connection:
        received = bytearray()
        while b"\r\n\r\n" not in received:
            received += connection.recv(4096)
        head, _, begun = bytes(received).partition(b"\r\n\r\n")
        assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 206")), head
        (length,) = (int(value) for value in re.findall(rb"(?i)content-length: (\d+)", head))
        assert length >= SIZE - 100
        getattr(world, take)(person)
        # Nothing is taken until the server has to look again; what both systems have in hand by then may still come.
        time.sleep(EVERY + 1)
        assert len(begun) + len(read_to_the_end(connection)) < length


def test_a_download_goes_on_for_who_may(world: World) -> None:
    """A client that pauses for longer than the server waits between two looks still gets all of it."""
    person = world.person()
    world.send("PUT", "/api/v1/content/large", person, DATA)
    for path in ("/api/v1/content/large", "/api/v1/zip?paths=/large"):
        with ask(world, person, "GET", path, Connection="close") as connection:
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            first = answer.read(1000)
            select.select([], [], [], 7)  # two looks
            assert len(first) + len(answer.read()) == int(answer.headers["Content-Length"])


def test_a_listing_that_is_cut_has_no_end(world: World) -> None:
    """Its length is not known when it begins: what says that nothing more comes must not come."""
    person = world.person()
    for part in range(8):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for number in range(1000):
                tar.addfile(tarfile.TarInfo(f"{part}-{number}-{'x' * 120}"))
        world.send("POST", "/api/v1/bulk", person, archive.getvalue(), Content_Type="application/x-tar")
    with ask(world, person, "PROPFIND", "/dav/", Depth="1") as connection:
        first = connection.recv(4096)
        assert b"207" in first
        assert b"chunked" in first.lower()
        world.revoke(person)
        time.sleep(EVERY + 1)  # as above: the rest waits for this client until the server looks again
        received = first + read_to_the_end(connection)
    assert not received.endswith(b"0\r\n\r\n")
    assert b"</d:multistatus>" not in received


def test_an_upload_ends_while_its_bytes_still_come(world: World) -> None:
    person = world.person()
    with ask(world, person, "PUT", "/api/v1/content/endless", Transfer_Encoding="chunked") as connection:
        world.send("GET", "/api/v1/account", person)
        for number in range(10_000):
            readable, _, _ = select.select([connection], [], [], 0.02)
            if readable:
                break
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            if number == 5:
                world.revoke(person)
        assert connection.recv(64 * 1024).startswith(b"HTTP/1.1 401")
    assert world.sql("SELECT 1 FROM files_node WHERE name = 'endless'") == []
