"""files.actions.write_piece: pieces of any size, at any offset, once."""

import hashlib
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from files import errors
from files.actions.finish_upload import finish_upload
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Blob, Upload, UploadPiece
from files.queries.target import Target
from http_kit.errors import BodyBroken
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, ledger


def begin(actor: Actor, length: int | None = 10) -> Upload:
    return open_upload(actor, wanted=UploadOptions(Target("up.bin"), length=length))


def write(actor: Actor, upload: Upload, offset: int, data: bytes, **options: object) -> Upload:
    return write_piece(actor, upload_id=upload.pk, chunks=[data], piece=PieceOptions(offset, **options))  # type: ignore[arg-type]


def places() -> list[tuple[int, int]]:
    return list(UploadPiece.objects.order_by("offset").values_list("offset", "length"))


def test_in_any_order_and_again(user: User, actor: Actor) -> None:
    upload = begin(actor)
    for offset, data in ((7, b"789"), (0, b"012"), (3, b"3456"), (0, b"012")):
        write(actor, upload, offset, data, length=len(data))
    assert places() == [(0, 3), (3, 4), (7, 3)]
    assert ledger(user) == Charge(uploads=10)
    finish_upload(actor, upload_id=upload.pk)
    assert bytes_at(actor, "up.bin") == b"0123456789"


def test_other_bytes_in_the_place_of_a_piece_are_refused(actor: Actor) -> None:
    """A client whose file has changed since would else get a mixture of both."""
    upload = begin(actor)
    write(actor, upload, 0, b"01234")
    with pytest.raises(errors.PieceOverlaps) as refused:
        write(actor, upload, 0, b"01x34")
    assert refused.value.detail == {"offset": 0, "length": 5}
    piece = PieceOptions(0, 5)
    write_piece(actor, upload_id=upload.pk, chunks=[b"0", b"123", b"4"], piece=piece)
    with pytest.raises(errors.PieceOverlaps):
        write_piece(actor, upload_id=upload.pk, chunks=[b"0123", b"x"], piece=piece)
    with pytest.raises(errors.LengthMismatch):
        write_piece(actor, upload_id=upload.pk, chunks=[b"0123"], piece=piece)


@pytest.mark.parametrize(("faster", "is_same"), [(b"01234", True), (b"abcde", False)])
def test_the_same_piece_twice_at_the_same_time(user: User, actor: Actor, faster: bytes, is_same: bool) -> None:
    upload = begin(actor)

    def body() -> Iterator[bytes]:
        yield b"012"
        write(actor, upload, 0, faster)
        yield b"34"

    def slower() -> None:
        write_piece(actor, upload_id=upload.pk, chunks=body(), piece=PieceOptions(0, 5))

    if is_same:
        slower()
    else:
        with pytest.raises(errors.PieceOverlaps):
            slower()
    assert places() == [(0, 5)]
    assert Blob.objects.count() == 1
    assert ledger(user) == Charge(uploads=10)


def test_overlaps_and_what_is_too_long(actor: Actor) -> None:
    upload = begin(actor)
    write(actor, upload, 4, b"456")
    for offset, data, error in (
        (4, b"45", errors.PieceOverlaps),
        (5, b"5", errors.PieceOverlaps),
        (2, b"234", errors.TooLarge),
        (8, b"890", errors.TooLarge),
        (11, b"", errors.TooLarge),
        (-1, b"x", errors.InvalidRequest),
    ):
        for length in (None, len(data)):
            with pytest.raises((error, errors.TooLarge)):
                write(actor, upload, offset, data, length=length)
    assert places() == [(4, 3)]
    assert Blob.objects.count() == 1
    write(actor, upload, 2, b"23")
    write(actor, upload, 7, b"789")
    write(actor, upload, 10, b"")
    assert places() == [(2, 2), (4, 3), (7, 3)]


def test_where_a_sequential_client_goes_on(actor: Actor) -> None:
    upload = begin(actor)
    write(actor, upload, 0, b"0123", sequential=True)
    for offset in (0, 3, 5):
        with pytest.raises(errors.OffsetConflict) as refused:
            write(actor, upload, offset, b"x", sequential=True)
        assert refused.value.detail == {"offset": 4}
    write(actor, upload, 4, b"456789", sequential=True)
    assert places() == [(0, 4), (4, 6)]


def broken() -> Iterator[bytes]:
    yield b"012"
    raise BodyBroken


def test_a_broken_connection(actor: Actor) -> None:
    upload = begin(actor)
    sums = {"sha1": hashlib.sha1(b"012").hexdigest()}
    for options in (PieceOptions(0, 5), PieceOptions(0, 5, keep_partial=True, expected=sums)):
        with pytest.raises(errors.LengthMismatch):
            write_piece(actor, upload_id=upload.pk, chunks=broken(), piece=options)
    assert places() == []
    write_piece(actor, upload_id=upload.pk, chunks=broken(), piece=PieceOptions(0, 5, keep_partial=True))
    assert places() == [(0, 3)]


def test_a_wrong_length_or_checksum_stores_nothing(user: User, actor: Actor) -> None:
    upload = begin(actor, length=None)
    with pytest.raises(errors.LengthMismatch):
        write(actor, upload, 0, b"012", length=4)
    with pytest.raises(errors.TooLarge):
        write(actor, upload, 0, b"012", length=2)
    with pytest.raises(errors.ChecksumMismatch):
        write(actor, upload, 0, b"012", expected={"sha1": "0" * 40})
    with pytest.raises(errors.InvalidChecksum):
        write(actor, upload, 0, b"012", expected={"sha1": "zz"})
    assert places() == []
    assert ledger(user) == Charge()


def test_of_no_known_length(user: User, actor: Actor, settings: Settings) -> None:
    settings.MAX_UPLOAD_SIZE = 20
    QuotaAccount.objects.filter(user=user).update(limit_bytes=10)
    upload = begin(actor, length=None)
    with pytest.raises(errors.TooLarge):
        write(actor, upload, 19, b"01")
    write(actor, upload, 0, b"0123456")
    with pytest.raises(QuotaExceeded):
        write(actor, upload, 7, b"7890")
    write(actor, upload, 7, b"789")
    assert ledger(user) == Charge(uploads=10)


def test_only_ones_own_and_only_until_it_is_finished(actor: Actor) -> None:
    upload = begin(actor, length=1)
    with pytest.raises(errors.UploadNotFound):
        write(actor_of(make_user()), upload, 0, b"x")
    with pytest.raises(errors.UploadNotFound):
        write_piece(actor, upload_id=upload.pk, chunks=[b"x"], piece=PieceOptions(0), protocol="another")
    with pytest.raises(errors.UploadNotFound):
        write_piece(actor, upload_id="no id", chunks=[b"x"], piece=PieceOptions(0))
    write(actor, upload, 0, b"x")
    finish_upload(actor, upload_id=upload.pk)
    with pytest.raises(errors.UploadFinished):
        write(actor, upload, 0, b"x")
