"""files.queries.uploads: each person's own, and what has arrived of them."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.actor import READ, Actor
from common.clock import now
from files import errors
from files.actions.finish_upload import finish_upload
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Upload, UploadPiece
from files.queries.target import Target
from files.queries.uploads import contiguous, get_named_upload, get_upload, list_uploads, missing_ranges, pieces_of
from tests.support.people import SYSTEM

pytestmark = pytest.mark.django_db


def begin(actor: Actor, *pieces: tuple[int, bytes], path: str = "a", **options: object) -> Upload:
    upload = open_upload(actor, wanted=UploadOptions(Target(path), length=10, **options))  # type: ignore[arg-type]
    for offset, data in pieces:
        write_piece(actor, upload_id=upload.pk, chunks=[data], piece=PieceOptions(offset))
    return upload


def expire(upload: Upload) -> None:
    Upload.objects.filter(pk=upload.pk).update(expires_at=now())


def test_one_of_ones_own(actor: Actor, outsider: Actor) -> None:
    upload = begin(actor)
    assert get_upload(actor, upload.pk) == get_upload(actor, str(upload.pk), protocol="api") == upload
    assert get_upload(SYSTEM, upload.pk) == upload
    for somebody, upload_id, protocol in (
        (outsider, upload.pk, None), (actor, upload.pk, "tus"), (actor, uuid.uuid4(), None), (actor, "odd", None),
        (actor, "", None),
    ):  # fmt: skip
        with pytest.raises(errors.UploadNotFound):
            get_upload(somebody, upload_id, protocol=protocol)
    with pytest.raises(errors.ScopeMissing):
        get_upload(replace(actor, scopes=frozenset({READ})), upload.pk)
    expire(upload)
    with pytest.raises(errors.UploadNotFound):
        get_upload(actor, upload.pk)


def test_by_name_it_is_the_last_of_ones_own(actor: Actor, outsider: Actor) -> None:
    first = begin(actor, (0, b"0123456789"), name="n", protocol="chunks")
    finish_upload(actor, upload_id=first.pk)
    assert get_named_upload(actor, "n", protocol="chunks") == first
    second = begin(actor, name="n", protocol="chunks", path="b")
    assert get_named_upload(actor, "n", protocol="chunks") == second
    begin(outsider, name="theirs", protocol="chunks")
    begin(actor, path="c")  # without a name
    for name, protocol in (("n", "tus"), ("theirs", "chunks"), ("", "api"), ("x", "chunks")):
        with pytest.raises(errors.UploadNotFound):
            get_named_upload(actor, name, protocol=protocol)
    expire(second)
    assert get_named_upload(actor, "n", protocol="chunks") == first


def test_the_unfinished_ones_latest_first(actor: Actor, outsider: Actor) -> None:
    old = begin(actor, (0, b"01"), (5, b"567"))
    new = begin(actor, path="b", protocol="tus")
    finish_upload(actor, upload_id=begin(actor, (0, b"0123456789"), path="c").pk)
    expire(begin(actor, path="d"))
    begin(outsider)
    Upload.objects.filter(pk=old.pk).update(created_at=now() - timedelta(hours=1))
    assert [(upload.pk, upload.received) for upload in list_uploads(actor)] == [(new.pk, None), (old.pk, 5)]
    assert list(list_uploads(actor, protocol="api")) == [old]
    assert list(list_uploads(SYSTEM)) == []
    with pytest.raises(errors.ScopeMissing):
        list_uploads(replace(actor, scopes=frozenset({READ})))


def test_pieces_come_by_offset(actor: Actor) -> None:
    upload = begin(actor, (6, b"6"), (0, b"0"), (3, b"3"))
    assert [piece.offset for piece in pieces_of(upload)] == [0, 3, 6]


@pytest.mark.parametrize(
    ("pieces", "start", "missing"),
    [
        ([], 0, [[0, 10]]),
        ([(0, 10)], 10, []),
        ([(0, 4), (4, 3)], 7, [[7, 3]]),
        ([(0, 4), (5, 5)], 4, [[4, 1]]),
        ([(1, 2), (6, 1)], 0, [[0, 1], [3, 3], [7, 3]]),
    ],
)
def test_what_is_there_and_what_is_not(pieces: list[tuple[int, int]], start: int, missing: list[list[int]]) -> None:
    rows = [UploadPiece(offset=offset, length=length) for offset, length in pieces]
    assert contiguous(rows) == start
    assert missing_ranges(rows, 10) == missing
