"""Behind the real web server: chunks in parallel, connections that break, bodies without a length, a bulk body."""

import base64
import hashlib
import os
import random
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.servers.product import Account, Product

pytestmark = pytest.mark.timeout(240)
DATA = os.urandom(23_000_000)
CHUNK = 1_700_000


class Client:
    def __init__(self, product: Product, account: Account) -> None:
        self.product, self.auth = product, (account.email, account.token)
        self.dav = f"{product.base_url}/remote.php/dav"
        self.user = account.email.replace("@", "%40")

    def send(self, method: str, path: str, data: object = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self.dav}/{path}"
        return requests.request(method, url, data=data, headers=named, auth=self.auth, timeout=60)  # type: ignore[arg-type]

    def content(self, name: str) -> bytes:
        answer = self.send("GET", f"files/{self.user}/{name}")
        assert answer.status_code == 200
        return answer.content


@pytest.fixture
def client(product: Product, account: Account) -> Client:
    return Client(product, account)


@pytest.mark.parametrize("seed", range(3))
def test_chunks_in_parallel_and_in_any_order(client: Client, seed: int) -> None:
    """Each number twice, the first time with other bytes: whatever comes last of a number is what counts."""
    upload, name = f"uploads/{client.user}/parallel {seed}", f"parallel {seed}.bin"
    assert client.send("MKCOL", upload, OC_Total_Length=str(len(DATA))).status_code == 201
    parts = [DATA[start : start + CHUNK] for start in range(0, len(DATA), CHUNK)]
    order = list(range(len(parts)))
    random.Random(seed).shuffle(order)

    def put(number: int) -> None:
        if number % 3 == 0:
            assert client.send("PUT", f"{upload}/{number + 1}", os.urandom(len(parts[number]))).status_code == 201
        assert client.send("PUT", f"{upload}/{number + 1}", parts[number]).status_code in (201, 204)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(put, order))
    checksum = hashlib.sha1(DATA).hexdigest() if seed else ""
    more = {"OC_Checksum": f"SHA1:{checksum}"} if checksum else {}
    to = f"/remote.php/dav/files/{client.user}/{name.replace(' ', '%20')}"
    moved = client.send("MOVE", f"{upload}/.file", Destination=to, OC_Total_Length=str(len(DATA)), **more)
    assert moved.status_code == 201
    assert client.content(name) == DATA


def test_a_chunk_whose_connection_breaks_leaves_nothing(client: Client) -> None:
    upload = f"uploads/{client.user}/broken"
    assert client.send("MKCOL", upload).status_code == 201
    credentials = base64.b64encode(":".join(client.auth).encode()).decode()
    with socket.create_connection(("127.0.0.1", client.product.port), timeout=30) as connection:
        head = f"PUT /remote.php/dav/{upload}/1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\n"
        connection.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + b"x" * 300_000)
    assert b"getcontentlength>1" not in client.send("PROPFIND", upload, Depth="1").content
    assert client.send("PUT", f"{upload}/1", iter([b"abc", b"def"])).status_code == 201  # no length
    assert client.send("PUT", f"{upload}/2", b"ghi", Expect="100-continue").status_code == 201
    to = f"/remote.php/dav/files/{client.user}/broken.bin"
    assert client.send("MOVE", f"{upload}/.file", Destination=to).status_code == 201
    assert client.content("broken.bin") == b"abcdefghi"


def test_a_name_that_is_not_utf8_is_refused(client: Client) -> None:
    assert client.send("MKCOL", f"uploads/{client.user}/%ff").status_code == 400


def test_a_bulk_body_of_forty_megabytes(client: Client) -> None:
    files = {f"/bulk {number}.bin": os.urandom(random.Random(number).randrange(300_000)) for number in range(250)}
    files["/large.bin"] = os.urandom(6_000_000)
    parts = []
    for path, data in files.items():
        checksum = hashlib.md5(data).hexdigest()
        head = f"--b\r\nX-File-Path: {path}\r\nX-File-MD5: {checksum}\r\nContent-Length: {len(data)}\r\n\r\n"
        parts.append(head.encode() + data + b"\r\n")
    kind = "multipart/related; boundary=b"
    for body in (b"".join([*parts, b"--b--\r\n"]), iter([*parts, b"--b--\r\n"])):  # with a length, and without
        answer = client.send("POST", "bulk", body, Content_Type=kind)
        assert answer.status_code == 200
        assert [path for path, told in answer.json().items() if told["error"]] == []
    for path in ("/bulk 0.bin", "/bulk 249.bin", "/large.bin"):
        assert client.content(path[1:]) == files[path]
