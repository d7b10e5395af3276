"""The content endpoint behind the real web server: bodies that lie, break, wait or are refused; ranges by sendfile."""

import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.servers.product import Account, Product, start_product

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def session(account: Account) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers.update(account.headers)
        yield session


class Raw:
    """A connection on which a test says every byte itself."""

    def __init__(self, product: Product, account: Account) -> None:
        self.socket = socket.create_connection(("127.0.0.1", product.port), timeout=15)
        self.token = account.token
        self._rest = b""  # the beginning of the next answer, when two came together

    def head(self, method: str, path: str, *headers: str) -> None:
        lines = [f"{method} /api/v1/content/{path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {self.token}"]
        self.send("\r\n".join([*lines, *headers, "", ""]).encode())

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case) and body of one answer with a Content-Length."""
        data, self._rest = self._rest, b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(body) < length:
            body += self._more()
        self._rest = body[length:]
        return int(status.split()[1]), headers, body[:length]

    def is_closed(self) -> bool:
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        assert data, "the server closed the connection without an answer"
        return data


@pytest.fixture
def raw(product: Product, account: Account) -> Iterator[Raw]:
    connection = Raw(product, account)
    yield connection
    connection.socket.close()


def url(product: Product, path: str) -> str:
    return f"{product.base_url}/api/v1/content/{path}"


def exists(product: Product, session: requests.Session, path: str) -> bool:
    return session.head(url(product, path), timeout=30).status_code == 200


def objects(product: Product) -> set[str]:
    folder = product.data_dir / "blobs"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("size", [0, 1, 4096, 1 << 20, (4 << 20) + 1, 30_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_bytes_are_the_same(product: Product, session: requests.Session, size: int, chunked: bool) -> None:
    data = os.urandom(size)
    body: Any = (data[i : i + 100_003] for i in range(0, size, 100_003)) if chunked else data
    path = f"same/{size} {chunked}.bin"
    assert session.put(url(product, path), data=body, timeout=60).status_code == 201
    got = session.get(url(product, path), timeout=60)
    assert hashlib.sha256(got.content).digest() == hashlib.sha256(data).digest()


def test_ranges_of_a_large_file(product: Product, session: requests.Session) -> None:
    data = os.urandom(5_000_000)
    session.put(url(product, "r.bin"), data=data, timeout=60)
    for first, last in [(0, 0), (1, 200_000), (4_194_303, 4_194_304), (4_000_000, 4_999_999), (0, 4_999_999)]:
        got = session.get(url(product, "r.bin"), headers={"Range": f"bytes={first}-{last}"}, timeout=60)
        assert (got.status_code, got.content) == (206, data[first : last + 1])
    several = session.get(url(product, "r.bin"), headers={"Range": "bytes=0-9,2000000-2300000"}, timeout=60)
    assert data[2_000_000:2_300_001] in several.content
    assert len(several.content) == int(several.headers["Content-Length"])


def test_many_requests_on_one_connection(product: Product, account: Account, raw: Raw) -> None:
    """Two requests in one packet: the second begins exactly where the first body ends."""
    for number in range(3):
        for length in (10, 300_000):
            body = bytes([number]) * length
            lines = [
                f"PUT /api/v1/content/pipelined-{number}-{length} HTTP/1.1",
                "Host: localhost",
                f"Authorization: Bearer {account.token}",
                f"Content-Length: {length}",
                "",
                "",
            ]
            raw.send("\r\n".join(lines).encode() + body)
    seen = [raw.answer() for _ in range(6)]
    assert [status for status, _, _ in seen] == [201] * 6
    assert [json.loads(body)["size"] for _, _, body in seen] == [10, 300_000] * 3


def test_a_body_that_ends_early_stores_nothing(product: Product, session: requests.Session, account: Account) -> None:
    before = objects(product)
    for sent, announced in [(0, 5), (3, 5), (2_000_000, 2_000_001)]:
        connection = Raw(product, account)
        connection.head("PUT", "short.bin", f"Content-Length: {announced}")
        connection.send(b"x" * sent)
        connection.socket.shutdown(socket.SHUT_WR)
        status, headers, body = connection.answer()
        assert (status, headers["connection"], json.loads(body)["code"]) == (400, "close", "length_mismatch")
        assert connection.is_closed()
    assert not exists(product, session, "short.bin")
    assert objects(product) == before


def test_a_client_that_goes_away_leaves_nothing(product: Product, session: requests.Session, account: Account) -> None:
    before = objects(product)
    for headers, sent in [("Content-Length: 9000000", b"x" * 5_000_000), ("Transfer-Encoding: chunked", b"5\r\nab")]:
        connection = Raw(product, account)
        connection.head("PUT", "gone.bin", headers)
        connection.send(sent)
        connection.socket.close()
    deadline = time.monotonic() + 10
    while objects(product) != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert objects(product) == before
    assert not exists(product, session, "gone.bin")


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\nabc\r\n0\r\n\r\n",
        b"-5\r\nabcde\r\n0\r\n\r\n",
        b"3\r\nabcde\r\n0\r\n\r\n",
        b"3\nabc\n0\n\n",
        b"\r\n\r\n",
        b'3;a="b\rc"\r\nabc\r\n0\r\n\r\n',
        b"FFFFFFFFFFFFFFFFFFFF\r\nabc",
        b"3" * 20_000,
    ],
)
def test_broken_chunking(product: Product, session: requests.Session, raw: Raw, body: bytes) -> None:
    raw.head("PUT", "broken.bin", "Transfer-Encoding: chunked")
    raw.send(body)
    raw.socket.shutdown(socket.SHUT_WR)
    status, headers, answer = raw.answer()
    assert (status, headers["connection"]) == (400, "close")
    assert json.loads(answer)["code"] == "length_mismatch"
    assert raw.is_closed()
    assert not exists(product, session, "broken.bin")


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: -5"],
        ["Content-Length: five"],
        ["Content-Length: 5, 5"],
        ["Transfer-Encoding: gzip"],
        ["Transfer-Encoding: chunked, chunked"],
    ],
)
def test_ambiguous_framing_is_refused(
    product: Product, session: requests.Session, raw: Raw, headers: list[str]
) -> None:
    raw.head("PUT", "smuggled.bin", *headers)
    raw.send(b"5\r\nhello\r\n0\r\n\r\n")
    status, _, _ = raw.answer()
    assert status in (400, 501)
    assert not exists(product, session, "smuggled.bin")


def test_what_is_too_large_is_refused_before_the_body(raw: Raw) -> None:
    raw.head("PUT", "huge.bin", f"Content-Length: {10**18}")
    status, headers, body = raw.answer()
    assert (status, headers["connection"], json.loads(body)["code"]) == (413, "close", "too_large")


def test_a_chunked_body_without_end_is_stopped(tmp_path: Path) -> None:
    with start_product(tmp_path, MAX_UPLOAD_SIZE="1MB") as small:
        connection = Raw(small, small.create_account("small@example.com"))
        connection.head("PUT", "endless.bin", "Transfer-Encoding: chunked")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(40):
            connection.send(chunk)
        status, headers, body = connection.answer()
        assert (status, headers["connection"], json.loads(body)["code"]) == (413, "close", "too_large")
        assert not objects(small)


def test_continue_is_said_when_the_body_is_wanted(raw: Raw) -> None:
    raw.head("PUT", "continued.bin", "Content-Length: 5", "Expect: 100-continue")
    assert raw.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    raw.send(b"hello")
    status, headers, _ = raw.answer()
    assert (status, headers["connection"]) == (201, "keep-alive")
    raw.head("PUT", "continued.bin", "Transfer-Encoding: chunked", "Expect: 100-continue")
    assert raw.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    raw.send(b"2\r\nhi\r\n0\r\n\r\n")
    assert raw.answer()[0] == 200


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("..", "", 400),
        ("taken.bin?mode=create", "", 409),
        ("taken.bin", "If-None-Match: *", 412),
        ("x", "OC-Checksum: nonsense", 400),
        ("x?space=999", "", 404),
    ],
)
def test_who_is_refused_is_not_asked_for_the_body(
    product: Product, session: requests.Session, raw: Raw, path: str, header: str, status: int
) -> None:
    session.put(url(product, "taken.bin"), data=b"x", timeout=30)
    more = [header] if header else []
    raw.head("PUT", path, "Content-Length: 5000000", "Expect: 100-continue", *more)
    got, headers, _ = raw.answer()
    assert (got, headers["connection"]) == (status, "close")
    assert raw.is_closed()


def test_a_client_that_sends_at_once_sees_why_it_is_refused(
    product: Product, session: requests.Session, account: Account
) -> None:
    """20 MB are under way when the answer comes; a reset would destroy it."""
    session.put(url(product, "taken.bin"), data=b"x", timeout=30)
    for _ in range(5):
        answer = session.put(url(product, "taken.bin?mode=create"), data=b"x" * 20_000_000, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_a_wrong_checksum_of_a_large_file_leaves_nothing(product: Product, session: requests.Session) -> None:
    before = objects(product)
    headers = {"OC-Checksum": f"SHA1:{'0' * 40}"}
    answer = session.put(url(product, "wrong.bin"), data=b"x" * 9_000_000, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (400, "checksum_mismatch")
    assert objects(product) == before


def test_a_hundred_slow_clients_hold_up_nobody(product: Product, account: Account, session: requests.Session) -> None:
    data = os.urandom(30_000_000)
    session.put(url(product, "slow.bin"), data=data, timeout=60)
    connections = [Raw(product, account) for _ in range(100)]
    stop = threading.Event()
    try:
        for number, connection in enumerate(connections):
            if number % 2:
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.head("GET", "slow.bin")
            else:
                connection.head("PUT", f"slow-{number}.bin", "Content-Length: 1000000")

        def trickle() -> None:
            while not stop.wait(0.2):
                for connection in connections[::2]:
                    connection.send(b"x")
                for connection in connections[1::2]:
                    connection.socket.recv(100)

        thread = threading.Thread(target=trickle)
        thread.start()
        time.sleep(2)
        times = []
        for number in range(60):
            started = time.monotonic()
            with requests.Session() as fresh:  # a new connection each time: it may land in either process
                fresh.headers.update(account.headers)
                assert fresh.put(url(product, f"fast-{number % 7}"), data=b"quick", timeout=10).ok
                assert fresh.get(url(product, f"fast-{number % 7}"), timeout=10).content == b"quick"
            times.append(time.monotonic() - started)
        assert sorted(times)[54] < 1.0, times
    finally:
        stop.set()
        thread.join()
        for connection in connections:
            connection.socket.close()
