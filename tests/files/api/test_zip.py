"""A selection as one zip: valid for Python's reader and for Info-ZIP, complete, its length known."""

import io
import json
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.actor import Actor
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.create_folder import create_folder
from files.actions.write_file import WriteOptions
from files.blobs import resuming
from files.downloads import zip_response as zip_answer
from files.downloads.zip_archive import Archive, length_of
from files.models import Blob, Node
from files.queries import subtree
from files.queries.target import Target
from files.queries.tree import locate_path
from storage.base import ObjectReader, StorageError
from storage.memory import MemoryStorage
from tests.support.clients import ContentClient, body_of
from tests.support.people import make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db

NAMES = ["ümläut", "文字.txt", "😀.bin", ".hidden", "100% #?.txt", "x" * 255, "CON", "a b"]


def zip_of(client: ContentClient, query: str) -> tuple[zipfile.ZipFile, Any]:
    answer = client.get(f"/api/v1/zip?{query}")
    assert answer.status_code == 200, answer.content
    body = body_of(answer)
    if "Content-Length" in answer.headers:
        assert int(answer.headers["Content-Length"]) == len(body)
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    return archive, answer


def test_a_tree(actor: Actor, client: ContentClient) -> None:
    moment = datetime(2020, 2, 29, 12, 30, 41, tzinfo=UTC)
    for name in NAMES:
        put(actor, f"top/deep/{name}", name.encode(), WriteOptions(modified_at=moment))
    put(actor, "top/empty file", b"")
    create_folder(actor, target=Target("top/empty folder/nothing"))
    archive, answer = zip_of(client, "paths=/top")
    contents = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    assert contents == {**{f"top/deep/{name}": name.encode() for name in NAMES}, "top/empty file": b""}
    folders = {info.filename for info in archive.infolist() if info.is_dir()}
    assert folders == {"top/", "top/deep/", "top/empty folder/", "top/empty folder/nothing/"}
    assert archive.getinfo(f"top/deep/{NAMES[0]}").date_time == (2020, 2, 29, 12, 30, 40)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="top.zip"'
    assert answer.headers["Content-Type"] == "application/zip"
    assert archive.getinfo("top/empty file").compress_type == zipfile.ZIP_STORED


@pytest.mark.skipif(shutil.which("unzip") is None, reason="Info-ZIP is not installed")
def test_info_zip_unpacks_it(actor: Actor, client: ContentClient, tmp_path: Path) -> None:
    moment = datetime(2020, 2, 29, 12, 30, 41, tzinfo=UTC)
    for name in NAMES:
        put(actor, f"top/{name}", name.encode(), WriteOptions(modified_at=moment))
    (tmp_path / "a.zip").write_bytes(body_of(client.get("/api/v1/zip?paths=/top")))
    subprocess.run(["unzip", "-q", "a.zip"], cwd=tmp_path, check=True, env={"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"})
    assert {path.name: path.read_text() for path in (tmp_path / "top").iterdir()} == {name: name for name in NAMES}
    assert (tmp_path / "top" / NAMES[0]).stat().st_mtime == moment.timestamp()


def test_several_and_their_names(actor: Actor, client: ContentClient) -> None:
    one, two, three = (put(actor, f"{folder}/a.txt", folder.encode()) for folder in ("x", "y", "Z"))
    put(actor, "loose.txt", b"loose")
    archive, answer = zip_of(client, f"ids={one.node.pk},{two.node.pk}&ids={three.node.pk}&paths=/loose.txt&paths=/x")
    assert {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")} == {
        "a.txt": b"x",
        "a (2).txt": b"y",
        "a (3).txt": b"Z",
        "loose.txt": b"loose",
        "x/a.txt": b"x",
    }
    assert 'filename="files 2' in answer.headers["Content-Disposition"]
    named = client.get('/api/v1/zip?paths=/x&name=ü"%0d%0aX-Evil: 1')
    assert "\r" not in named.headers["Content-Disposition"]
    assert "X-Evil" not in named.headers
    assert "filename*=UTF-8''%C3%BC%22%0D%0AX-Evil%3A%201.zip" in named.headers["Content-Disposition"]


