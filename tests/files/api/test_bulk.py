"""POST /bulk, and its formats."""

import io
import json
import tarfile
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import QuotaAccount, User
from files.actions import bulk_write
from files.api.bulk import Part, parse_multipart, parse_tar
from files.errors import InvalidRequest
from files.queries.tree import locate_path
from http_kit.body_memory import BodyMemory, memory
from http_kit.parameters import boundary_of
from tests.support.clients import Api, items, problem
from tests.support.trees import bytes_at, put

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def form(*parts: tuple[str, bytes], headers: str = "") -> tuple[bytes, str]:
    """Body and content type, as curl and browsers write them."""
    body = b""
    for name, data in parts:
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        body += f'--b0undary\r\nContent-Disposition: form-data; name="{quoted}"; filename="x"\r\n{headers}\r\n'.encode()
        body += data + b"\r\n"
    return body + b"--b0undary--\r\n", "multipart/form-data; boundary=b0undary"


def archive(*entries: "tarfile.TarInfo | tuple[str, bytes]", kind: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=kind) as tar:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                tar.addfile(entry)
                continue
            info = tarfile.TarInfo(entry[0])
            info.size, info.mtime = len(entry[1]), int(WHEN.timestamp())
            tar.addfile(info, io.BytesIO(entry[1]))
    return stream.getvalue()


def send(api: Api, body: bytes, kind: str, query: str = "") -> Any:
    return api.post(f"/bulk{query}", body, Content_Type=kind)


NAMES = ["a/b.txt", "ü/📁.txt", "%41.txt", "a#?;=&.txt", "x" * 255, ".hidden", "line\nbreak", 'q"uote', "back\\slash"]


@pytest.mark.django_db
def test_a_form(api: Api, actor: Actor) -> None:
    parts = [(name, f"{number}".encode()) for number, name in enumerate(NAMES)]
    body, kind = form(*parts, headers=f"X-Modified-At: {WHEN.isoformat()}\r\n")
    found = items(send(api, body, kind))
    assert [(row["path"], row["created"], row["error"]) for row in found] == [(name, True, None) for name in NAMES]
    for number, name in enumerate(NAMES):
        assert bytes_at(actor, name) == f"{number}".encode()
        place = locate_path(actor, name)
        assert place.path == f"/{name}"
        assert place.node.modified_at == WHEN
        assert found[number]["etag"] == place.node.etag
    again = items(send(api, body, kind))
    assert [(row["id"], row["version_id"], row["changed"]) for row in again] == [
        (row["id"], row["version_id"], False) for row in found
    ]


@pytest.mark.django_db
def test_a_manifest_carries_every_name(api: Api, actor: Actor) -> None:
    names = ["a%22b.txt", "100%0A.txt", *NAMES]
    files = [{"path": name, "modified_at": WHEN.isoformat()} for name in names]
    body, kind = form(
        ("manifest", json.dumps({"files": files}).encode()), *((str(i), b"x%d" % i) for i in range(len(names)))
    )
    found = items(send(api, body, kind, "?manifest=true"))
    assert [(row["path"], row["error"]) for row in found] == [(name, None) for name in names]
    assert [bytes_at(actor, name) for name in names] == [b"x%d" % i for i in range(len(names))]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_an_archive(api: Api, actor: Actor, kind: int) -> None:
    names = ["./a/b.txt", "deep/" * 30 + "c.txt", "empty"] + ([] if kind == tarfile.USTAR_FORMAT else NAMES[1:])
    body = archive(*((name, name.encode() if name != "empty" else b"") for name in names), kind=kind)
    folder = api.post("/folders", {"path": "/into"}).json()["id"]
    found = items(send(api, body, "application/x-tar", f"?parent_id={folder}"))
    assert [row["error"] for row in found] == [None] * len(names)
    for name in names:
        path = f"/into/{name.removeprefix('./')}"
        assert bytes_at(actor, path) == (name.encode() if name != "empty" else b"")
        assert locate_path(actor, path).node.modified_at == WHEN


