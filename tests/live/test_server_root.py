"""The first requests of Windows' WebDAV client on one connection, byte by byte, against the real server."""

import base64
import socket

import pytest

from tests.servers.product import Account, Product

pytestmark = pytest.mark.timeout(600)  # real processes; the machine of the tests may be busy
AGENT = "User-Agent: Microsoft-WebDAV-MiniRedir/10.0.19045\r\ntranslate: f\r\n"


def ask(opened: socket.socket, product: Product, line: str, *headers: str) -> tuple[str, str]:
    """The head and the body of the answer; every one of them has a length."""
    more = "".join(f"{header}\r\n" for header in headers)
    opened.sendall(
        f"{line} HTTP/1.1\r\nConnection: Keep-Alive\r\n{AGENT}{more}Host: 127.0.0.1:{product.port}\r\n\r\n".encode()
    )
    received = b""
    while b"\r\n\r\n" not in received:
        received += opened.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    text = head.decode()
    length = next(int(each.split(":")[1]) for each in text.split("\r\n") if each.lower().startswith("content-length:"))
    while len(body) < length:
        body += opened.recv(65536)
    return text, body.decode()


def test_the_first_requests_of_windows(product: Product, account: Account) -> None:
    word = base64.b64encode(f"{account.email}:{account.token}".encode()).decode()
    with socket.create_connection(("127.0.0.1", product.port), timeout=60) as opened:
        for target in ("/", "*", "/dav"):
            head, body = ask(opened, product, f"OPTIONS {target}")
            assert head.startswith("HTTP/1.1 200 ")
            assert "DAV: 1, 2, 3" in head
            assert "MS-Author-Via: DAV" in head
            assert body == ""
        for target in ("/", "/dav", "/dav/"):
            head, _ = ask(opened, product, f"PROPFIND {target}", "Depth: 0", "Content-Length: 0")
            assert head.startswith("HTTP/1.1 401 ")
            assert "WWW-Authenticate: Basic realm=" in head
            for depth in "01":
                wanted = (f"Depth: {depth}", "Content-Length: 0", f"Authorization: Basic {word}")
                head, body = ask(opened, product, f"PROPFIND {target}", *wanted)
                assert head.startswith("HTTP/1.1 207 ")
                assert "DAV: 1, 2, 3" in head
                assert "<d:collection/>" in body
        assert "<d:href>/dav/</d:href>" in ask(opened, product, "PROPFIND /", *wanted)[1]
        head, body = ask(opened, product, "GET /accounts/login/")
        assert head.startswith("HTTP/1.1 200 ")
        assert "<html" in body
