"""tus behind the real web server: connections that break, a server that is killed, clients that race."""

import os
import socket
import threading
import time

import pytest
import requests

from tests.servers.product import Account, Product
from tests.support.clients import PIECE, metadata

pytestmark = pytest.mark.timeout(180)
DATA = os.urandom(9_000_000)


class Upload:
    def __init__(self, product: Product, account: Account, name: str, length: int = len(DATA)) -> None:
        self.product, self.account = product, account
        self.headers = {**account.headers, "Tus-Resumable": "1.0.0"}
        more = {"Upload-Length": str(length), "Upload-Metadata": metadata(filename=name)}
        created = requests.post(f"{product.base_url}/tus/", headers={**self.headers, **more}, timeout=30)
        assert created.status_code == 201
        self.url = f"{product.base_url}{created.headers['Location']}"

    def offset(self) -> int:
        return int(requests.head(self.url, headers=self.headers, timeout=30).headers["Upload-Offset"])

    def patch(self, offset: int, data: bytes, **more: str) -> requests.Response:
        headers = {**self.headers, "Upload-Offset": str(offset), "Content-Type": PIECE, **more}
        return requests.patch(self.url, data=data, headers=headers, timeout=30)

    def begin_patch(self, offset: int, length: int) -> socket.socket:
        """The head of a PATCH on a connection of its own."""
        connection = socket.create_connection(("127.0.0.1", self.product.port), timeout=30)
        headers = {**self.headers, "Upload-Offset": str(offset), "Content-Type": PIECE, "Content-Length": str(length)}
        lines = [f"PATCH {self.url.partition(str(self.product.port))[2]} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection

    def content(self, name: str) -> bytes:
        url = f"{self.product.base_url}/api/v1/content/{name}"
        answer = requests.get(url, headers=self.account.headers, timeout=30)
        assert answer.status_code == 200
        return answer.content

    def wait_for_offset(self, least: int) -> int:
        deadline = time.monotonic() + 15
        while (offset := self.offset()) < least and time.monotonic() < deadline:
            time.sleep(0.1)
        return offset


def test_what_came_before_the_connection_broke_is_kept(product: Product, account: Account) -> None:
    upload = Upload(product, account, "broken.bin")
    connection = upload.begin_patch(0, len(DATA))
    connection.sendall(DATA[:5_000_000])
    connection.close()
    offset = upload.wait_for_offset(5_000_000)
    assert offset == 5_000_000
    assert upload.patch(offset, DATA[offset:]).headers["X-Node-Id"]
    assert upload.content("broken.bin") == DATA


def test_with_a_checksum_a_broken_piece_is_not_kept(product: Product, account: Account) -> None:
    upload = Upload(product, account, "checked.bin")
    upload.headers["Upload-Checksum"] = "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk="
    connection = upload.begin_patch(0, len(DATA))
    connection.sendall(DATA[:5_000_000])
    connection.close()
    time.sleep(2)
    assert upload.offset() == 0


def test_a_killed_server_goes_on_where_it_was(product: Product, account: Account) -> None:
    upload = Upload(product, account, "killed.bin")
    assert upload.patch(0, DATA[:3_000_000]).status_code == 204
    connection = upload.begin_patch(3_000_000, 6_000_000)
    connection.sendall(DATA[3_000_000:6_000_000])
    time.sleep(0.5)
    product.kill()
    product.start()
    connection.close()
    offset = upload.offset()
    assert 3_000_000 <= offset <= 6_000_000
    assert upload.patch(offset, DATA[offset:]).headers["X-Node-Id"]
    assert upload.content("killed.bin") == DATA


def test_two_clients_with_the_same_piece(product: Product, account: Account) -> None:
    """One piece counts; whoever lost is told where to go on, or that all is well."""
    upload = Upload(product, account, "raced.bin")
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(upload.patch(0, DATA[:4_000_000]).status_code)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {204, 409}
    assert 204 in answers
    assert upload.offset() == 4_000_000
    assert upload.patch(4_000_000, DATA[4_000_000:]).status_code == 204
    assert upload.content("raced.bin") == DATA


def test_a_wrong_offset_is_refused_before_the_body(product: Product, account: Account) -> None:
    upload = Upload(product, account, "early.bin")
    connection = upload.begin_patch(7, len(DATA))
    answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 409")
    assert b"Connection: close" in answer
    connection.close()
