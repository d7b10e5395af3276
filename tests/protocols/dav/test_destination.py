"""Which server a Destination (and a tagged If) names: ours by the Host of the request, and by BASE_URL."""

from typing import Any

import pytest

from accounts.models import User
from files.models import Node
from tests.support.clients import Dav, Nextcloud, body_of
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["/dav/", "/remote.php/webdav/", "/remote.php/dav/files/{}/"])
def dav(request: Any, settings: Any) -> Dav:
    """Behind a proxy that passes a Host of its own."""
    settings.BASE_URL, settings.BASE_URL_GIVEN = "https://files.example.com", True
    user = make_user()
    client = Dav(user, prefix=request.param.format(user.pk))
    client.headers["Host"] = "backend.internal:8000"
    return client


def moved(dav: Dav, server: str, method: str = "MOVE") -> int:
    dav.put("a.txt")
    return int(dav.send(method, "a.txt", destination=f"{server}{dav.prefix}b.txt").status_code)


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
@pytest.mark.parametrize(
    "server",
    [
        "",
        "https://files.example.com",
        "http://files.example.com",
        "https://files.example.com:443",
        "http://files.example.com:80",
        "https://FILES.example.COM.",
        "https://ada:pw@files.example.com",
        "http://backend.internal:8000",
        "https://backend.internal:8000",
        "//files.example.com",
    ],
)
def test_ours(dav: Dav, server: str, method: str) -> None:
    assert moved(dav, server, method) == 201
    assert Node.objects.filter(name="b.txt").exists()


@pytest.mark.parametrize(
    "server",
    [
        "https://other.example.com",
        "https://files.example.com.evil.example",
        "https://files.example.com:8443",
        "https://files.example.com@evil.example",
        "https://evil.example:443",
        "http://backend.internal",
        "http://backend.internal:8001",
        "https://files.example.com:x",
    ],
)
def test_another_server(dav: Dav, server: str) -> None:
    assert moved(dav, server) == 502
    assert Node.objects.filter(name="a.txt").exists()


@pytest.mark.parametrize(
    ("base", "server", "ours"),
    [
        ("https://files.example.com:8443", "https://files.example.com:8443", True),
        ("https://files.example.com:8443", "http://files.example.com:8443", True),
        ("https://files.example.com:8443", "https://files.example.com", True),
        ("https://files.example.com:8443", "https://files.example.com:9443", False),
        ("https://[2001:db8::1]", "https://[2001:DB8::1]:443", True),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", True),
        ("https://[2001:db8::1]", "https://[2001:db8::2]", False),
        ("https://xn--bcher-kva.example", "https://bücher.example".encode().decode("latin-1"), True),
        ("https://xn--bcher-kva.example", "https://b%C3%BCcher.example", True),
    ],
)
def test_ports_and_names(dav: Dav, settings: Any, base: str, server: str, ours: bool) -> None:
    settings.BASE_URL = base
    assert moved(dav, server) == (201 if ours else 502)


def test_a_guessed_address_counts_exactly(dav: Dav, settings: Any) -> None:
    settings.BASE_URL, settings.BASE_URL_GIVEN = "http://localhost:8000", False
    assert moved(dav, "http://localhost:8000") == 201
    assert moved(dav, "http://localhost") == 502
    settings.LINKS_KNOWN = False
    assert moved(dav, "http://localhost:8000") == 502


def test_a_tagged_if(dav: Dav) -> None:
    etag = dav.put("a.txt").headers["ETag"]
    for server, status in (("https://files.example.com", 204), ("https://other.example.com", 412)):
        header = {"if": f"<{server}{dav.prefix}a.txt> ([{etag}])"}
        assert dav.put("a.txt", b"x", **header).status_code == status
        etag = dav.send("HEAD", "a.txt").headers["ETag"]


def test_uploads_and_the_trash_of_nextcloud(settings: Any) -> None:
    settings.BASE_URL, settings.BASE_URL_GIVEN = "https://files.example.com", True
    user: User = make_user()
    client = Nextcloud(user)
    client.headers["Host"] = "backend.internal:8000"
    files = f"/remote.php/dav/files/{user.pk}/a.txt"
    for server, status in (("https://other.example.com", 502), ("https://files.example.com", 201)):
        upload = f"/remote.php/dav/uploads/{user.pk}/{status}"
        client.send("MKCOL", upload)
        client.send("PUT", f"{upload}/1", b"bytes")
        assert client.send("MOVE", f"{upload}/.file", destination=server + files).status_code == status
    client.send("DELETE", files)
    trash = f"/remote.php/dav/trashbin/{user.pk}"
    listing = body_of(client.send("PROPFIND", f"{trash}/trash/", depth="1")).decode()
    item = listing.split("<d:href>")[2].split("</d:href>")[0]
    for server, status in (("https://other.example.com", 502), ("https://files.example.com", 201)):
        answer = client.send("MOVE", item, destination=f"{server}{trash}/restore/a.txt")
        assert answer.status_code == status
