"""What Windows asks before it maps a folder: `/` answers as /dav does, and is a page to browsers all the same."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.support.clients import Dav, found_in, tree
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
AGENT = "Microsoft-WebDAV-MiniRedir/10.0.19045"
WINDOWS = (
    '<?xml version="1.0" encoding="utf-8" ?><D:propfind xmlns:D="DAV:" '
    'xmlns:Z="urn:schemas-microsoft-com:"><D:prop><D:creationdate/><D:getcontentlength/><D:displayname/>'
    "<D:getetag/><D:getlastmodified/><D:resourcetype/><Z:Win32FileAttributes/></D:prop></D:propfind>"
)


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def client() -> Client:
    """A browser, where the others of this folder have a sync client."""
    return Client()


def root(user: User | None) -> Dav:
    client = Dav(user, prefix="/")
    client.headers |= {"User-Agent": AGENT, "Translate": "f", "Connection": "Keep-Alive"}
    return client


@pytest.mark.parametrize("path", ["", "dav", "dav/"])
def test_options_without_credentials(path: str) -> None:
    answer = root(None).send("OPTIONS", path)
    assert answer.status_code == 200
    assert answer.headers["DAV"] == "1, 2, 3"
    assert answer.headers["MS-Author-Via"] == "DAV"
    assert "PROPFIND" in answer.headers["Allow"]
    assert answer.headers["Content-Length"] == "0"


@pytest.mark.parametrize("depth", ["0", "1"])
@pytest.mark.parametrize("path", ["", "dav"])
def test_propfind_without_credentials_asks_for_them(path: str, depth: str) -> None:
    answer = root(None).propfind(path, depth=depth)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert not answer.cookies


@pytest.mark.parametrize("body", ["", WINDOWS])
def test_propfind_lists_what_can_be_mounted(user: User, body: str) -> None:
    client = root(user)
    for depth, hrefs in (("0", ["/"]), ("1", ["/", "/dav/", "/remote.php/"])):
        answer = client.propfind("", body, depth)
        assert answer.status_code == 207
        assert (answer.headers["DAV"], answer.headers["MS-Author-Via"]) == ("1, 2, 3", "DAV")
        found = found_in(answer)
        assert list(found) == hrefs
        assert all(each["{DAV:}resourcetype"] == "{DAV:}collection" for each in found.values())


def test_all_that_is_listed_is_there(user: User) -> None:
    """Down to the files, at depth 1 each."""
    client = root(user)
    Dav(user).put("a.txt")
    found, left = set[str](), ["/"]
    while left:
        href = left.pop()
        answer = client.propfind(href[1:], WINDOWS, "1")
        assert answer.status_code == 207, href
        below = {str(each.findtext("{DAV:}href")) for each in tree(answer).iter("{DAV:}response")} - found
        found |= below
        left += [each for each in below if each.endswith("/") and each != href]
    assert {"/dav/a.txt", "/remote.php/webdav/a.txt", f"/remote.php/dav/files/{user.pk}/a.txt"} <= found


def test_it_is_refused_as_in_dav(user: User) -> None:
    client = root(user)
    for path in ("", "remote.php/"):
        assert client.propfind(path, depth=None).status_code == 403
        assert client.propfind(path, depth="infinity").status_code == 403
        assert b"propfind-finite-depth" in client.propfind(path, depth="infinity").content
        assert client.propfind(path, "<broken").status_code == 400
    client.headers["Authorization"] = "Basic bm9ib2R5QGV4YW1wbGUuY29tOng="
    assert client.propfind("").status_code == 401
    assert root(user).send("PUT", "remote.php/").status_code == 405


def test_the_page_is_what_it_was(user: User, client: Client) -> None:
    for answer in (client.get("/"), client.head("/")):
        assert answer.status_code == 302
    client.force_login(user)
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post("/").status_code in (403, 405)


def test_a_session_of_a_page_is_no_credential_here(user: User, client: Client) -> None:
    client.force_login(user)
    answer: Any = client.generic("PROPFIND", "/", headers={"Depth": "1"})
    assert answer.status_code == 401
