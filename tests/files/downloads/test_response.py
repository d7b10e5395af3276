"""files.downloads.response: conditions, then ranges, then bytes (RFC 9110), without a endpoint around it."""

import hashlib
import io
import re
from typing import Any

import pytest
from django.test import RequestFactory

from files import errors
from files.blobs.pools import storage_at
from files.downloads.response import POLICY, POLICY_PDF, download
from files.queries.file_content import FileContent
from storage.base import Capabilities, StorageError
from storage.memory import MemoryStorage
from storage.registry import open_storage
from tests.files.downloads.stored import LAST_MODIFIED, WHEN, stored
from tests.support.clients import body_of

DATA = b"0123456789"
ETAG = '"7.8"'
EARLIER, LATER = "Sat, 29 Feb 2020 12:30:40 GMT", "Sat, 29 Feb 2020 12:30:42 GMT"


@pytest.fixture(scope="module")
def file() -> FileContent:
    return stored(DATA)


def get(file: FileContent, *, method: str = "GET", inline: bool = False, redirect: bool = True, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = RequestFactory().generic(method, "/", headers=sent)
    return download(request, file, inline=inline, redirect=redirect)


def test_the_whole(file: FileContent) -> None:
    digest = hashlib.sha256(DATA)
    for method, body in (("GET", DATA), ("HEAD", b"")):
        answer = get(stored(DATA, checksums={"sha256": digest.hexdigest()}), method=method)
        assert (answer.status_code, body_of(answer)) == (200, body)
        expected = {
            "Content-Length": "10",
            "Content-Type": "text/plain; charset=utf-8",
            "ETag": ETAG,
            "Last-Modified": LAST_MODIFIED,
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "Content-Disposition": 'attachment; filename="a.txt"',
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Content-Hash": file.content_hash,
        }
        assert {name: answer.headers.get(name) for name in expected} == expected
        assert answer.headers["Repr-Digest"].startswith("sha-256=:")
        assert "Content-Range" not in answer.headers
    assert "Repr-Digest" not in get(file).headers


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"If_None_Match": ETAG}, 304),
        ({"If_None_Match": f'"other", W/{ETAG}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": LATER}, 200),  # the date does not count beside a tag
        ({"If_Modified_Since": LAST_MODIFIED}, 304),
        ({"If_Modified_Since": LATER}, 304),
        ({"If_Modified_Since": EARLIER}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Match": ETAG}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": '"other"'}, 412),
        ({"If_Match": f"W/{ETAG}"}, 412),
        ({"If_Match": ETAG, "If_Unmodified_Since": EARLIER}, 200),
        ({"If_Unmodified_Since": LAST_MODIFIED}, 200),
        ({"If_Unmodified_Since": EARLIER}, 412),
        ({"If_Match": '"other"', "If_None_Match": ETAG}, 412),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_come_before_ranges(file: FileContent, conditions: dict[str, str], status: int, method: str) -> None:
    for more in ({}, {"Range": "bytes=0-3"}, {"Range": "bytes=99-"}):
        if status == 412:
            with pytest.raises(errors.PreconditionFailed):
                get(file, method=method, **conditions, **more)
            continue
        answer = get(file, method=method, **conditions, **more)
        if status == 304:
            assert (answer.status_code, body_of(answer)) == (304, b"")
            assert (answer.headers["ETag"], answer.headers["Last-Modified"]) == (ETAG, LAST_MODIFIED)
            assert not {"Content-Type", "Content-Length", "Content-Range"} & set(answer.headers)
        else:
            expected = {"bytes=0-3": 206, "bytes=99-": 416}.get(more.get("Range", ""), 200)
            assert answer.status_code == (expected if method == "GET" else 200)


@pytest.mark.parametrize(
    ("asked", "content_range", "body"),
    [
        ("bytes=0-0", "0-0", b"0"),
        ("bytes=9-9", "9-9", b"9"),
        ("bytes=3-5", "3-5", b"345"),
        ("bytes=8-99", "8-9", b"89"),
        ("bytes=4-", "4-9", b"456789"),
        ("bytes=-1", "9-9", b"9"),
        ("bytes=-99", "0-9", DATA),
        ("bytes=0-1,99-", "0-1", b"01"),  # what is out of reach is left out
    ],
)
def test_one_range(asked: str, content_range: str, body: bytes) -> None:
    answer = get(stored(DATA, checksums={"sha256": "00" * 32}), Range=asked)
    assert (answer.status_code, body_of(answer)) == (206, body)
    assert answer.headers["Content-Range"] == f"bytes {content_range}/10"
    assert answer.headers["Content-Length"] == str(len(body))
    assert "Repr-Digest" in answer.headers
    assert "Content-Digest" not in answer.headers  # it would be of the part


def test_ranges_that_select_nothing_or_are_none(file: FileContent) -> None:
    for asked in ("bytes=10-", "bytes=-0", "bytes=99-100", "bytes=0-9,0-9,0-9", "bytes=" + "0-0," * 33):
        answer = get(file, Range=asked)
        assert (answer.status_code, body_of(answer)) == (416, b"")
        assert answer.headers["Content-Range"] == "bytes */10"
    for asked in ("bytes=5-4", "bytes=x", "lines=0-1", "bytes=", "bytes=-"):
        assert body_of(get(file, Range=asked)) == DATA
    empty = stored(b"", key=None, pool_url="")
    assert (get(empty).status_code, body_of(get(empty)), get(empty).headers["Content-Length"]) == (200, b"", "0")
    assert get(empty, Range="bytes=0-").status_code == 416


def test_if_range(file: FileContent) -> None:
    for value in (ETAG, LAST_MODIFIED):
        assert get(file, Range="bytes=0-1", If_Range=value).status_code == 206
    for value in ('"other"', f"W/{ETAG}", EARLIER, LATER, "odd"):
        answer = get(file, Range="bytes=0-1", If_Range=value)
        assert (answer.status_code, body_of(answer)) == (200, DATA)
        assert get(file, Range="bytes=99-", If_Range=value).status_code == 200


def test_several_ranges_in_the_order_asked_for(file: FileContent) -> None:
    answer = get(file, Range="bytes=7-8, 0-2, -1")
    body = body_of(answer)
    assert (answer.status_code, answer.headers["Content-Length"]) == (206, str(len(body)))
    found = re.fullmatch(r"multipart/byteranges; boundary=(\w{16,70})", answer.headers["Content-Type"])
    assert found is not None
    parts = [("7-8", "78"), ("0-2", "012"), ("9-9", "9")]
    text = "\r\n".join(
        f"--{found[1]}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes {where}/10\r\n\r\n{part}"
        for where, part in parts
    )
    assert body.decode() == f"{text}\r\n--{found[1]}--\r\n"
    assert "Content-Range" not in answer.headers


def test_only_what_is_harmless_is_shown_in_place() -> None:
    for name, shown, content_type, policy in (
        ("a.png", "inline", "image/png", POLICY),
        ("a.pdf", "inline", "application/pdf", POLICY_PDF),
        ("a.css", "inline", "text/plain; charset=utf-8", POLICY),
        ("a.html", "attachment", "application/octet-stream", POLICY),
        ("a.svg", "attachment", "application/octet-stream", POLICY),
    ):
        headers = get(stored(b"x", name=name), inline=True).headers
        assert headers["Content-Disposition"] == f'{shown}; filename="{name}"'
        assert (headers["Content-Type"], headers["Content-Security-Policy"]) == (content_type, policy)
    assert get(stored(b"x", name="a.pdf")).headers["Content-Security-Policy"] == POLICY


def test_an_error_comes_while_the_answer_can_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.ContentDamaged):
        get(stored(DATA, key="aa/bb/gone"))

    def away(*_: object) -> None:
        raise StorageError("unavailable", "key")

    file = stored(DATA)
    monkeypatch.setattr(MemoryStorage, "_open", away)
    for asked in ({}, {"Range": "bytes=0-1"}, {"Range": "bytes=0-1,3-4"}):
        with pytest.raises(errors.StorageUnavailable):
            get(file, **asked)
    assert get(file, method="HEAD").status_code == 200
    assert get(file, If_None_Match=ETAG).status_code == 304