def test_the_whole_space(actor: Actor, client: ContentClient) -> None:
    put(actor, "a/b.txt", b"b")
    archive, _ = zip_of(client, "paths=/")
    assert set(archive.namelist()) == {"a/", "a/b.txt"}


def test_by_post(actor: Actor, client: ContentClient) -> None:
    node = put(actor, "a,b.txt", b"x").node
    for body in ({"ids": [node.pk]}, {"ids": [str(node.pk)], "paths": ["/a,b.txt"], "space": None, "name": "n"}):
        answer = client.request("POST", "/api/v1/zip", json.dumps(body).encode())
        assert zipfile.ZipFile(io.BytesIO(body_of(answer))).namelist() == ["a,b.txt"]
    form = client.request(
        "POST", "/api/v1/zip", b"paths=%2Fa%2Cb.txt", content_type="application/x-www-form-urlencoded"
    )
    assert form.status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("ids=x", 400), ("ids=999999", 404), ("paths=/nothing", 404), ("paths=/../x", 400), ("ids=-1", 400)],
)
def test_what_is_refused(client: ContentClient, query: str, status: int) -> None:
    assert client.get(f"/api/v1/zip?{query}").status_code == status


def test_others_see_nothing(actor: Actor) -> None:
    node = put(actor, "a/b.txt").node
    eve = make_user("eve@example.com")
    for query in (f"ids={node.pk}", f"ids={node.parent_id}", f"paths=/a&space={node.space_id}"):
        assert ContentClient(eve).get(f"/api/v1/zip?{query}").status_code == 404
    assert ContentClient(eve, "write").get("/api/v1/zip?paths=/").status_code == 403
    assert ContentClient().get(f"/api/v1/zip?ids={node.pk}").status_code == 401
    assert ContentClient(eve).request("DELETE", "/api/v1/zip").status_code == 405


def test_backslashes_separate_nothing(actor: Actor, client: ContentClient) -> None:
    put(actor, "..\\..\\evil.txt", b"x")
    archive, _ = zip_of(client, "paths=/")
    assert all("\\" not in name and ".." not in name.split("/") for name in archive.namelist())


def fill(actor: Actor, count: int, folders: int = 7) -> None:
    for start in range(0, count, 500):
        files = [
            SmallFile(f"many/{number % folders}/{number}", b"%d" % number, WriteOptions())
            for number in range(start, min(start + 500, count))
        ]
        bulk_write(actor, folder=Target(), files=files)