@pytest.mark.django_db
def test_only_plain_files_are_taken_from_an_archive(api: Api) -> None:
    special = []
    for number, kind in enumerate(
        (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.BLKTYPE)
    ):
        info = tarfile.TarInfo(f"s{number}")
        info.type, info.linkname = kind, "/etc/passwd"
        special.append(info)
    folder = tarfile.TarInfo("folder")
    folder.type = tarfile.DIRTYPE
    found = items(send(api, archive(folder, *special, ("ok.txt", b"ok")), "application/x-tar"))
    assert [row["error"] and row["error"]["code"] for row in found] == ["invalid_request"] * 5 + [None]
    assert [row["name"] for row in items(api.get("/folders"))] == ["ok.txt"]


@pytest.mark.django_db
def test_a_refused_file_holds_up_no_other(api: Api, actor: Actor) -> None:
    put(actor, "taken.txt"), put(actor, "folder/x.txt")
    bad = ["../up", "a/../b", "nul\0", "", "/", "n" * 256, "taken.txt/below", "folder"]
    body, kind = form(*((name, b"x") for name in [*bad, "/abs/olute.txt", "ok.txt", "ok.txt"]))
    found = items(send(api, body, kind))
    codes = [row["error"] and row["error"]["code"] for row in found]
    assert codes == ["invalid_name"] * 6 + ["not_a_folder", "not_a_file", None, None, "name_taken"]
    assert locate_path(actor, "/abs/olute.txt").node.size == 1
    assert found[0]["error"]["status"] == 400
    assert all(row["id"] is None for row in found[:8])


@pytest.mark.django_db
def test_modes(api: Api, actor: Actor) -> None:
    put(actor, "a.txt", b"old")
    body, kind = form(("a.txt", b"new"))
    assert items(send(api, body, kind, "?mode=create"))[0]["error"]["code"] == "name_taken"
    assert items(send(api, body, kind, "?mode=create&autorename=true"))[0]["name"] == "a (2).txt"
    assert bytes_at(actor, "a.txt") == b"old"
    assert items(send(api, body, kind))[0]["created"] is False
    assert bytes_at(actor, "a.txt") == b"new"