def elsewhere(**changes: Any) -> FileContent:
    """In a pool that may be redirected to, whose store signs URLs (which takes no server)."""
    url = "s3://KEY:SECRET@127.0.0.1:9/downloads?secure=0&region=us-east-1"
    open_storage(url, Capabilities(presigned_get=True))
    values = {"node_id": 7, "name": "a.txt", "version_id": 8, "modified_at": WHEN, "content_id": 9, "size": 10}
    more = {"content_hash": "", "checksums": {}, "pool_url": url, "redirect_downloads": True, "key": "aa/bb/cc"}
    return FileContent(**{**values, **more, "blob_offset": 0, "blob_size": 10, **changes})


def test_a_redirect_to_the_object_store() -> None:
    answer = get(elsewhere())
    assert (answer.status_code, body_of(answer), answer.headers["ETag"]) == (302, b"", ETAG)
    assert answer.headers["Location"].startswith("http://127.0.0.1:9/downloads/aa/bb/cc?")
    assert "response-content-disposition=attachment" in answer.headers["Location"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert get(elsewhere(), Range="bytes=0-1").status_code == 302  # the client asks the store for its range
    assert get(elsewhere(), Range="bytes=10-").status_code == 416
    assert get(elsewhere(), method="HEAD").status_code == 200
    assert get(elsewhere(), If_None_Match=ETAG).status_code == 304


@pytest.mark.django_db  # closing an answer looks at the connection
def test_no_redirect_where_it_would_not_be_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(storage_at(elsewhere().pool_url)), "_open", lambda *_: io.BytesIO(DATA))
    for answer in (
        get(elsewhere(), inline=True),  # another origin shows it by other rules
        get(elsewhere(), redirect=False),
        get(elsewhere(), Range="bytes=0-1", If_Range=ETAG),  # the store knows other tags
        get(elsewhere(redirect_downloads=False)),
        get(elsewhere(blob_size=11)),  # the object is more than the file
    ):
        assert answer.status_code in (200, 206)
        answer.close()
    assert get(stored(DATA, redirect_downloads=True, blob_size=10)).status_code == 200  # a store that signs nothing
