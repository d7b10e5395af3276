"""POST /remote.php/dav/bulk."""

import hashlib
import random
from typing import Any

import pytest

from accounts.models import QuotaAccount, User
from files import errors
from files.models import Blob, Node
from files.queries.tree import locate_path
from http_kit.body_memory import memory
from http_kit.parameters import boundary_of
from protocols.nextcloud import bulk as module
from protocols.nextcloud.related import Broken, parse_related
from tests.support.clients import Nextcloud
from tests.support.people import actor_of
from tests.support.trees import bytes_at, put

pytestmark = pytest.mark.django_db
BOUNDARY = "boundary_.oOo._abc"


def part(path: str | None, data: bytes, **headers: str) -> bytes:
    given = {"X-File-Path": path, "Content-Length": str(len(data)), "X-File-Mtime": "1700000000"}
    given["X-File-MD5"] = hashlib.md5(data).hexdigest()
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value is not None]
    return b"\r\n".join([f"--{BOUNDARY}".encode(), *(line.encode() for line in lines), b"", data, b""])


def post(client: Nextcloud, *parts: bytes, end: bytes = f"--{BOUNDARY}--\r\n".encode(), **headers: str) -> Any:
    headers.setdefault("content_type", f'multipart/related; boundary="{BOUNDARY}"')
    return client.send("POST", "/remote.php/dav/bulk", b"".join(parts) + end, **headers)


def test_many_files_in_one_request(user: User, client: Nextcloud) -> None:
    put(actor_of(user), "Ünï/old", b"x")
    tricky = b"\r\n--" + BOUNDARY.encode() + b"--\r\n"
    answer = post(
        client, part("/a.txt", b"abc"), part("/Ünï/b c#%.txt", tricky), part("/empty", b""), part("/z", b"\r\n")
    )
    assert answer.status_code == 200
    told = answer.json()
    assert list(told) == ["/a.txt", "/Ünï/b c#%.txt", "/empty", "/z"]
    for path, result in told.items():
        node = locate_path(actor_of(user), path).node
        assert result["error"] is False
        assert f'"{result["etag"]}"' == node.etag
        assert result["fileid"].startswith(f"{node.pk:08d}")
        assert (result["permissions"], result["X-OC-MTime"]) == ("RGDNVW", "accepted")
        assert node.modified_at.timestamp() == 1_700_000_000
    assert bytes_at(actor_of(user), "Ünï/b c#%.txt") == tricky
    assert bytes_at(actor_of(user), "empty") == b""
    assert bytes_at(actor_of(user), "z") == b"\r\n"


def test_one_object_and_few_queries(user: User, client: Nextcloud, django_assert_max_num_queries: Any) -> None:
    files = [part(f"/{number}.txt", b"%d" % number) for number in range(100)]
    with django_assert_max_num_queries(45):
        assert post(client, *files).status_code == 200
    assert Node.objects.filter(name__endswith=".txt").count() == 100
    assert Blob.objects.count() == 1


def test_one_that_is_refused_holds_up_no_other(user: User, client: Nextcloud) -> None:
    old = put(actor_of(user), "old.txt", b"old")
    answer = post(
        client,
        part("/wrong.txt", b"abc", X_File_MD5="0" * 32),
        part("/missing/a.txt", b"abc"),
        part("/../up.txt", b"abc"),
        part("/changed.txt", b"new", If_Match='"other"'),
        part("/time.txt", b"abc", X_File_Mtime="yesterday"),
        part("/sum.txt", b"abc", OC_Checksum="SHA1:" + "0" * 40),
        part("/old.txt", b"newer", If_Match=old.node.etag),
        part("/good.txt", b"abc", OC_Checksum=f"SHA1:{hashlib.sha1(b'abc').hexdigest()}"),
        part("/twice.txt", b"1"),
    )
    assert answer.status_code == 200
    told = answer.json()
    assert [path for path, result in told.items() if not result["error"]] == ["/old.txt", "/good.txt", "/twice.txt"]
    assert all(result["message"] for result in told.values() if result["error"])
    assert bytes_at(actor_of(user), "old.txt") == b"newer"
    assert not Node.objects.filter(name__in=["wrong.txt", "missing", "up.txt", "changed.txt", "sum.txt"]).exists()


