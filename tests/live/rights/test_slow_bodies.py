"""A body that is read as a whole has a deadline in all, not one for each byte."""

import select
import socket
from collections.abc import Iterator

import pytest

from tests.live.rights.world import WAIT, World
from tests.servers.product import start_product

pytestmark = pytest.mark.timeout(300)
JSON = {"Content-Type": "application/json"}
XML = {"Content-Type": "application/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LONG = b"[" + b" " * 200_000
WAYS = {
    "tokens": ("POST", "/api/v1/tokens", JSON, b'{"name": "x", "scopes": ["read"]}' + b" " * 400),
    "folders": ("POST", "/api/v1/folders", JSON, b'{"path": "/slow"}' + b" " * 400),
    "many bytes": ("POST", "/api/v1/folders", JSON, LONG),
    "zip": ("POST", "/api/v1/zip", FORM, b"paths=/" + b" " * 400),
    "propfind": ("PROPFIND", "/dav/", {**XML, "Depth": "0"}, b" " * 400),
    "proppatch": ("PROPPATCH", "/dav/", XML, b" " * 400),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with start_product(tmp_path_factory.mktemp("product"), JSON_BODY_TIMEOUT="1s") as product:
        yield World(product, product.create_account("root@example.com", admin=True))


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_a_byte_at_a_time_is_refused(world: World, way: str, chunked: bool) -> None:
    method, path, headers, body = WAYS[way]
    if chunked and way == "tokens":
        pytest.skip("the framework takes a chunked body for none")
    length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
    named = {"Host": "localhost", **headers, **length, **world.root.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    with socket.create_connection(("127.0.0.1", world.product.port), timeout=WAIT) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())
        for position in range(len(body)):
            byte = body[position : position + 1]
            connection.sendall(b"1\r\n" + byte + b"\r\n" if chunked else byte)
            if select.select([connection], [], [], 0.1)[0]:
                break
        answer = connection.recv(64 * 1024)
    assert answer.startswith(b"HTTP/1.1 408"), answer
    assert b"connection: close" in answer.lower()
    assert world.sql("SELECT 1 FROM files_node WHERE name = 'slow'") == []


def test_a_chunk_that_never_ends_its_first_line(world: World) -> None:
    """gunicorn's parser waits inside for the end of a line."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**JSON, **world.root.headers}.items())
    with socket.create_connection(("127.0.0.1", world.product.port), timeout=WAIT) as connection:
        connection.sendall(
            f"POST /api/v1/folders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n{lines}\r\n".encode()
        )
        for _ in range(400):
            connection.sendall(b"0")
            if select.select([connection], [], [], 0.05)[0]:
                break
        assert connection.recv(64 * 1024).startswith(b"HTTP/1.1 408")


def test_a_file_may_take_longer(world: World) -> None:
    with socket.create_connection(("127.0.0.1", world.product.port), timeout=WAIT) as connection:
        lines = "".join(f"{name}: {value}\r\n" for name, value in world.root.headers.items())
        connection.sendall(
            f"PUT /api/v1/content/slow-file HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n{lines}\r\n".encode()
        )
        for _ in range(20):
            connection.sendall(b"x")
            select.select([], [], [], 0.1)
        assert connection.recv(64 * 1024).startswith(b"HTTP/1.1 201")
