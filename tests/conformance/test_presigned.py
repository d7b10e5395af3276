"""URLs for other people: they do exactly what they were made for."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests

from storage import Storage, open_storage
from tests.conformance.conftest import S3_BACKENDS, in_their_group
from tests.conformance.objects import MIB, SOON, content_of, left_behind, new_key, read
from tests.servers.s3 import S3Server

pytestmark = pytest.mark.parametrize("backend", in_their_group(S3_BACKENDS), indirect=True)


REFUSED = (400, 403)  # Swift says 400 to a request without a signature
LACKS = {  # beside `local_path`; what is missing is done in another way, or refused
    "swift": {"conditional_put", "checksum_enforced", "bulk_delete"},
}


def test_every_s3_server_of_ours_can_do_what_it_could(backend: str, storage: Storage) -> None:
    """Should a new release lose something, a skipped test must not be the only sign."""
    can = storage.capabilities.as_dict()
    assert {name for name, able in can.items() if not able} == {"local_path"} | LACKS.get(backend, set())


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("report.pdf", 'attachment; filename="report.pdf"'),
        ("100%.txt", "attachment; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
        ('a"b\\c.txt', "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"),
        (
            "Übersicht 😀.txt",
            "attachment; filename=\"_bersicht _.txt\"; filename*=UTF-8''%C3%9Cbersicht%20%F0%9F%98%80.txt",
        ),
    ],
)
def test_presigned_get_serves_name_and_type(storage: Storage, filename: str, expected: str) -> None:
    key, content = new_key(), content_of(9 * MIB)
    storage.put(key, [content])
    url = storage.presigned_get(key, expires=SOON, filename=filename, content_type="application/x-test")
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["Content-Disposition"] == expected
    assert answer.headers["Content-Type"] == "application/x-test"
    part = requests.get(url, headers={"Range": "bytes=5-14"}, timeout=20)
    assert (part.status_code, part.content) == (206, content[5:15])


def test_presigned_get_is_good_for_one_object_one_type_and_reading_only(storage: Storage) -> None:
    key, other = new_key(), new_key()
    storage.put(key, [b"mine"])
    storage.put(other, [b"theirs"])
    url = storage.presigned_get(key, expires=SOON, filename="x", content_type="text/plain")
    assert requests.get(url.replace(key, other), timeout=20).status_code in REFUSED
    assert requests.get(url.replace("text%2Fplain", "text%2Fhtml"), timeout=20).status_code in REFUSED
    assert requests.put(url, data=b"overwritten", timeout=20).status_code in REFUSED
    assert requests.delete(url, timeout=20).status_code in REFUSED
    assert requests.get(url.partition("?")[0], timeout=20).status_code in REFUSED
    assert read(storage, key) == b"mine"


def test_presigned_get_expires(storage: Storage) -> None:
    key = new_key()
    storage.put(key, [b"x"])
    url = storage.presigned_get(key, expires=timedelta(seconds=1), filename="x", content_type="text/plain")
    deadline = time.monotonic() + 20
    while requests.get(url, timeout=20).status_code != 403:
        assert time.monotonic() < deadline, "the URL is still good"
        time.sleep(0.2)


def test_presigned_urls_go_to_the_public_endpoint(s3_server: S3Server) -> None:
    storage = open_storage(s3_server.url(public_endpoint="https://files.example.org:8443"))
    key = new_key()
    for url in (
        storage.presigned_get(key, expires=SOON, filename="x", content_type="text/plain"),
        storage.presigned_put(key, size=1, sha256=bytes(32), expires=SOON).url,
    ):
        assert urlsplit(url).netloc == "files.example.org:8443"
        assert urlsplit(url).scheme == "https"


@pytest.mark.parametrize("size", [0, 1, 5 * MIB])
def test_presigned_put_takes_the_right_bytes(storage: Storage, size: int) -> None:
    key, content = new_key(), content_of(size)
    wanted = storage.presigned_put(key, size=size, sha256=hashlib.sha256(content).digest(), expires=SOON)
    answer = requests.request(wanted.method, wanted.url, headers=wanted.headers, data=content, timeout=20)
    assert answer.status_code == 200, answer.text
    assert read(storage, key) == content
    can = storage.capabilities
    assert storage.checksum(key) in {hashlib.sha256(content).digest(), *([] if can.checksum_enforced else [None])}
    if can.conditional_put:
        again = requests.request(wanted.method, wanted.url, headers=wanted.headers, data=content, timeout=20)
        assert again.status_code == 412


@pytest.mark.parametrize("lie", ["other bytes", "longer", "shorter", "other key", "no checksum", "own checksum"])
def test_presigned_put_refuses_anything_else(storage: Storage, lie: str) -> None:
    """The capability says so; this is what it means."""
    if not storage.capabilities.checksum_enforced:
        pytest.skip("the server takes other bytes than announced: no pool on it takes direct uploads")
    key, content = new_key(), content_of(100_000)
    wanted = storage.presigned_put(key, size=len(content), sha256=hashlib.sha256(content).digest(), expires=SOON)
    url, headers = wanted.url, dict(wanted.headers)
    if lie == "other bytes":
        content = content[:-1] + bytes([content[-1] ^ 1])
    elif lie in ("longer", "shorter"):
        content = content + b"x" if lie == "longer" else content[:-1]
        headers["Content-Length"] = str(len(content))
    elif lie == "other key":
        url = url.replace(key, new_key())
    elif lie == "no checksum":
        del headers["x-amz-checksum-sha256"]
    else:
        content = content[::-1]
        headers["x-amz-checksum-sha256"] = "x" * 43 + "="
    answer = requests.put(url, headers=headers, data=content, timeout=20)
    assert 400 <= answer.status_code < 500
    assert not storage.exists(key)
    assert left_behind(storage) == []
