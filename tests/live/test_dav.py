"""WebDAV behind the real web server: bodies without a length, clients that wait, clients that race."""

import base64
import http.client
import io
import socket
import tarfile
import threading
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

import pytest
import requests

from tests.servers.product import Account, Product
from tests.servers.shared import Products

pytestmark = pytest.mark.timeout(180)
LOCK = (
    "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype>"
    "<owner>somebody</owner></lockinfo>"
)


@pytest.fixture
def product(products: Products) -> Product:
    return products.running(MAX_UPLOAD_SIZE="20MB")


@pytest.fixture
def session(account: Account) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = (account.email, account.token)
        yield session


def send(connection: socket.socket, account: Account, head: str) -> None:
    word = base64.b64encode(f"{account.email}:{account.token}".encode()).decode()
    lines = [*head.splitlines(), "Host: localhost", f"Authorization: Basic {word}", "", ""]
    connection.sendall("\r\n".join(lines).encode())


def test_chunked_bodies(product: Product, session: requests.Session) -> None:
    url = f"{product.base_url}/dav/chunked.bin"
    pieces = [bytes([number]) * 70_000 for number in range(20)]
    assert session.put(url, data=iter(pieces), timeout=30).status_code == 201
    assert session.get(url, timeout=30).content == b"".join(pieces)
    assert session.put(url, data=iter([b"short"]), timeout=30).status_code == 204
    assert session.get(url, timeout=30).content == b"short"
    body = [b"<propfind xmlns='DAV:'>", b"<prop><getcontentlength/></prop></propfind>"]
    found = session.request("PROPFIND", url, data=iter(body), headers={"Depth": "0"}, timeout=30)
    assert ElementTree.fromstring(found.content).findtext(".//{DAV:}getcontentlength") == "5"


def test_who_waits_is_refused_before_the_body(product: Product, account: Account) -> None:
    with socket.create_connection(("127.0.0.1", product.port), timeout=30) as connection:
        send(connection, account, "PUT /dav/no/a.bin HTTP/1.1\nContent-Length: 10000000\nExpect: 100-continue")
        assert connection.recv(100).startswith(b"HTTP/1.1 409")
    with socket.create_connection(("127.0.0.1", product.port), timeout=30) as connection:
        send(connection, account, "PUT /dav/a.bin HTTP/1.1\nContent-Length: 5\nExpect: 100-continue")
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(b"hello")
        assert connection.recv(100).startswith(b"HTTP/1.1 20")


def test_too_much(product: Product, session: requests.Session) -> None:
    url = f"{product.base_url}/dav/large.bin"
    assert session.put(url, data=b"x" * 21_000_000, timeout=60).status_code == 413
    assert session.get(url, timeout=30).status_code == 404
    giant = (b" " * 100_000 for _ in range(30))  # chunked, so that nobody knows how long it is going to be
    answer = session.request("PROPFIND", f"{product.base_url}/dav/", data=giant, timeout=60)
    assert answer.status_code == 413


def test_absolute_addresses_and_fragments(product: Product, account: Account) -> None:
    for target, status in (
        (f"http://localhost:{product.port}/dav/", b"207"),
        ("/dav/#x", b"400"),
        ("/dav/%ff", b"400"),
    ):
        with socket.create_connection(("127.0.0.1", product.port), timeout=30) as connection:
            send(connection, account, f"PROPFIND {target} HTTP/1.1\nDepth: 0")
            assert connection.recv(100).split()[1] == status


def test_one_of_many_gets_the_lock(product: Product, account: Account, session: requests.Session) -> None:
    url = f"{product.base_url}/dav/wanted.txt"
    session.put(url, data=b"x", timeout=30)
    answers: list[requests.Response] = []

    def want() -> None:
        auth = (account.email, account.token)
        answers.append(requests.request("LOCK", url, data=LOCK, auth=auth, timeout=60))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answer.status_code for answer in answers) == [200, *[423] * 7]
    (token,) = [answer.headers["Lock-Token"] for answer in answers if answer.ok]
    product.restart()  # locks outlive the processes
    assert session.put(url, data=b"y", timeout=30).status_code == 423
    assert session.put(url, data=b"y", headers={"If": f"({token})"}, timeout=30).status_code == 204
    assert session.request("UNLOCK", url, headers={"Lock-Token": token}, timeout=30).status_code == 204


def tar(names: Iterable[str]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"x"))
    return written.getvalue()


def test_a_long_listing_is_streamed(product: Product, account: Account, session: requests.Session) -> None:
    for batch in range(3):
        headers = {"Content-Type": "application/x-tar"}
        body = tar(f"f/{batch}-{number}.txt" for number in range(900))
        assert session.post(f"{product.base_url}/api/v1/bulk", data=body, headers=headers, timeout=60).ok
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=30)
    word = base64.b64encode(f"{account.email}:{account.token}".encode()).decode()
    connection.request("PROPFIND", "/dav/f/", headers={"Authorization": f"Basic {word}", "Depth": "1"})
    answer = connection.getresponse()
    assert answer.status == 207
    assert answer.getheader("Transfer-Encoding") == "chunked"
    assert len(ElementTree.fromstring(answer.read()).findall("{DAV:}response")) == 2701
    connection.close()


def test_nothing_went_wrong_meanwhile(product: Product) -> None:
    assert "Traceback" not in product.log
