"""Conditional headers of HTTP (RFC 9110 section 13) at every method."""

from typing import Any

import pytest

from tests.support.clients import Dav, body_of

pytestmark = pytest.mark.django_db
EARLY, LATE = "Mon, 13 Nov 2023 22:13:20 GMT", "Wed, 15 Nov 2023 22:13:20 GMT"


@pytest.fixture
def etag(dav: Dav) -> str:
    return str(dav.put("a.txt", b"0123456789", x_oc_mtime="1700000000").headers["ETag"])


def ask(dav: Dav, method: str, headers: dict[str, str]) -> Any:
    bodies = {
        "PROPPATCH": "<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'/></prop></set></propertyupdate>",
        "LOCK": "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>",
    }
    more = {"destination": "/dav/b.txt"} if method in ("COPY", "MOVE") else {}
    more |= {"depth": "0"} if method == "PROPFIND" else {}
    return dav.send(method, "a.txt", bodies.get(method, ""), **headers, **more)


CHANGING = ("PUT", "DELETE", "COPY", "MOVE", "PROPPATCH", "LOCK", "PROPFIND")


@pytest.mark.parametrize("method", [*CHANGING, "GET", "HEAD"])
@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("if_match", "{etag}", True),
        ("if_match", '"no", {etag}', True),
        ("if_match", "*", True),
        ("if_match", '"no"', False),
        ("if_match", "W/{etag}", False),
        ("if_unmodified_since", LATE, True),
        ("if_unmodified_since", EARLY, False),
        ("if_unmodified_since", "nonsense", True),
        ("if_none_match", '"no"', True),
        ("if_none_match", "{etag}", False),
        ("if_none_match", "W/{etag}", False),
        ("if_none_match", "*", False),
    ],
)
def test_every_method(dav: Dav, etag: str, method: str, name: str, value: str, holds: bool) -> None:
    answer = ask(dav, method, {name: value.format(etag=etag)})
    reading = method in ("GET", "HEAD") and name == "if_none_match"
    expected = answer.status_code < 300 if holds else answer.status_code == (304 if reading else 412)
    assert expected, answer.status_code


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_modified_since(dav: Dav, etag: str, method: str) -> None:
    assert ask(dav, method, {"if_modified_since": LATE}).status_code == 304
    assert ask(dav, method, {"if_modified_since": EARLY}).status_code == 200
    assert ask(dav, method, {"if_modified_since": LATE, "if_none_match": '"no"'}).status_code == 200


def test_if_modified_since_means_nothing_to_a_change(dav: Dav, etag: str) -> None:
    assert ask(dav, "PUT", {"if_modified_since": LATE}).status_code == 204


@pytest.mark.parametrize(
    ("condition", "part"),
    [("{etag}", True), ('"no"', False), ("W/{etag}", False), ("Tue, 14 Nov 2023 22:13:20 GMT", True), (LATE, False)],
)
def test_if_range(dav: Dav, etag: str, condition: str, part: bool) -> None:
    answer = dav.send("GET", "a.txt", range="bytes=2-4", if_range=condition.format(etag=etag))
    assert (answer.status_code, body_of(answer)) == ((206, b"234") if part else (200, b"0123456789"))


def test_ranges(dav: Dav, etag: str) -> None:
    several = dav.send("GET", "a.txt", range="bytes=0-1,8-9")
    assert several.status_code == 206
    assert several.headers["Content-Type"].startswith("multipart/byteranges")
    assert dav.send("GET", "a.txt", range="bytes=10-").status_code == 416


def test_what_is_not_there(dav: Dav) -> None:
    for method in ("PUT", "MKCOL"):
        assert dav.send(method, "new", if_match="*").status_code == 412
    assert dav.propfind("new").status_code == 404
    assert dav.send("MKCOL", "new", if_none_match="*").status_code == 201
