"""Links on the real web server: bodies that nobody reads, and what a revoked link ends."""

import os
import re
import socket
import time
from typing import Any

import pytest
import requests

from http_kit.long_requests import EVERY
from tests.live.rights.test_streams import read_to_the_end
from tests.servers.product import Account, Product

pytestmark = pytest.mark.timeout(180)
SIZE = 48 * 1024 * 1024  # more than the buffers of both sides hold
FORM = "multipart/form-data; boundary=b"


def make_link(product: Product, account: Account, **settings: Any) -> dict[str, Any]:
    url = f"{product.base_url}/api/v1/links"
    answer = requests.post(url, json=settings, headers=account.headers, timeout=30)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def put(product: Product, account: Account, path: str, data: bytes) -> str:
    """The id of the file."""
    url = f"{product.base_url}/api/v1/content/{path}"
    answer = requests.put(url, data=data, headers=account.headers, timeout=60)
    answer.raise_for_status()
    return str(answer.json()["id"])


def ask(product: Product, method: str, path: str, **headers: str) -> socket.socket:
    """A client that takes little at once, and has sent nothing but the head of its request."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", product.port))
    named = {"Host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    connection.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())
    return connection


def status_of(connection: socket.socket) -> int:
    with connection:
        return int(connection.recv(4096).split()[1])


def test_nobody_reads_what_no_link_answers_for(product: Product, account: Account) -> None:
    """The answer comes while not a byte of the body has been sent."""
    put(product, account, "shared/a.txt", b"a")
    viewer = make_link(product, account, path="/shared")["token"]
    request = make_link(product, account, path="/shared", role="uploader", password="sea and sand")["token"]
    large = {"Content_Length": str(10**9), "Content_Type": FORM}
    for path, status in (
        ("/s/nonsense/send", 404), (f"/s/{viewer}/send", 403), (f"/s/{request}/send", 401),
        ("/s/nonsense/password", 413), ("/s/nonsense", 413), (f"/s/{viewer}/report", 413),
    ):  # fmt: skip
        assert status_of(ask(product, "POST", path, **large)) == status, path
    for path, status in (("/public.php/webdav/a", 401), ("/public.php/dav/files/nonsense/a", 404)):
        assert status_of(ask(product, "PUT", path, **large)) == status, path
    assert status_of(ask(product, "PUT", f"/public.php/dav/files/{viewer}/a", **large)) == 403


def test_a_large_file_through_a_form(product: Product, account: Account) -> None:
    put(product, account, "wanted/a.txt", b"a")
    link = make_link(product, account, path="/wanted", role="uploader")
    data = os.urandom(5_000_000)
    files = {"file": ("large.bin", data)}
    answer = requests.post(
        f"{product.base_url}/s/{link['token']}/send",
        data={"delivery": "d" * 22},
        files=files,
        timeout=60,
        allow_redirects=False,
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/s/{link['token']}/receipt/{'d' * 22}")
    stored = requests.get(
        f"{product.base_url}/api/v1/content/wanted/large.bin", headers=account.headers, timeout=60
    ).content
    assert stored == data


@pytest.mark.parametrize("way", ["page", "zip", "dav"])
def test_a_revoked_link_ends_a_running_download(product: Product, account: Account, way: str) -> None:
    node_id = put(product, account, f"{way}/large.bin", os.urandom(1024 * 1024) * 48)
    link = make_link(product, account, path=f"/{way}")
    base = f"/s/{link['token']}"
    path = {
        "page": f"{base}/{node_id}/download",
        "zip": f"{base}/zip",
        "dav": f"/public.php/dav/files/{link['token']}/large.bin",
    }[way]
    with ask(product, "GET", path) as connection:
        received = bytearray()
        while b"\r\n\r\n" not in received:
            received += connection.recv(4096)
        head, _, begun = bytes(received).partition(b"\r\n\r\n")
        (length,) = (int(value) for value in re.findall(rb"(?i)content-length: (\d+)", head))
        assert length >= SIZE
        url = f"{product.base_url}/api/v1/links/{link['id']}"
        requests.delete(url, headers=account.headers, timeout=30).raise_for_status()
        time.sleep(EVERY + 1)
        assert len(begun) + len(read_to_the_end(connection)) < length