def test_a_large_file_goes_by_itself(user: User, client: Nextcloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE", 1000)
    data = random.Random(1).randbytes(5000)
    refused = part("/missing/large", data)
    answer = post(client, part("/a", b"x"), part("/large", data), refused, part("/b", b"y"))
    told = answer.json()
    assert [told[path]["error"] for path in ("/a", "/large", "/missing/large", "/b")] == [False, False, True, False]
    assert bytes_at(actor_of(user), "large") == data
    assert bytes_at(actor_of(user), "b") == b"y"


def test_more_than_one_batch(user: User, client: Nextcloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GATHERED_FILES", 3)
    before = memory._free
    answer = post(client, *(part(f"/{number}", b"x" * number) for number in range(8)))
    assert len(answer.json()) == 8
    assert not any(result["error"] for result in answer.json().values())
    assert memory._free == before


def test_a_full_quota_is_said_of_each(user: User, client: Nextcloud) -> None:
    QuotaAccount.objects.filter(user=user).update(limit_bytes=5)
    told = post(client, part("/a", b"123"), part("/b", b"456")).json()
    assert [told[path]["error"] for path in ("/a", "/b")] == [True, True]
    assert QuotaAccount.objects.get(user=user).live_bytes == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--",
        b"garbage\r\n",
        f"--{BOUNDARY}\r\nX-File-Path: /a\r\n\r\nabc\r\n".encode(),
        f"--{BOUNDARY}\r\nX-File-Path: /a\r\nContent-Length: -1\r\n\r\n".encode(),
        f"--{BOUNDARY}\r\nX-File-Path: /a\r\nContent-Length: 99999999999999999999\r\n\r\n".encode(),
        f"--{BOUNDARY}\r\nno colon\r\n\r\n".encode(),
        f"--{BOUNDARY}\r\n".encode() + b"a: b\r\n" * 100,
        f"--{BOUNDARY}\r\n".encode() + b"a: " + b"b" * 100_000,
        part("/a", b"abc", Content_Length="100"),
        part("/a", b"abc", Content_Length="2"),
    ],
)
def test_a_body_that_breaks_off(client: Nextcloud, body: bytes) -> None:
    answer = post(client, part("/first", b"x"), body, end=b"")
    assert answer.status_code == 400
    assert answer.json()["/first"]["error"] is False
    assert Node.objects.filter(name="first").exists()
    assert Node.objects.filter(name="a").count() in (0, 1)


def test_what_is_no_bulk_upload(user: User, client: Nextcloud) -> None:
    assert post(client, content_type="multipart/form-data; boundary=x").status_code == 415
    assert post(client, content_type="multipart/related").status_code == 400
    assert client.send("PUT", "/remote.php/dav/bulk", b"x").status_code == 405
    assert post(Nextcloud(None)).status_code == 401
    assert post(Nextcloud(user, "read"), part("/a", b"x")).status_code == 403
    assert post(client).json() == {}
    unnamed = post(client, part(None, b"x"), part("/b", b"y")).json()
    assert unnamed[""]["error"]
    assert not unnamed["/b"]["error"]
    assert not Node.objects.filter(name="a").exists()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_the_parser_does_not_mind_how_bytes_arrive(size: int) -> None:
    whole = part("/a", b"abc\r\n") + part("/b", b"") + part("/c", b"x" * 300) + f"--{BOUNDARY}--".encode()
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    boundary = boundary_of(f"multipart/related; boundary={BOUNDARY}; type=x")
    found = [(part.headers["x-file-path"], b"".join(part.chunks)) for part in parse_related(chunks, boundary)]
    assert found == [("/a", b"abc\r\n"), ("/b", b""), ("/c", b"x" * 300)]
    assert [part.length for part in parse_related(chunks, boundary)] == [5, 0, 300]  # unread parts are skipped
    with pytest.raises(Broken):
        list(parse_related([whole.replace(b"abc", b"abcd")], boundary))
    assert issubclass(Broken, errors.InvalidRequest)