@pytest.mark.parametrize("page", [3, 10, 500])
def test_pages(actor: Actor, client: ContentClient, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """However folders and pages fall, everything comes once."""
    fill(actor, 100)
    fill(actor, 120, folders=1)
    monkeypatch.setattr(subtree, "PAGE", page)
    monkeypatch.setattr(subtree, "BATCH", 4)
    archive, _ = zip_of(client, "paths=/many")
    files = [name for name in archive.namelist() if not name.endswith("/")]
    assert len(files) == len(set(files)) == Node.objects.filter(kind=1).count()
    assert all(archive.read(name) == name.rpartition("/")[2].encode() for name in files)


def test_queries_grow_with_pages_only(
    actor: Actor, client: ContentClient, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(actor, 1000)
    with django_assert_max_num_queries(12):
        zip_of(client, "paths=/many")
    monkeypatch.setattr(zip_answer, "PLANNED", 100)
    with django_assert_max_num_queries(12):
        _, answer = zip_of(client, "paths=/many")
    assert "Content-Length" not in answer.headers


def test_a_folder_that_changes_under_it(actor: Actor, client: ContentClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from files.actions.trash import trash_nodes

    fill(actor, 300, folders=3)
    monkeypatch.setattr(zip_answer, "PLANNED", 10)
    monkeypatch.setattr(zip_answer, "GATHERED", 1)
    monkeypatch.setattr(subtree, "PAGE", 20)
    answer = client.get("/api/v1/zip?paths=/many")
    parts = iter(answer.streaming_content)
    body = b"".join(next(parts) for _ in range(50))
    trash_nodes(actor, node_ids=[locate_path(actor, "many/1").node.pk])
    put(actor, "many/2/299", b"changed")
    put(actor, "many/2/new", b"new")
    archive = zipfile.ZipFile(io.BytesIO(body + b"".join(parts)))
    assert archive.testzip() is None
    assert 100 <= len(archive.namelist()) <= 305


def test_a_file_that_cannot_be_read_is_named(
    actor: Actor, client: ContentClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from files.blobs.pools import storage_of

    put(actor, "d/good", b"good")
    put(actor, "d/lost", b"lost")
    blob = Blob.objects.select_related("pool").get(size=4, extents__content__versions__node__name="lost")
    storage_of(blob.pool).delete(blob.key)
    monkeypatch.setattr(zip_answer, "PLANNED", 1)
    archive, _ = zip_of(client, "paths=/d")
    assert set(archive.namelist()) == {"d/", "d/good", "_errors.txt"}
    assert "d/lost" in archive.read("_errors.txt").decode()


def test_a_store_that_is_away_is_said_at_once(
    actor: Actor, client: ContentClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StorageError("unavailable")

    put(actor, "d/e/file", b"bytes")
    monkeypatch.setattr(MemoryStorage, "_open", away)
    answer = client.get("/api/v1/zip?paths=/d")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")


def test_a_store_that_comes_back_is_waited_for(
    actor: Actor, client: ContentClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, faults = MemoryStorage._open, iter([False, True, True])

    def sometimes(*given: Any) -> ObjectReader:
        if next(faults, False):
            raise StorageError("unavailable")
        return whole(*given)

    put(actor, "d/first", b"first")
    put(actor, "d/second", b"second")
    monkeypatch.setattr(MemoryStorage, "_open", sometimes)
    monkeypatch.setattr(resuming, "PAUSE", 0.001)
    archive, _ = zip_of(client, "paths=/d")
    assert archive.read("d/second") == b"second"
    assert next(faults, None) is None, "it was tried three times"


def test_too_many(actor: Actor, client: ContentClient, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(actor, 20)
    monkeypatch.setattr(zip_answer, "MAXIMUM_ENTRIES", 20)
    assert client.get("/api/v1/zip?paths=/many").json()["code"] == "too_many"


MOMENTS = [datetime(year, 1, 2, 3, 4, 5, tzinfo=UTC) for year in (1900, 1975, 2020, 2040, 2200)]


def test_the_length_is_exact_over_four_gib() -> None:
    """ZIP64 sizes and offsets, without the bytes: only the headers are written."""
    sizes = [0, 5, 2**31 - 1, 2**32 + 5, None, 7, 2**33, 1]
    entries = [(f"ü{number}", MOMENTS[number % 5], size) for number, size in enumerate(sizes)]

    class Piece(bytes):
        """Says to be longer than it is."""

        claimed = 0

        def __len__(self) -> int:
            return self.claimed

    def claiming(size: int) -> list[bytes]:
        piece = Piece(b"")
        piece.claimed = size
        return [piece]

    archive, written = Archive(), 0
    for name, modified, size in entries:
        chunks = None if size is None else claiming(size)
        written += sum(len(data) for data in archive.entry(name, modified, chunks, size or 0))
    written += sum(len(data) for data in archive.footer())
    assert length_of(entries) == written


def test_the_directory_needs_little_memory() -> None:
    import tracemalloc

    archive = Archive()
    tracemalloc.start()
    for number in range(20_000):
        for _ in archive.entry(f"folder/file {number}", MOMENTS[2], [b"x"], 1):
            pass
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 20_000 * 150
