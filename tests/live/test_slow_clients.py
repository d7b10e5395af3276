"""The gate, seen from outside: who is slow is given up, who has too much at once is told, who watches is answered.

One process with few threads, so that a handful of clients is a crowd.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers.product import Account, Product, start_product
from tests.servers.shared import AccountsOf, Products

pytestmark = pytest.mark.timeout(300)
THREADS = 8
SETTINGS = {
    "WEB_WORKERS": "1",
    "WEB_THREADS": str(THREADS),
    "HEADER_TIMEOUT": "2s",
    "MINIMUM_RATE": "10KB",
    "MINIMUM_RATE_GRACE": "4s",
    "CONNECTIONS_PER_ADDRESS": "30",
    "THREADS_PER_ACCOUNT": "3",
    "THREADS_PER_ADDRESS": "6",
    "WAITS_PER_ACCOUNT": "1",
    "TRUSTED_PROXIES": "127.0.0.9",
}
PATIENCE = 30.0  # seconds after which a test says that something never ended
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
def product(products: Products) -> Product:
    return products.running(**SETTINGS)


def connect(product: Product, address: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", product.port), PATIENCE, source_address=(address, 0))


def everything(connection: socket.socket) -> bytes:
    """Until the server closes. TimeoutError when it never does."""
    got = b""
    try:
        while data := connection.recv(65536):
            got += data
    except ConnectionError:
        pass
    return got


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    found = http.client.HTTPResponse(connection)
    found.begin()
    return found.status, {name.lower(): value for name, value in found.getheaders()}, found.read()


def is_healthy(product: Product) -> bool:
    with connect(product) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return everything(client).startswith(b"HTTP/1.1 200 ")


# --- slow requests ---


def test_a_head_must_come_in_time_however_it_comes(product: Product) -> None:
    with connect(product) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        client.settimeout(0.2)
        deadline = time.monotonic() + PATIENCE
        got = b""
        while time.monotonic() < deadline:
            try:
                client.sendall(b"x")
                got += client.recv(4096)
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert time.monotonic() < deadline
    assert got == b"" or b" 408 " in got


def test_a_form_must_come_in_time(product: Product) -> None:
    with connect(product) as client:
        client.sendall(
            f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n{FORM}Content-Length: 900\r\n\r\na".encode()
        )
        status, _, body = answer(client)
        assert (status, json.loads(body)["code"]) == (408, "too_slow")


def test_an_upload_that_stops_is_given_up(product: Product, account: Account) -> None:
    with connect(product) as client:
        head = f"PUT /api/v1/content/slow.bin HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {account.token}\r\n"
        client.sendall(f"{head}Content-Length: 1000000\r\n\r\nabc".encode())
        got = everything(client)
    assert got == b"" or b" 400 " in got.split(b"\r\n")[0]
    assert get(product, account, "slow.bin")[0] == 404


def put(product: Product, account: Account, name: str, body: bytes) -> int:
    client = http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE)
    client.request("PUT", f"/api/v1/content/{name}", body, account.headers)
    return client.getresponse().status


def get(product: Product, account: Account, name: str) -> tuple[int, bytes]:
    client = http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE)
    client.request("GET", f"/api/v1/content/{name}", headers=account.headers)
    found = client.getresponse()
    return found.status, found.read()


def slow_download(product: Product, account: Account, name: str, connection: str = "keep-alive") -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE)
    client.connect(("127.0.0.1", product.port))
    head = f"GET /api/v1/content/{name} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {account.token}\r\n"
    client.sendall(f"{head}Connection: {connection}\r\n\r\n".encode())
    return client


def test_downloads_that_nobody_reads_hold_no_thread_and_are_given_up(product: Product, account: Account) -> None:
    """More than there are threads, and than this person may have."""
    body = os.urandom(8_000_000)
    assert put(product, account, "big.bin", body) == 201
    with ExitStack() as stack:
        slow = [stack.enter_context(slow_download(product, account, "big.bin", "close")) for _ in range(2 * THREADS)]
        deadline = time.monotonic() + PATIENCE
        while put(product, account, "small.txt", b"x") == 429:
            assert time.monotonic() < deadline
        assert get(product, account, "small.txt") == (200, b"x")
        time.sleep(9)  # twice the grace
        for client in slow:
            assert len(everything(client)) < len(body)


def test_a_slow_reader_gets_every_byte(product: Product, account: Account) -> None:
    """Slower than the buffers, and faster than the slowest line: the rest comes without a thread, and in order; the
    connection lives on.
    """
    body = os.urandom(3_000_000)
    assert put(product, account, "read.bin", body) == 201
    with slow_download(product, account, "read.bin") as client:
        time.sleep(1.2)
        found = http.client.HTTPResponse(client)
        found.begin()
        got = found.read(1_000_000)
        time.sleep(0.8)
        got += found.read()
        assert got == body
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer(client)[0] == 200


# --- too much at once ---


def test_visitors_bodies_in_chunks_are_counted(product: Product) -> None:
    with connect(product) as client:
        client.sendall(
            f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        try:
            for _ in range(100):
                client.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
        except ConnectionError:
            pass
        assert b" 413 " in everything(client).split(b"\r\n")[0]


def test_a_head_without_end_is_refused(product: Product) -> None:
    with connect(product) as client:
        try:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            for number in range(90):
                client.sendall(b"X-%d: " % number + b"x" * 1000 + b"\r\n")
        except ConnectionError:
            pass
        assert b" 431 " in everything(client).split(b"\r\n")[0]


def test_an_address_with_too_many_connections_loses_its_oldest(product: Product) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(connect(product, "127.0.0.5"))
        other = stack.enter_context(connect(product, "127.0.0.6"))
        for _ in range(40):
            stack.enter_context(connect(product, "127.0.0.5"))
        assert everything(first) == b""
        other.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer(other)[0] == 200


def test_a_trusted_proxy_has_many_connections(product: Product) -> None:
    with ExitStack() as stack:
        many = [stack.enter_context(connect(product, "127.0.0.9")) for _ in range(50)]
        for client in many:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n")
        assert {answer(client)[0] for client in many} == {200}


def open_uploads(product: Product, account: Account, count: int, address: str) -> list[socket.socket]:
    """Requests that have a thread, and keep it: their bodies come slowly enough, and fast enough."""
    clients = [connect(product, address) for _ in range(count)]
    for number, client in enumerate(clients):
        head = (
            f"PUT /api/v1/content/open{number} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {account.token}\r\n"
        )
        client.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + bytes(60_000))
    return clients


def test_one_person_leaves_threads_to_others(product: Product, account: Account, accounts: AccountsOf) -> None:
    other = accounts.take(product)
    with ExitStack() as stack:
        for client in open_uploads(product, account, 3, "127.0.0.3"):
            stack.enter_context(client)
        refused = None
        deadline = time.monotonic() + 1.5
        while refused is None and time.monotonic() < deadline:
            with connect(product, "127.0.0.4") as client:
                head = (
                    f"GET /api/v1/nodes/1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {account.token}\r\n\r\n"
                )
                client.sendall(head.encode())
                status, headers, body = answer(client)
                refused = (headers, body) if status == 429 else None
        assert refused is not None
        assert refused[0]["retry-after"].isdigit()
        assert json.loads(refused[1])["code"] == "too_many_requests"
        assert put(product, other, "fine.txt", b"x") == 201


def test_health_is_answered_while_every_thread_is_taken(
    product: Product, account: Account, accounts: AccountsOf
) -> None:
    people = [account, *(accounts.take(product) for _ in range(2))]
    with ExitStack() as stack:
        for number, person in enumerate(people):
            for client in open_uploads(product, person, 3, f"127.0.0.{20 + number}"):
                stack.enter_context(client)
        assert is_healthy(product)


def form(length: int, cookie: str = "csrf=abcdefghijabcdefghijabcdefghij12") -> bytes:
    """The head of a form of a visitor who wants to be asked for the body."""
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n{FORM}Cookie: {cookie}\r\nConnection: close\r\n"
    return f"{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode()


def test_a_form_is_asked_for_once(product: Product) -> None:
    with connect(product) as client:
        client.sendall(form(9))
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"login=ada")
        assert everything(client).startswith(b"HTTP/1.1 403 ")
    with connect(product) as client:
        client.sendall(form(9) + b"login=ada")
        assert everything(client).startswith(b"HTTP/1.1 403 "), "nobody waits"
    with connect(product) as client:
        client.sendall(form(10_000_000))
        assert everything(client).startswith(b"HTTP/1.1 413 "), "before it is sent"


def test_pages_that_nobody_reads_hold_no_thread_and_come_whole(product: Product, account: Account) -> None:
    """Many requests at once, whose answers are more than the system keeps; of each connection all come in the end."""
    count, page = 300, b"GET /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    clients = []
    with ExitStack() as stack:
        for number in range(THREADS + 1):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.settimeout(PATIENCE)
            client.bind((f"127.0.0.{40 + number % 4}", 0))
            client.connect(("127.0.0.1", product.port))
            client.sendall(page * (count - 1) + page.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            clients.append(client)
        assert put(product, account, "fine.txt", b"x") == 201
        assert everything(clients[-1]).count(b"HTTP/1.1 200 OK") == count


def test_one_person_waits_in_few_places(product: Product, account: Account) -> None:
    client = http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE)
    client.request("GET", "/api/v1/changes/cursor", headers=account.headers)
    cursor = json.loads(client.getresponse().read())["cursor"]
    path = f"/api/v1/changes?cursor={cursor}&wait=20"
    with connect(product) as first:
        first.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {account.token}\r\n\r\n".encode()
        )
        time.sleep(0.5)
        client.request("GET", path, headers=account.headers)
        found = client.getresponse()
        assert (found.status, json.loads(found.read())["code"]) == (429, "too_many_requests")
        assert found.headers["Retry-After"].isdigit()


# --- logs ---


@pytest.fixture
def unread(tmp_path: Path) -> Iterator[Product]:
    """Its standard error is a pipe that nobody reads."""
    product = start_product(tmp_path, ACCESS_LOG="on", WEB_WORKERS="1")
    product.stop()
    config = "python:dropbox_clone.web_server.gunicorn_conf"
    command = [sys.executable, "-m", "gunicorn", "--config", config, "dropbox_clone.wsgi"]
    process = subprocess.Popen(command, env=product.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                if is_healthy(product):
                    break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield product
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_log_that_nobody_reads_stops_nobody(unread: Product) -> None:
    """A pipe holds 64 KiB: some 400 lines."""
    client = http.client.HTTPConnection("127.0.0.1", unread.port, timeout=PATIENCE)
    for _ in range(1500):
        client.request("GET", "/healthz")
        assert client.getresponse().read() == b"ok\n"
