"""PUT, GET, HEAD and DELETE of files by path and by id."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import QuotaAccount
from common.content_hash import hash_bytes
from files.models import Blob, Node, TrashItem, Version
from storage.base import StorageError
from storage.memory import MemoryStorage
from tests.support.clients import ContentClient, body_of
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


def test_a_file_goes_in_and_comes_back(client: ContentClient) -> None:
    answer = client.put("Photos/2026/sea.jpg", b"waves", x_oc_mtime="1700000000")
    assert answer.status_code == 201
    node = answer.json()
    assert (node["path"], node["size"], node["content_hash"]) == ("/Photos/2026/sea.jpg", 5, hash_bytes(b"waves"))
    assert node["modified_at"] == "2023-11-14T22:13:20Z"
    assert answer.headers["ETag"] == node["etag"]
    for path in ("Photos/2026/sea.jpg", f"/api/v1/nodes/{node['id']}/content", "Photos//2026/sea.jpg"):
        got = client.get(path)
        assert (got.status_code, body_of(got)) == (200, b"waves")
        assert got.headers["ETag"] == node["etag"]
        assert got.headers["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
        assert got.headers["Content-Type"] == "image/jpeg"
        assert got.headers["Content-Disposition"] == 'attachment; filename="sea.jpg"'
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert got.headers["Cache-Control"] == "private, no-cache"
        assert got.headers["Accept-Ranges"] == "bytes"
        assert got.headers["X-Content-Hash"] == node["content_hash"]
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        different = {"Date", "Content-Length", "X-Request-ID"}
        assert {k: v for k, v in head.headers.items() if k not in different} == {
            k: v for k, v in got.headers.items() if k not in different
        }
        assert head.headers["Content-Length"] == "5"


def test_an_empty_file(client: ContentClient) -> None:
    assert client.put("empty", b"").status_code == 201
    got = client.get("empty")
    assert (got.status_code, body_of(got), got.headers["Content-Length"]) == (200, b"", "0")
    assert client.get("empty", range="bytes=0-0").status_code == 416


def test_overwriting_keeps_the_node_and_makes_a_version(client: ContentClient) -> None:
    first = client.put("a.txt", b"one").json()
    answer = client.put("a.txt", b"two")
    second = answer.json()
    assert answer.status_code == 200
    assert (second["id"], second["name"]) == (first["id"], "a.txt")
    assert second["version_id"] != first["version_id"]
    by_id = client.put(f"/api/v1/nodes/{first['id']}/content", b"three").json()
    assert by_id["id"] == first["id"]
    assert body_of(client.get("a.txt")) == b"three"
    address = f"/api/v1/nodes/{first['id']}"
    old = client.get(f"{address}/content?version={first['version_id']}")
    assert body_of(old) == b"one"
    assert old.headers["ETag"] == first["etag"]
    assert body_of(client.get(f"{address}/versions/{second['version_id']}/content")) == b"two"
    assert client.get(f"{address}/content?version=999999").status_code == 404
    assert client.put(f"{address}/versions/{second['version_id']}/content", b"x").status_code == 405


def test_the_same_bytes_again_are_no_new_version(client: ContentClient) -> None:
    first = client.put("a.txt", b"one", x_oc_mtime="1700000000").json()
    again = client.put("a.txt", b"one", x_oc_mtime="1700000000")
    assert (again.status_code, again.json()["version_id"]) == (200, first["version_id"])
    assert Version.objects.count() == 1


def test_modes(client: ContentClient) -> None:
    assert client.put("a.txt?mode=create", b"one").status_code == 201
    taken = client.put("a.txt?mode=create", b"two")
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    renamed = client.put("a.txt?mode=create&autorename=1", b"two")
    assert (renamed.status_code, renamed.json()["name"]) == (201, "a (2).txt")
    version = client.get("/api/v1/metadata?path=/a.txt").json()["version_id"]
    assert client.put(f"a.txt?mode=update&base_version={version}", b"three").status_code == 200
    stale = client.put(f"a.txt?base_version={version}", b"four")
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    for query in ("mode=append", "mode=update", "base_version=x", "autorename=maybe", "modified_at=yesterday"):
        wrong = client.put(f"a.txt?{query}", b"five")
        assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_request"), query
    assert body_of(client.get("a.txt")) == b"three"


@pytest.mark.parametrize(
    ("query", "moment"),
    [
        ("modified_at=2020-02-29T12:00:00Z", "2020-02-29T12:00:00Z"),
        ("modified_at=2020-02-29T12:00:00%2B02:00", "2020-02-29T10:00:00Z"),
        ("modified_at=2020-02-29T12:00:00+02:00", "2020-02-29T10:00:00Z"),
        ("modified_at=1582977600.5", "2020-02-29T12:00:00.500000Z"),
        ("modified_at=-86400", "1969-12-31T00:00:00Z"),
    ],
)
def test_client_times(client: ContentClient, query: str, moment: str) -> None:
    assert client.put(f"a.txt?{query}", b"x").json()["modified_at"] == moment


def _base64(algorithm: str, data: bytes) -> str:
    return base64.b64encode(hashlib.new(algorithm, data).digest()).decode()


def checksum_headers(data: bytes) -> list[dict[str, str]]:
    return [
        {"content_digest": f"sha-256=:{_base64('sha256', data)}:"},
        {"content_digest": f"unknown=:AAAA:, sha-512=:{_base64('sha512', data)}:"},
        {"repr_digest": f"sha-256=:{_base64('sha256', data)}:"},
        {"content_md5": _base64("md5", data)},
        {"oc_checksum": f"SHA1:{hashlib.sha1(data).hexdigest()}"},
        {"oc_checksum": f"MD5:{hashlib.md5(data).hexdigest()} SHA256:{hashlib.sha256(data).hexdigest()}"},
        {"oc_checksum": f"ADLER32:{__import__('zlib').adler32(data):08x}"},
        {"x_content_hash": hash_bytes(data)},
    ]


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("size", [10, 3_000_000])
def test_checksums_are_verified_before_anything_is_stored(client: ContentClient, number: int, size: int) -> None:
    data = bytes(range(10)) * (size // 10)
    wrong = client.put("a.bin", data[:-1] + b"!", **checksum_headers(data)[number])
    assert (wrong.status_code, wrong.json()["code"]) == (400, "checksum_mismatch")
    assert not Node.objects.filter(name="a.bin").exists()
    assert not Blob.objects.exists()
    assert client.put("a.bin", data, **checksum_headers(data)[number]).status_code == 201


@pytest.mark.parametrize(
    "header",
    [
        {"content_digest": "sha-256=abc"},
        {"content_digest": "sha-256=:!!!:"},
        {"content_digest": "sha-256=:AAAA:"},
        {"content_md5": "AAAA"},
        {"oc_checksum": "SHA1"},
        {"oc_checksum": "ROT13:abc"},
        {"x_content_hash": "zz"},
        {"content_md5": _base64("md5", b"x"), "oc_checksum": "MD5:" + "0" * 32},
    ],
)
def test_malformed_checksums(client: ContentClient, header: dict[str, str]) -> None:
    answer = client.put("a.bin", b"x", **header)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_checksum")


def test_a_sha256_that_was_sent_comes_back(client: ContentClient) -> None:
    digest = f"sha-256=:{_base64('sha256', b'hello')}:"
    client.put("a.txt", b"hello", content_digest=digest)
    got = client.get("a.txt")
    assert (got.headers["Content-Digest"], got.headers["Repr-Digest"]) == (digest, digest)
    part = client.get("a.txt", range="bytes=0-1")
    assert part.headers["Repr-Digest"] == digest
    assert "Content-Digest" not in part.headers


def test_a_part_or_a_coded_form_is_not_a_file(client: ContentClient) -> None:
    assert client.put("a.txt", b"x", content_range="bytes 0-0/2").status_code == 400
    assert client.put("a.txt", b"x", content_encoding="gzip").status_code == 400
    assert client.get("a.txt").status_code == 404


RANGES: list[tuple[str, int, str | None, bytes]] = [
    ("bytes=0-3", 206, "bytes 0-3/10", b"0123"),
    ("bytes=7-", 206, "bytes 7-9/10", b"789"),
    ("bytes=-2", 206, "bytes 8-9/10", b"89"),
    ("bytes=-99", 206, "bytes 0-9/10", b"0123456789"),
    ("bytes=5-99", 206, "bytes 5-9/10", b"56789"),
    ("bytes=10-", 416, "bytes */10", b""),
    ("bytes=-0", 416, "bytes */10", b""),
    ("bytes=4-2", 200, None, b"0123456789"),
    ("lines=0-3", 200, None, b"0123456789"),
    ("bytes=x", 200, None, b"0123456789"),
]


@pytest.mark.parametrize(("header", "status", "content_range", "body"), RANGES)
def test_ranges(client: ContentClient, header: str, status: int, content_range: str | None, body: bytes) -> None:
    client.put("n.bin", b"0123456789")
    got = client.get("n.bin", range=header)
    assert (got.status_code, got.headers.get("Content-Range")) == (status, content_range)
    if status != 416:
        assert (body_of(got), got.headers["Content-Length"]) == (body, str(len(body)))
    assert client.head("n.bin", range=header).status_code == 200  # Range is for GET only


def test_a_store_that_is_away_is_said_whatever_the_range(
    client: ContentClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StorageError("unavailable")

    client.put("n.bin", b"0123456789")
    monkeypatch.setattr(MemoryStorage, "_open", away)
    for header in (None, "bytes=3-", "bytes=0-1, 8-"):
        got = client.get("n.bin", range=header) if header else client.get("n.bin")
        assert (got.status_code, got.json()["code"]) == (503, "storage_unavailable"), header


def test_several_ranges(client: ContentClient) -> None:
    client.put("n.bin", b"0123456789")
    got = client.get("n.bin", range="bytes=0-1, 8-, 4-4")
    assert got.status_code == 206
    body = body_of(got)
    assert len(body) == int(got.headers["Content-Length"])
    match = re.fullmatch(r"multipart/byteranges; boundary=(\w+)", got.headers["Content-Type"])
    assert match
    parts = body.split(b"--" + match[1].encode())
    assert (parts[0], parts[-1]) == (b"", b"--\r\n")
    heads = [b"Content-Type: application/octet-stream\r\nContent-Range: bytes " + r for r in (b"0-1", b"8-9", b"4-4")]
    expected = [
        b"\r\n" + head + b"/10\r\n\r\n" + data + b"\r\n" for head, data in zip(heads, (b"01", b"89", b"4"), strict=True)
    ]
    assert parts[1:-1] == expected
    assert client.get("n.bin", range="bytes=" + ",".join(["0-9"] * 40)).status_code == 416


def test_if_range(client: ContentClient) -> None:
    etag = client.put("n.bin", b"0123456789", x_oc_mtime="1700000000").json()["etag"]
    for value, status in [
        (etag, 206),
        ('"other"', 200),
        (f"W/{etag}", 200),
        ("Tue, 14 Nov 2023 22:13:20 GMT", 206),
        ("Tue, 14 Nov 2023 22:13:21 GMT", 200),
    ]:
        assert client.get("n.bin", range="bytes=0-3", if_range=value).status_code == status, value


def test_conditional_reads(client: ContentClient) -> None:
    etag = client.put("a.txt", b"x", x_oc_mtime="1700000000").json()["etag"]
    exact, before = "Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:13:19 GMT"
    cases: list[tuple[dict[str, str], int]] = [
        ({"if_none_match": etag}, 304),
        ({"if_none_match": f"W/{etag}"}, 304),
        ({"if_none_match": f'"other", {etag}'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"other"'}, 200),
        ({"if_modified_since": exact}, 304),
        ({"if_modified_since": before}, 200),
        ({"if_modified_since": "rubbish"}, 200),
        ({"if_none_match": '"other"', "if_modified_since": exact}, 200),
        ({"if_match": etag}, 200),
        ({"if_match": f"W/{etag}"}, 412),
        ({"if_match": "*"}, 200),
        ({"if_match": '"other"'}, 412),
        ({"if_unmodified_since": exact}, 200),
        ({"if_unmodified_since": before}, 412),
        ({"if_match": etag, "if_unmodified_since": before}, 200),
        ({"if_match": '"other"', "if_none_match": etag}, 412),
    ]
    for headers, status in cases:
        for method in ("GET", "HEAD"):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = client.request(method, "a.txt", **named)
            assert answer.status_code == status, (method, headers)
            if status == 304:
                assert answer.headers["ETag"] == etag
                assert not body_of(answer)
                assert "Content-Type" not in answer.headers
    assert client.get("a.txt", if_match='"other"').json()["code"] == "precondition_failed"


def test_conditional_writes(client: ContentClient) -> None:
    assert client.put("a.txt", b"x", if_match="*").status_code == 412
    etag = client.put("a.txt", b"x", if_none_match="*").json()["etag"]
    assert client.put("a.txt", b"y", if_none_match="*").status_code == 412
    assert client.put("a.txt", b"y", if_match='"other"').status_code == 412
    newer = client.put("a.txt", b"y", if_match=etag).json()["etag"]
    assert client.put("a.txt", b"z", if_match=etag).status_code == 412
    assert client.put("a.txt", b"z", if_unmodified_since="Thu, 01 Jan 2015 00:00:00 GMT").status_code == 412
    assert client.delete("a.txt", if_match=etag).status_code == 412
    assert client.delete("a.txt", if_match=newer).status_code == 200
    assert client.get("a.txt").status_code == 404


def test_delete_goes_to_the_trash(client: ContentClient) -> None:
    node = client.put("a/b.txt", b"x").json()
    answer = client.delete("a/b.txt")
    assert (answer.status_code, answer.json()["path"]) == (200, "/a/b.txt")
    assert TrashItem.objects.get().node_id == int(node["id"])
    assert client.get(f"/api/v1/nodes/{node['id']}/content").status_code == 404
    assert client.delete("a/b.txt").status_code == 404
    assert client.delete("a").json()["code"] == "not_a_file"
    other = client.put("c.txt", b"x").json()
    assert client.delete(f"/api/v1/nodes/{other['id']}/content").status_code == 200


def test_what_is_not_a_file(client: ContentClient) -> None:
    client.put("a/b.txt", b"x")
    for path, code in [("", "not_a_file"), ("a", "not_a_file"), ("x", "not_found"), ("x/y", "parent_not_found")]:
        assert client.get(path).json()["code"] == code, path
    assert client.put("a", b"x").json()["code"] == "not_a_file"
    assert client.put("a/b.txt/c", b"x").json()["code"] == "not_a_folder"
    assert client.put("", b"x").json()["code"] == "invalid_name"


def test_methods(client: ContentClient) -> None:
    answer = client.request("POST", "a.txt", b"x")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "PUT" in answer.headers["Allow"]
    assert client.request("OPTIONS", "a.txt").status_code == 204


def test_quota_is_refused_before_the_body() -> None:
    user = make_user("small@example.com", quota_bytes=100)
    client = ContentClient(user)
    answer = client.put("big", b"x" * 101)
    assert (answer.status_code, answer.json()["code"]) == (507, "quota_exceeded")
    assert client.put("fits", b"x" * 100).status_code == 201
    assert QuotaAccount.objects.get(user=user).live_bytes == 100
    assert client.put("one more", b"x").status_code == 507
    assert client.put("empty", b"").status_code == 201


def test_query_counts(client: ContentClient, django_assert_num_queries: Any) -> None:
    client.put("a/b/c.txt", b"x")
    node = client.get("/api/v1/metadata?path=/a/b/c.txt").json()
    for path in ("a/b/c.txt", f"/api/v1/nodes/{node['id']}/content"):
        with django_assert_num_queries(2):  # the token; the file
            client.get(path)
        with django_assert_num_queries(2):
            client.head(path)
        with django_assert_num_queries(2):
            client.get(path, range="bytes=0-0")


def test_query_counts_of_writes(client: ContentClient, django_assert_max_num_queries: Any) -> None:
    client.put("a/b/first", b"x")
    with django_assert_max_num_queries(28):  # half of them under the lock
        assert client.put("a/b/c.txt", b"new file").status_code == 201
    with django_assert_max_num_queries(28):
        assert client.put("a/b/c.txt", b"new version").status_code == 200
    with django_assert_max_num_queries(28):  # bytes that are there already
        assert client.put("a/b/c.txt", b"new file").status_code == 200


def test_last_modified_is_utc(client: ContentClient) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    client.put("a.txt", b"x")
    shown = datetime.strptime(client.get("a.txt").headers["Last-Modified"], "%a, %d %b %Y %H:%M:%S GMT")
    assert before <= shown.replace(tzinfo=UTC) <= datetime.now(UTC)
