"""sharing.posting: one request to a receiver, with a real server on loopback."""

import datetime
import ipaddress
import socket
import ssl
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from sharing import posting
from sharing.posting import Answer, post
from sharing.receivers import Receiver, receiver_of
from tests.sharing.webhook_receiver import allow_loopback, drips, receiving

HEADERS = {"webhook-id": "msg_1", "Content-Type": "application/json"}


def send(url: str) -> Answer:
    return post(receiver_of(url), b"{}", HEADERS)


def test_a_request(settings: Settings) -> None:
    with receiving(settings) as receiver:
        receiver.says(201, b"th\xc3\xa4nks\0\xff" + b"!" * 9_000)
        answer = send(receiver.url)
        assert (answer.status, answer.error, answer.is_success) == (201, "", True)
        assert answer.text.startswith("thänks��!!!")
        assert len(answer.text) == 1_000
        (got,) = receiver.got
        assert (got.path, got.body) == ("/hook?key=secret", b"{}")
        assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert got.headers["webhook-id"] == "msg_1"
        assert "cookie" not in got.headers
        assert "authorization" not in got.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(settings: Settings, status: int) -> None:
    with receiving(settings) as inner, receiving() as receiver:
        allow_loopback(settings, receiver.port, inner.port)
        receiver.says(status, Location=inner.url)
        answer = send(receiver.url)
        assert (answer.status, answer.is_success) == (status, False)
        assert inner.got == []


def test_no_proxy_of_the_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(settings) as proxy, receiving() as receiver:
        allow_loopback(settings, receiver.port)
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(receiver.url).status == 204
        assert (len(receiver.got), proxy.got) == (1, [])


def test_who_is_not_allowed_is_not_connected_to(settings: Settings) -> None:
    """Also when the address was good when it was stored."""
    with receiving(settings) as receiver:
        target = receiver_of(receiver.url)
        settings.WEBHOOK_PRIVATE_ADDRESSES = ()
        answer = post(target, b"{}", HEADERS)
        assert (answer.status, answer.error) == (None, "address_refused")
        assert receiver.got == []


def test_a_name_that_changes_its_mind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer would be another machine. There is no second question."""
    with receiving(settings) as good, receiving() as other:
        settings.WEBHOOK_PRIVATE_ADDRESSES = (ipaddress.ip_network("127.0.0.1"),)
        answers = [("127.0.0.1", good.port), ("127.0.0.2", other.port)]
        real = socket.getaddrinfo

        def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> list[Any]:
            if host != "rebind.example":
                return real(host, *args, **kwargs)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answers.pop(0))]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        target = Receiver(False, "rebind.example", good.port, "/")
        assert post(target, b"{}", HEADERS).status == 204
        assert len(answers) == 1
        assert good.got[0].headers["host"] == f"rebind.example:{good.port}"
        assert post(target, b"{}", HEADERS).error == "address_refused"
        assert other.got == []


def test_a_receiver_that_drips_is_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "WHOLE_TIME", 0.6)
    with receiving(settings) as receiver:
        receiver.answer = drips
        started = time.monotonic()
        assert send(receiver.url).error == "timeout"
        assert time.monotonic() - started < 5


def test_a_receiver_that_says_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "READ_TIME", 0.2)
    with receiving(settings) as receiver:
        receiver.answer = lambda request: time.sleep(1)
        assert send(receiver.url).error == "timeout"


def test_an_endless_answer_is_not_read(settings: Settings) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 50_000
        )

    with receiving(settings) as receiver:
        receiver.answer = endless
        answer = send(receiver.url)
        assert (answer.status, len(answer.text)) == (200, 1_000)  # and no decoder was asked


def test_nobody_there_and_no_http(settings: Settings) -> None:
    with receiving(settings) as receiver:
        url = receiver.url
        receiver.answer = lambda request: request.wfile.write(b"SSH-2.0-nothing\r\n") and None
        assert send(url).error == "connection"
    assert send(url).error == "connection"


def test_retry_after_is_bounded(settings: Settings) -> None:
    with receiving(settings) as receiver:
        for value, seconds in (("120", 120), ("999999", 3600), ("-1", 0), ("soon", 0), ("9" * 40, 0), ("٣", 0)):
            receiver.says(503, Retry_After=value.encode().decode("latin-1"))
            answer = send(receiver.url)
            assert (answer.status, answer.retry_after) == (503, seconds), value


def certificate(folder: Path, name: str) -> Path:
    """Of its own authority, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - datetime.timedelta(days=1))
        .not_valid_after(moment + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(encoding))
    return path


def test_the_certificate_proves_the_name(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to an address; who is there has to prove the name."""
    path = certificate(tmp_path, "hook.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    names = list[str | None]()
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with receiving(context=context) as receiver:
        allow_loopback(settings, receiver.port)
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **k: here if host.endswith(".example") else real(host, *a, **k)
        )
        assert send(f"https://hook.example:{receiver.port}/").status == 204
        assert names == ["hook.example"]
        assert send(f"https://other.example:{receiver.port}/").error == "certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path, "nobody.example")))
        assert send(f"https://hook.example:{receiver.port}/").error == "certificate"
        assert len(receiver.got) == 1
