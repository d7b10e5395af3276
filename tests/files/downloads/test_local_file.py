"""files.downloads.local_file: a range of one local file, from memory or as a file that the server sends."""

import os
from pathlib import Path
from typing import Any

import pytest

from accounts.actor import Actor
from files import errors
from files.actions.finish_upload import finish_upload
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.blobs.pools import storage_at, writable_pool
from files.downloads.local_file import IN_MEMORY, SliceResponse, local_answer
from files.models import Pool
from files.queries.file_content import FileContent, file_of_node
from files.queries.target import Target
from tests.files.downloads.stored import AFTER, BEFORE, stored
from tests.support.clients import body_of

pytestmark = pytest.mark.django_db  # closing an answer looks at the connection
LARGE = os.urandom(IN_MEMORY + 2)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"file://{tmp_path}"


def answer(file: FileContent, offset: int, length: int) -> Any:
    return local_answer(file, offset, length, 206, "text/plain", {"X-Sent": "yes"})


@pytest.mark.parametrize(
    ("offset", "length", "sent_as_file"),
    [(0, 1, False), (3, IN_MEMORY, False), (0, IN_MEMORY, False), (1, IN_MEMORY + 1, True), (0, len(LARGE), True)],
)
def test_exactly_the_range(url: str, offset: int, length: int, sent_as_file: bool) -> None:
    offset = min(offset, len(LARGE) - length)
    got = answer(stored(LARGE, url=url), offset, length)
    assert isinstance(got, SliceResponse) is sent_as_file
    if sent_as_file:  # from where gunicorn's sendfile begins
        assert got.file_to_stream.tell() == len(BEFORE) + offset
    assert (got.status_code, got.headers["Content-Type"], got.headers["X-Sent"]) == (206, "text/plain", "yes")
    assert body_of(got) == LARGE[offset : offset + length]
    got.close()
    assert not sent_as_file or got.file_to_stream.closed


def test_servers_without_sendfile_get_pieces(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SliceResponse, "block_size", 10_000)
    got = answer(stored(LARGE, url=url), 1, IN_MEMORY + 1)
    assert [len(piece) for piece in got.streaming_content] == [10_000] * 3 + [IN_MEMORY + 1 - 30_000]
    got.close()


@pytest.mark.parametrize("data", [b"short", LARGE])
def test_a_file_that_is_gone_or_cut_is_damaged(url: str, data: bytes) -> None:
    gone = stored(data, url=url)
    path = Path(storage_at(url).local_path(gone.key or ""))
    path.unlink()
    with pytest.raises(errors.ContentDamaged):
        answer(gone, 0, len(data))
    cut = stored(data, url=url)
    path = Path(storage_at(url).local_path(cut.key or ""))
    path.chmod(0o600)
    os.truncate(path, path.stat().st_size - len(AFTER))
    assert body_of(answer(cut, 0, len(data))) == data
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(errors.ContentDamaged):
        answer(cut, 0, len(data))


def test_a_file_that_cannot_be_opened_is_no_damage(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = stored(b"x", url=url)
    path = Path(storage_at(url).local_path(file.key or ""))
    path.unlink()
    path.symlink_to(path)  # too many levels of links: an error of the operating system
    with pytest.raises(errors.StorageUnavailable):
        answer(file, 0, 1)


def test_not_from_a_store_without_files() -> None:
    assert answer(stored(b"x"), 0, 1) is None


def test_of_many_objects_what_is_in_one(actor: Actor, url: str) -> None:
    writable_pool()
    Pool.objects.update(url=url)
    upload = open_upload(actor, wanted=UploadOptions(Target("a"), length=10))
    for offset, data in ((0, b"01234"), (5, b"56789")):
        write_piece(actor, upload_id=upload.pk, chunks=[data], piece=PieceOptions(offset))
    file = file_of_node(actor, finish_upload(actor, upload_id=upload.pk).node.pk)
    assert file.key is None
    assert body_of(answer(file, 6, 3)) == b"678"
    assert body_of(answer(file, 0, 5)) == b"01234"
    assert answer(file, 4, 2) is None
