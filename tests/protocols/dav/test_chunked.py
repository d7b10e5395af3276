"""Chunking version 1 of ownCloud: `OC-Chunked`, and names that say which chunk it is."""

import hashlib
import itertools
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import QuotaAccount, User
from common.content_hash import BLOCK_SIZE, hash_bytes
from files.actions.uploads import expire_uploads
from files.blobs import reader
from files.maintenance.fsck import Finding, run_fsck
from files.models import Node, Upload, Version
from files.queries.tree import locate_path
from tests.support.clients import Dav
from tests.support.people import actor_of, make_user

pytestmark = pytest.mark.django_db
DATA = random.Random(1).randbytes(300_001)
SHA1 = hashlib.sha1(DATA, usedforsecurity=False).hexdigest()


@pytest.fixture
def user(settings: Any) -> User:
    settings.STORAGE_URL = f"memory://{random.random()}"  # a storage of its own, of which fsck knows every object
    return make_user("ada@example.com")


@pytest.fixture(params=["/dav/", "/remote.php/webdav/"])
def dav(request: Any, user: User) -> Dav:
    return Dav(user, prefix=request.param)


def split(data: bytes, count: int) -> list[bytes]:
    size = -(-len(data) // count)
    return [data[start : start + size] for start in range(0, len(data), size)] if data else [b""]


def send(dav: Dav, index: int, data: bytes, *, name: str = "big.bin", of: str = "4711-3", **headers: str | None) -> Any:
    return dav.put(f"{name}-chunking-{of}-{index}", data, **{"oc_chunked": "1", **headers})


def content(user: User, path: str = "big.bin") -> bytes:
    node = locate_path(actor_of(user), path).node
    assert node.version is not None
    return reader.read_bytes(node.version.content)


def ledger(user: User) -> tuple[int, int]:
    quota = QuotaAccount.objects.get(user=user)
    return quota.live_bytes, quota.uploads_bytes


def no_finding() -> None:
    findings: list[Finding] = []
    run_fsck(hashes=True, on_finding=findings.append)
    assert findings == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_any_order(user: User, dav: Dav, order: tuple[int, ...]) -> None:
    pieces = split(DATA, 3)
    for index in order[:-1]:
        answer = send(dav, index, pieces[index])
        assert answer.status_code == 201
        assert "ETag" not in answer.headers, "by which a client knows that the file is there"
        assert dav.send("GET", "big.bin").status_code == 404
    answer = send(dav, order[-1], pieces[order[-1]])
    assert answer.status_code == 201
    node = Node.objects.get(name="big.bin")
    assert "X-OC-MTime" not in answer.headers, "none was given"
    assert answer.headers["ETag"] == node.etag
    assert content(user) == DATA
    assert ledger(user) == (len(DATA), 0)
    assert not Node.objects.filter(name__contains="chunking").exists()
    no_finding()


def test_blocks_over_the_seams_and_more_than_ten_chunks(user: User, dav: Dav) -> None:
    """By number and not by text: 10 comes after 9. The hash is of the whole, wherever the seams are."""
    data = random.Random(2).randbytes(2 * BLOCK_SIZE + 12345)
    pieces = split(data, 12)
    for index in random.Random(3).sample(range(12), 12):
        assert send(dav, index, pieces[index], of="77-12").status_code == 201
    assert content(user) == data
    version = Version.objects.get(node__name="big.bin")
    assert version.content.content_hash == hash_bytes(data)
    no_finding()


def test_a_chunk_again_takes_its_place(user: User, dav: Dav) -> None:
    pieces = split(DATA, 3)
    send(dav, 1, b"something else, and shorter")
    for index in (1, 0, 0, 2):
        assert send(dav, index, pieces[index]).status_code == 201
    assert content(user) == DATA
    assert ledger(user) == (len(DATA), 0)
    no_finding()


def test_a_new_version(user: User, dav: Dav) -> None:
    dav.put("big.bin", b"before")
    for index, piece in enumerate(split(DATA, 3)):
        answer = send(dav, index, piece)
    assert answer.status_code == 204
    assert content(user) == DATA
    assert Version.objects.filter(node__name="big.bin").count() == 2


def test_the_same_number_for_the_next_version(user: User, dav: Dav) -> None:
    """pyocclient's number is the second in which it begins."""
    other = bytes(reversed(DATA))
    for data in (DATA, other):
        for index, piece in enumerate(split(data, 3)):
            assert send(dav, index, piece).status_code in (201, 204)
        assert content(user) == data
    no_finding()


def test_the_answer_that_was_lost(user: User, dav: Dav) -> None:
    """The last chunk again: it is kept, charged and expires; the file is what it was."""
    pieces = split(DATA, 3)
    for index in (0, 1, 2, 2):
        assert send(dav, index, pieces[index]).status_code == 201
    assert content(user) == DATA
    assert ledger(user) == (len(DATA), len(pieces[2]))


def test_names_and_numbers_are_sets_of_their_own(user: User, dav: Dav) -> None:
    dav.send("MKCOL", "folder")
    pieces = split(DATA, 3)
    names = [("a-chunking-1-2-0", "4711-3"), ("a-chunking-1-2-0", "x_Y-4-3"), ("folder/big.bin", "4711-3")]
    for index in range(2):
        for name, of in names:
            send(dav, index, pieces[index], name=name, of=of)
    assert Upload.objects.count() == 3
    send(dav, 2, pieces[2], name="folder/big.bin")
    assert content(user, "folder/big.bin") == DATA
    assert dav.send("GET", "a-chunking-1-2-0").status_code == 404
    send(dav, 2, pieces[2], name="a-chunking-1-2-0")
    assert content(user, "a-chunking-1-2-0") == DATA


def test_one_chunk_and_empty_ones(user: User, dav: Dav) -> None:
    assert send(dav, 0, DATA, of="1-1").headers["ETag"]
    assert content(user) == DATA
    assert send(dav, 0, b"", of="2-1", name="empty").headers["ETag"]
    assert content(user, "empty") == b""
    assert "ETag" not in send(dav, 1, b"", of="3-2", name="half").headers
    assert "ETag" in send(dav, 0, DATA, of="3-2", name="half").headers
    assert content(user, "half") == DATA
    assert "ETag" not in send(dav, 1, b"", of="3-2", name="filled").headers
    send(dav, 1, DATA[5:], of="3-2", name="filled")
    send(dav, 0, DATA[:5], of="3-2", name="filled")
    assert content(user, "filled") == DATA
    no_finding()


@pytest.mark.parametrize("with_index", [0, 1, 2])
def test_the_checksum_of_the_whole(user: User, dav: Dav, with_index: int) -> None:
    """Whichever chunk it came with: what is wrong is not put there, and is put there when it is right."""
    pieces = split(DATA, 3)
    headers = {with_index: {"oc_checksum": f"SHA1:{SHA1}"}}
    send(dav, 2, pieces[2][::-1], **headers.get(2, {}))
    send(dav, 0, pieces[0], **headers.get(0, {}))
    answer = send(dav, 1, pieces[1], **headers.get(1, {}))
    assert answer.status_code == 400
    assert dav.send("GET", "big.bin").status_code == 404
    answer = send(dav, 2, pieces[2], **headers.get(2, {}))
    assert answer.status_code == 201
    assert content(user) == DATA


def test_a_checksum_of_the_chunk_itself(user: User, dav: Dav) -> None:
    """Some clients send that; and in the headers that are always of a body, it is refused at once when it is wrong."""
    for index, piece in enumerate(split(DATA, 3)):
        sha1 = hashlib.sha1(piece, usedforsecurity=False).hexdigest()
        assert send(dav, index, piece, oc_checksum=f"SHA1:{sha1}").status_code == 201
    assert content(user) == DATA
    wrong = send(dav, 0, b"x", of="8-2", content_md5="1B2M2Y8AsgTpgAmY7PhCfg==")
    assert wrong.status_code == 400
    assert send(dav, 0, b"x", of="8-2", oc_checksum="SHA1:nonsense").status_code == 400


def test_the_length_of_the_whole(user: User, dav: Dav) -> None:
    pieces, total = split(DATA, 3), str(len(DATA))
    send(dav, 0, pieces[0], oc_total_length=total)
    assert ledger(user) == (0, len(DATA)), "reserved"
    assert send(dav, 1, pieces[1], oc_total_length="5").status_code == 400
    send(dav, 1, pieces[1][:-1], oc_total_length=total)
    assert send(dav, 2, pieces[2], oc_total_length=total).status_code == 400
    assert dav.send("GET", "big.bin").status_code == 404
    assert send(dav, 1, pieces[1], oc_total_length=total).status_code == 201
    assert content(user) == DATA
    send(dav, 0, pieces[0], of="9-2")
    assert send(dav, 1, pieces[1], of="9-2", oc_total_length=total).status_code == 400, "said with the last one only"


def test_the_time(user: User, dav: Dav) -> None:
    pieces = split(DATA, 3)
    first = send(dav, 2, pieces[2], x_oc_mtime="1234567890")
    assert "X-OC-MTime" not in first.headers
    send(dav, 0, pieces[0])
    assert send(dav, 1, pieces[1]).headers["X-OC-MTime"] == "accepted"
    assert Node.objects.get(name="big.bin").modified_at == datetime.fromtimestamp(1234567890, UTC)


def test_conditions(user: User, dav: Dav) -> None:
    """Refused at once, and looked at again when the whole is put there."""
    etag = dav.put("big.bin", b"before").headers["ETag"]
    pieces = split(DATA, 3)
    assert send(dav, 0, pieces[0], if_match='"other"').status_code == 412
    assert not Upload.objects.exists()
    send(dav, 0, pieces[0], if_match=etag)
    send(dav, 1, pieces[1])
    dav.put("big.bin", b"somebody else's")
    assert send(dav, 2, pieces[2]).status_code == 412, "the condition that came with the first"
    assert content(user) == b"somebody else's"
    etag = dav.send("HEAD", "big.bin").headers["ETag"]
    assert send(dav, 2, pieces[2], if_match=etag).status_code == 204
    assert content(user) == DATA


def test_what_cannot_succeed_is_refused_before(user: User, dav: Dav) -> None:
    assert send(dav, 0, b"x", name="no/such/folder.bin").status_code == 409
    assert send(dav, 0, b"x", name="a%00b").status_code in (400, 403)
    reader_only = Dav(user, "read", prefix=dav.prefix)
    assert send(reader_only, 0, b"x").status_code == 403
    stranger = Dav(None, prefix=dav.prefix)
    assert send(stranger, 0, b"x").status_code == 401
    QuotaAccount.objects.filter(user=user).update(limit_bytes=1000)
    assert send(dav, 0, DATA).status_code == 507
    assert send(dav, 0, b"x", of="1-2", oc_total_length="1001").status_code == 507
    assert ledger(user) == (0, 0)


def test_a_lock_of_somebody(user: User, dav: Dav) -> None:
    dav.put("big.bin", b"before")
    body = "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>"
    token = dav.send("LOCK", "big.bin", body).headers["Lock-Token"]
    assert send(dav, 0, b"x", of="1-1").status_code == 423
    assert send(dav, 0, b"x", of="1-1", **{"if": f"({token})"}).status_code == 204


@pytest.mark.parametrize(
    "name",
    [
        "big.bin",
        "big.bin-chunking-1-2",
        "big.bin-chunking-1-2-x",
        "big.bin-chunking-1-2-2",
        "big.bin-chunking-1-2--1",
        "big.bin-chunking-1-0-0",
        "big.bin-chunking-1-10001-0",
        "-chunking-1-2-0",
        "big.bin-chunking--2-0",
        "big.bin-chunking-1-2-0/",
    ],
)
def test_what_is_no_chunk_is_refused(user: User, dav: Dav, name: str) -> None:
    assert dav.put(name, b"x", oc_chunked="1").status_code in (400, 403)
    assert not Upload.objects.exists()
    assert Node.objects.filter(name__contains="big").count() == 0


def test_without_the_header_it_is_a_file(user: User, dav: Dav) -> None:
    name = "big.bin-chunking-4711-2-0"
    assert dav.put(name, b"x").status_code == 201
    assert content(user, name) == b"x"
    assert dav.put("y", b"x", oc_chunked="0").status_code == 400
    assert dav.put("y", b"x", oc_chunked="").status_code == 400


def test_a_set_that_is_never_complete_expires(user: User, dav: Dav) -> None:
    send(dav, 0, DATA)
    assert ledger(user) == (0, len(DATA))
    Upload.objects.update(expires_at=timezone.now())
    assert expire_uploads() == 1
    assert ledger(user) == (0, 0)
    no_finding()
