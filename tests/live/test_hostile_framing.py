"""Bodies that lie about their length, at every endpoint that takes one but the content endpoint (tests/files/api/
test_content_live.py): nothing of them stays, and none of them becomes a second request."""

import re
import socket

import pytest
import requests

from tests.servers.product import Account, Product
from tests.servers.shared import AccountsOf
from tests.support.clients import PIECE, metadata

pytestmark = pytest.mark.timeout(180)

BODY = b"x" * 1000
SMUGGLED = b"DELETE /api/v1/content/kept.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNK = b"3e8\r\n" + BODY + b"\r\n0\r\n\r\n"
# What is wrong with the frame -> headers, body.
LIES = {
    "shorter": (["Content-Length: 1000"], BODY[:500]),
    "negative": (["Content-Length: -5"], BODY),
    "huge": ([f"Content-Length: {'9' * 18}"], BODY),
    "no number": (["Content-Length: 0x10"], BODY),
    "duplicated": (["Content-Length: 5", "Content-Length: 1000"], BODY),
    "with chunks": (["Content-Length: 5", "Transfer-Encoding: chunked"], CHUNK),
    "hidden coding": (["Transfer-Encoding : chunked"], CHUNK),
    "unknown coding": (["Transfer-Encoding: xchunked"], CHUNK),
    "compressed chunks": (["Transfer-Encoding: gzip, chunked"], CHUNK),
    "compressed chunks, in two headers": (["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], CHUNK),
    "broken chunk": (["Transfer-Encoding: chunked"], b"zz\r\nhello\r\n0\r\n\r\n"),
    "cut chunk": (["Transfer-Encoding: chunked"], b"3e8\r\n" + BODY[:400]),
}
TUS = ["Tus-Resumable: 1.0.0", f"Content-Type: {PIECE}"]
ENDPOINTS = ["piece", "tus", "tus creation", "tar", "form", "json"]
KEEPS_WHAT_CAME = {("tus", "shorter"), ("tus", "broken chunk"), ("tus", "cut chunk")}  # docs/protocols/tus.md


@pytest.fixture
def account(product: Product, accounts: AccountsOf) -> Account:
    account = accounts.take(product)
    url = f"{product.base_url}/api/v1/content/kept.txt"
    assert requests.put(url, data=b"kept", headers=account.headers, timeout=30).status_code == 201
    return account


def target(endpoint: str, product: Product, account: Account) -> tuple[str, str, list[str]]:
    """Method, path and headers of a request that takes BODY there."""
    if endpoint == "piece":
        wanted = {"path": "/piece.bin", "length": 1000}
        opened = requests.post(
            f"{product.base_url}/api/v1/uploads", json=wanted, headers=account.headers, timeout=30
        ).json()
        return "PUT", f"/api/v1/uploads/{opened['id']}/pieces/0", []
    if endpoint == "tus":
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "2000", "Upload-Metadata": metadata(filename="tus.bin")}
        made = requests.post(f"{product.base_url}/tus/", headers={**account.headers, **headers}, timeout=30)
        return "PATCH", made.headers["Location"], [*TUS, "Upload-Offset: 0"]
    if endpoint == "tus creation":
        return "POST", "/tus/", [*TUS, "Upload-Length: 1000"]
    kind = {"tar": "application/x-tar", "form": "multipart/form-data; boundary=x", "json": "application/json"}[endpoint]
    return "POST", "/api/v1/folders" if endpoint == "json" else "/api/v1/bulk", [f"Content-Type: {kind}"]


def exchange(product: Product, account: Account, request: tuple[str, str, list[str]], body: bytes) -> bytes:
    """Everything that comes back, after we have said that no more will come from us."""
    method, path, headers = request
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {account.token}", *headers]
    with socket.create_connection(("127.0.0.1", product.port), timeout=15) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while more := connection.recv(65536):
            received += more
    return received


def statuses(received: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def names(product: Product, account: Account) -> list[str]:
    answer = requests.get(f"{product.base_url}/api/v1/folders", headers=account.headers, timeout=30)
    return sorted(item["name"] for item in answer.json()["items"])


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_and_the_connection_ends(endpoint: str, lie: str, product: Product, account: Account) -> None:
    before = names(product, account)
    method, path, headers = target(endpoint, product, account)
    more, body = LIES[lie]
    received = exchange(product, account, (method, path, headers + more), body + SMUGGLED * (lie != "shorter"))
    (status,) = statuses(received)
    if (endpoint, lie) in KEEPS_WHAT_CAME:
        assert status in (204, 400)
    else:
        assert status in (400, 413, 501)
    assert b"connection: close" in received.lower()
    assert names(product, account) == before


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_follows_a_body_is_the_next_request(endpoint: str, product: Product, account: Account) -> None:
    """With an honest length what comes after it is a request of its own: here one without a token, so 401."""
    method, path, headers = target(endpoint, product, account)
    received = exchange(product, account, (method, path, [*headers, "Content-Length: 1000"]), BODY + SMUGGLED)
    first, second = statuses(received)
    assert first in (200, 201, 204, 400)
    assert second == 401
    assert "kept.txt" in names(product, account)