@pytest.mark.django_db
def test_limits(api: Api, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    body, kind = form(*((str(i), b"") for i in range(1001)))
    assert problem(send(api, body, kind)) == (400, "too_many")
    assert problem(send(api, archive(*((str(i), b"") for i in range(1001))), "application/x-tar")) == (400, "too_many")
    assert problem(send(api, b"x" * (36 * 1024 * 1024 + 1), kind)) == (413, "too_large")
    monkeypatch.setattr(bulk_write, "MAXIMUM_BYTES", 100)
    body, kind = form(("a", b"x" * 60), ("b", b"x" * 60))
    assert problem(send(api, body, kind)) == (413, "too_large")
    QuotaAccount.objects.filter(user=user).update(limit_bytes=50)
    body, kind = form(("a", b"x" * 60))
    assert problem(send(api, body, kind)) == (507, "quota_exceeded")
    assert items(api.get("/folders")) == []


@pytest.mark.django_db
def test_bodies_share_a_bounded_memory(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds no room waits a moment and is told when to try again; what was taken is given back."""
    monkeypatch.setattr(memory, "_free", 5_000_000)
    monkeypatch.setattr(memory, "patience", 0.1)
    body, kind = form(("a", b"x" * 3_000_000))
    with memory.share() as other:
        other.take(3_000_000)
        refused = send(api, body, kind)
        assert problem(refused) == (503, "overloaded")
        assert int(refused["Retry-After"]) > 0
    assert items(api.get("/folders")) == []
    for _ in range(3):
        assert send(api, body, kind).status_code == 200
        assert problem(send(api, body[:-9], kind)) == (400, "invalid_request")
    assert memory._free == 5_000_000


def test_who_waits_for_memory_gets_it_when_somebody_is_done() -> None:
    scarce = BodyMemory(budget=10, patience=30)
    done = threading.Event()

    def second() -> None:
        with scarce.share() as share:
            share.take(7)
            done.set()

    with scarce.share() as first:
        first.take(6)
        thread = threading.Thread(target=second)
        thread.start()
        assert not done.wait(0.2)
    thread.join(20)
    assert done.is_set()


@pytest.mark.django_db
def test_where_it_goes(api: Api, actor: Actor) -> None:
    body, kind = form(("a.txt", b"x"))
    file = put(actor, "file.txt").node
    assert problem(send(api, body, kind, "?path=/no")) == (404, "not_found")
    assert problem(send(api, body, kind, "?parent_id=999999")) == (404, "not_found")
    assert problem(send(api, body, kind, f"?parent_id={file.pk}")) == (409, "not_a_folder")
    assert problem(send(api, body, kind, "?parent_id=x")) == (400, "invalid_request")
    assert problem(send(api, body, "application/zip")) == (415, "unsupported_media_type")
    assert problem(send(api, body, "multipart/form-data")) == (400, "invalid_request")
    api.post("/folders", {"path": "/x/y"})
    send(api, body, kind, "?path=/x/y")
    assert locate_path(actor, "/x/y/a.txt").node.size == 1


@pytest.mark.django_db
def test_checksums_in_the_manifest(api: Api) -> None:
    files = [
        {"path": "good", "checksums": {"md5": "9dd4e461268c8034f5c8564e155c67a6"}},
        {"path": "bad", "checksums": {"md5": "0" * 32}},
    ]
    body, kind = form(("", json.dumps({"files": files}).encode()), ("0", b"x"), ("1", b"x"))
    found = items(send(api, body, kind, "?manifest=1"))
    assert [row["error"] and row["error"]["code"] for row in found] == [None, "checksum_mismatch"]


def parse(body: bytes, *, manifest: bool = False) -> list[Part]:
    return list(parse_multipart(body, b"b0undary", manifest=manifest))


def test_data_is_exact() -> None:
    blobs = [b"", b"\r\n", b"--b0undar", b"\r\n--b0undar", b"\r\n\r\n", b"\0" * 10, b"--"]
    assert [part.data for part in parse(form(*(("n", data) for data in blobs))[0])] == blobs


def test_a_preamble_and_padding_are_skipped() -> None:
    body = b'hello\r\n--b0undary \t\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b0undary--\r\nbye'
    assert [(part.path, part.data) for part in parse(body)] == [("a", b"x")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary here",
        b"--b0undary",
        b"--b0undary\r\n",
        b"--b0undary\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b0undary--",
        b'--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
        b'--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b0undary',
        b'--b0undaryx\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b0undary--',
        b"--b0undary\r\n" + b"X" * 100_000 + b"\r\n\r\nx\r\n--b0undary--",
    ],
)
def test_broken_forms(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse(body)


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b'{"files": {}}',
        b'{"files": [{}]}',
        b'{"files": [7]}',
        b'{"files": []}',
        b"[" * 10_000,
        b'{"files": [{"path": "a"}, {"path": "b"}]}',
        b'{"files": [{"path": "a", "checksums": [1]}]}',
    ],
)
def test_broken_manifests(manifest: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse(form(("m", manifest), ("0", b"x"))[0], manifest=True)


def test_boundaries() -> None:
    assert boundary_of('multipart/form-data; boundary="a b"; charset=x') == b"a b"
    assert boundary_of("multipart/form-data; charset=x; boundary=abc") == b"abc"
    for bad in ("multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 71}"):
        with pytest.raises(InvalidRequest):
            boundary_of(bad)


def test_every_cut_of_an_archive_is_noticed() -> None:
    body = archive(("a", b"x" * 700), ("ü" * 80, b"y" * 10))
    end = len(body.rstrip(b"\0"))
    end += -end % 512  # what follows is the end mark and padding
    assert [len(part.data) for part in parse_tar(body[: end + 512])] == [700, 10]
    for cut in (*range(0, end, 37), end, end + 511):
        with pytest.raises(InvalidRequest):
            list(parse_tar(body[:cut]))


def test_damaged_archives() -> None:
    body = bytearray(archive(("a", b"x" * 700)))
    for position in (0, 100, 124, 148, 156):
        damaged = bytearray(body)
        damaged[position] ^= 0x55
        with pytest.raises(InvalidRequest):
            list(parse_tar(bytes(damaged)))
    for size in (b"-1", b"1_0", b"x", b"\x80" + b"\xff" * 11, b"\xff" * 12):
        header = bytearray(body[:512])
        header[124:136] = size.ljust(12, b"\0")[:12]
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        with pytest.raises(InvalidRequest):
            list(parse_tar(bytes(header)))
