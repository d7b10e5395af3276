"""A piece of an upload: of any size, at any offset, from any replica, at the same time as others."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from common.content_hash import BLOCK_SIZE, block_count
from files import errors
from files.actions.give_way import giving_way
from files.actions.reservations import Reservation, Room, settle_piece
from files.actions.storing import add_piece, stored_piece
from files.blobs import checksums, ingest, piece_digests
from files.blobs.hashing import StreamHasher
from files.blobs.ingest import StoredPiece
from files.blobs.pools import pool_of_upload
from files.models import Upload, UploadPiece
from files.queries.uploads import contiguous, get_upload, pieces_of
from http_kit.errors import BodyBroken

MANY, USUAL = 10_000, 64 * 1024  # pieces of one upload beyond which they must have so many bytes on the average


@dataclass(frozen=True, slots=True)
class PieceOptions:
    """`sequential`: the piece must begin where the upload continues, and what arrived of it is kept when the connection
    breaks (tus). `length` is what was announced for this piece, None if unknown.
    """

    offset: int
    length: int | None = None
    sequential: bool = False
    keep_partial: bool = False
    expected: dict[str, str] | None = None


def write_piece(
    actor: Actor,
    *,
    upload_id: uuid.UUID | str,
    chunks: Iterable[bytes],
    piece: PieceOptions,
    protocol: str | None = None,
) -> Upload:
    """Stores the piece and returns the upload. The same piece again replaces nothing and is no error; other
    bytes in its place are PieceOverlaps.
    """
    expected = checksums.clean(piece.expected or {})
    upload = get_upload(actor, upload_id, protocol=protocol)
    before = pieces_of(upload)
    room = _room(upload, before, piece)
    if room == 0 and piece.length in (0, None):
        return upload
    body = PieceBody(chunks, piece, room)
    there = next((other for other in before if (other.offset, other.length) == (piece.offset, piece.length)), None)
    if there is not None:
        _read_again(body, expected, there)
        return upload
    pool = pool_of_upload(upload)
    place = Room(upload.space, pool, upload.path, upload)
    storing = stored_piece(actor, place, body, offset=piece.offset, length=piece.length, expected=expected)
    with storing as (stored, held):
        if stored.size == 0:
            ingest.discard(pool, stored.key)
            return upload
        edges = piece_digests.edges(upload, before, stored, piece.offset)
        commit = partial(_commit, actor, upload, piece, stored, edges, protocol, held)
        locked, repeated = giving_way(actor, upload.space, commit)
        if repeated is not None:  # somebody was faster
            _require_same(repeated, piece_digests.read_piece(stored))
            ingest.discard(pool, stored.key)
        return locked


def _read_again(body: "PieceBody", expected: dict[str, str], there: UploadPiece) -> None:
    """A piece that is there already, because its answer was lost: checked, and not stored once more."""
    hasher = StreamHasher(whole=False, algorithms=expected)

    def hashed() -> Iterator[bytes]:
        for chunk in body:
            hasher.update(chunk)
            yield chunk

    _require_same(there, hashed())
    checksums.verify(expected, hasher.checksums())


def _require_same(there: UploadPiece, chunks: Iterable[bytes]) -> None:
    """A client that learns that a piece is there must find its own bytes in the file."""
    if not piece_digests.is_same(there, chunks):
        raise errors.PieceOverlaps(offset=there.offset, length=there.length)


def _room(upload: Upload, pieces: list[UploadPiece], piece: PieceOptions) -> int:
    """How many bytes the piece may have. Raises what stands against it before a byte is read."""
    if upload.finished_at is not None:
        raise errors.UploadFinished
    if piece.offset < 0:
        raise errors.InvalidRequest(_("An offset cannot be negative."))
    if piece.sequential and contiguous(pieces) != piece.offset:
        raise errors.OffsetConflict(offset=contiguous(pieces))
    if len(pieces) >= MANY and sum(other.length for other in pieces) < len(pieces) * USUAL:
        raise errors.TooMany(_("The upload has too many small pieces."), limit=MANY)
    end = upload.length if upload.length is not None else settings.MAX_UPLOAD_SIZE
    if piece.offset > end or (piece.length is not None and piece.offset + piece.length > end):
        raise errors.TooLarge(limit=end)
    room = end - piece.offset
    for other in pieces:
        if other.offset <= piece.offset < other.offset + other.length:
            if other.offset == piece.offset and other.length == piece.length:
                return room  # sent again: the answer was lost
            raise errors.PieceOverlaps(offset=other.offset, length=other.length)
        if other.offset > piece.offset:
            return min(room, other.offset - piece.offset)
    return room


class PieceBody:
    """The chunks, within the room; a broken connection ends them early where the client continues later."""

    def __init__(self, chunks: Iterable[bytes], piece: PieceOptions, room: int) -> None:
        self._chunks, self._piece, self._room = chunks, piece, room

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        try:
            for chunk in self._chunks:
                seen += len(chunk)
                if seen > self._room or (self._piece.length is not None and seen > self._piece.length):
                    raise errors.TooLarge(limit=self._room)
                yield chunk
        except BodyBroken as error:
            if not self._piece.keep_partial or self._piece.expected:
                raise errors.LengthMismatch(arrived=seen) from error
            return
        if self._piece.length is not None and seen < self._piece.length and not self._piece.keep_partial:
            raise errors.LengthMismatch(announced=self._piece.length, arrived=seen)


def _commit(
    actor: Actor,
    upload: Upload,
    piece: PieceOptions,
    stored: StoredPiece,
    edges: dict[int, bytes],
    protocol: str | None,
    reservation: Reservation,
) -> tuple[Upload, UploadPiece | None]:
    """And the piece that was there already, in the same place and of the same length."""
    with unit_of_work(actor, Lock(Upload, upload.pk)) as actor:
        locked = get_upload(actor, upload.pk, protocol=protocol)
        pieces = pieces_of(locked)
        repeated = next((p for p in pieces if (p.offset, p.length) == (piece.offset, stored.size)), None)
        if locked.finished_at is not None:
            raise errors.UploadFinished
        if repeated is None:
            _check_overlap(pieces, piece.offset, stored.size)
            add_piece(locked, stored, offset=piece.offset, digests={**stored.digests, **edges})
        locked.expires_at = now() + settings.UPLOAD_EXPIRY
        arrived = sum(other.length for other in pieces) + (0 if repeated else stored.size)
        settle_piece(locked, reservation, arrived)
    return locked, repeated


def _check_overlap(pieces: list[UploadPiece], offset: int, length: int) -> None:
    for other in pieces:
        if offset < other.offset + other.length and other.offset < offset + length:
            if other.offset == offset or other.offset < offset:
                raise errors.OffsetConflict(offset=contiguous(pieces))
            raise errors.PieceOverlaps(offset=other.offset, length=other.length)


__all__ = ["BLOCK_SIZE", "PieceBody", "PieceOptions", "block_count", "write_piece"]
