"""An upload in chunks that the client names: of any size, in any order, several at once; their names say the order.

Where a chunk begins in the whole is certain only at the end, when all of them are there. But it can nearly always be
guessed (files/blobs/chunk_places.py), and then everything that a piece at a known offset has, the digests of its blocks
above all, is made while its bytes pass. What was guessed wrong is found out at the end and only costs reading again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.conf import settings

from accounts import quotas
from accounts.actor import Actor
from accounts.quotas import Charge
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from files import errors
from files.actions.finish_upload import finish_upload
from files.actions.give_way import giving_way
from files.actions.reservations import Reservation, Room, settle_piece
from files.actions.storing import add_piece, stored_piece
from files.actions.uploads import UploadOptions, abort_upload, open_upload
from files.actions.write_file import Written, check_target
from files.actions.write_piece import PieceBody, PieceOptions
from files.blobs import checksums, chunk_places, ingest, piece_digests
from files.blobs.chunk_places import UNPLACED
from files.blobs.ingest import StoredPiece
from files.blobs.pools import pool_of_upload
from files.models import Upload, UploadPiece
from files.queries.target import Resolved, Target
from files.queries.tree import locate, locate_path, split_path
from files.queries.uploads import get_named_upload, get_upload, pieces_of
from files.tree.unit_of_work import quota_accounts
from files.tree.writing import WriteOptions

MAXIMUM_CHUNKS = 10_000  # of one upload, as Nextcloud has it
Note = Callable[[Upload, StoredPiece], None]


@dataclass(frozen=True, slots=True)
class Chunk:
    """`length` in bytes as announced, None if unknown; `offset`: where it begins in the whole, as the client says."""

    name: str
    length: int | None = None
    offset: int | None = None
    expected: dict[str, str] = field(default_factory=dict)


def open_chunked_upload(
    actor: Actor, *, name: str, protocol: str, length: int | None = None, target: Target | None = None
) -> Upload:
    """`length` of the whole is reserved, if the client announces it. What could not succeed at `target` is refused at
    once. Raises NameTaken for a name that an unfinished upload of this person has.
    """
    begins = Target()
    if target is not None:
        resolved = check_target(actor, target=target, options=WriteOptions(), length=length)
        begins = beginning(resolved, begins)
    begun = UploadOptions(begins, length=length, protocol=protocol, is_partial=True, name=name)
    return open_upload(actor, wanted=begun)


def beginning(resolved: Resolved, otherwise: Target) -> Target:
    """Where the bytes are reserved: in the space that they go into, also when that is reached through a mount."""
    if resolved.is_through:
        return Target(resolved.name, parent_id=resolved.base.node.pk, space_id=resolved.base.space.pk)
    return otherwise if resolved.base.mount is None else Target(parent_id=resolved.base.node.pk)


def write_chunk(
    actor: Actor,
    *,
    name: str,
    protocol: str,
    chunk: Chunk,
    chunks: Iterable[bytes],
    algorithms: Iterable[str] = (),
    note: Note | None = None,
) -> bool:
    """Stores the chunk; one of the same name is replaced. Returns whether there was none.

    `note` may keep something with the upload, under its lock, and sees the checksums by `algorithms` besides.

    Raises UploadNotFound, TooLarge (also over the announced length of the whole), TooMany, QuotaExceeded,
    LengthMismatch, ChecksumMismatch; then what was there before is there still.
    """
    expected = checksums.clean(chunk.expected)
    upload = get_named_upload(actor, name, protocol=protocol)
    pieces = pieces_of(upload)
    others = [piece for piece in pieces if piece.name != chunk.name]
    room = _room(upload, others, chunk.length)
    offset = chunk_places.guess(chunk.name, chunk.length, others, said=chunk.offset)
    pool = pool_of_upload(upload)
    body = PieceBody(chunks, PieceOptions(offset or 0, chunk.length, expected=expected), room)
    replacing = sum(piece.length for piece in pieces if piece.name == chunk.name)
    place = Room(upload.space, pool, upload.path, upload, replacing)
    storing = stored_piece(
        actor,
        place,
        body,
        offset=offset or 0,
        length=chunk.length,
        expected=expected,
        algorithms=algorithms,
    )
    with storing as (stored, held):
        placed = [piece for piece in others if piece.offset >= 0]
        digests = dict(stored.digests) if offset is not None else {}
        if offset is not None and stored.size and not chunk_places.overlaps(placed, offset, stored.size):
            digests |= piece_digests.edges(upload, placed, stored, offset)
        beside = frozenset((piece.pk, piece.offset) for piece in placed)
        new = _New(chunk.name, stored, offset, digests, beside)
        return giving_way(actor, upload.space, lambda: _commit(actor, upload, new, note, held))


def remove_chunk(actor: Actor, *, name: str, protocol: str, chunk: str) -> None:
    """Raises UploadNotFound, also for a chunk that is not there."""
    found = get_named_upload(actor, name, protocol=protocol)
    with unit_of_work(actor, Lock(Upload, found.pk)) as actor:
        upload = get_upload(actor, found.pk, protocol=protocol)
        if upload.finished_at is not None:
            raise errors.UploadNotFound
        pieces = pieces_of(upload)
        gone = [piece for piece in pieces if piece.name == chunk]
        if not gone:
            raise errors.UploadNotFound
        _remove(upload, pieces, gone)
        _charge(upload, -sum(piece.length for piece in gone))


def abort_chunked_upload(actor: Actor, *, name: str, protocol: str) -> None:
    """Raises UploadNotFound, also for one that is finished."""
    upload = get_named_upload(actor, name, protocol=protocol)
    if upload.finished_at is not None:
        raise errors.UploadNotFound
    abort_upload(actor, upload_id=upload.pk, protocol=protocol)


def finish_chunked_upload(
    actor: Actor,
    *,
    name: str,
    protocol: str,
    target: Target,
    options: WriteOptions,
    length: int | None = None,
    expected: dict[str, str] | None = None,
) -> Written:
    """Makes the chunks, in the order of their names, the file at the target. No byte is copied.

    Repeating it with the same target answers the same again. `length` is what the whole should have. Raises
    LengthMismatch, ChecksumMismatch, and what stands against writing there; the chunks stay.
    """
    upload = get_named_upload(actor, name, protocol=protocol)
    if upload.finished_at is None:
        check_target(actor, target=target, options=options, length=None)
        arrived = _arrange(actor, upload)
        for announced in (length, upload.length):
            if announced is not None and announced != arrived:
                raise errors.LengthMismatch(announced=announced, arrived=arrived)
    elif not _is_at(actor, upload.finished_node_id or 0, target):
        raise errors.UploadNotFound
    return finish_upload(
        actor, upload_id=upload.pk, expected=expected, protocol=protocol, target=target, options=options
    )


def _is_at(actor: Actor, node_id: int, target: Target) -> bool:
    if split_path(locate(actor, node_id).path) == split_path(target.path):
        return True
    try:  # through a mount
        return locate_path(actor, target.path, space_id=target.space_id).shown.pk == node_id
    except errors.NotFound:
        return False


@dataclass(frozen=True, slots=True)
class _New:
    """What was stored; `beside` are ids and offsets of the pieces by which its digests at the edges were made."""

    name: str
    stored: StoredPiece
    offset: int | None
    digests: dict[int, bytes]
    beside: frozenset[tuple[int, int]]


def _room(upload: Upload, others: list[UploadPiece], length: int | None) -> int:
    """How many bytes the chunk may have."""
    if upload.finished_at is not None:
        raise errors.UploadNotFound
    if len(others) >= MAXIMUM_CHUNKS:
        raise errors.TooMany(limit=MAXIMUM_CHUNKS)
    limit = settings.MAX_UPLOAD_SIZE if upload.length is None else upload.length
    room = int(limit) - sum(piece.length for piece in others)
    if room < (length or 0):
        raise errors.TooLarge(limit=limit)
    return room


def _commit(actor: Actor, upload: Upload, new: _New, note: Note | None, reservation: Reservation) -> bool:
    with unit_of_work(actor, Lock(Upload, upload.pk)) as actor:
        locked = get_named_upload(actor, upload.name, protocol=upload.protocol)
        if locked.pk != upload.pk:
            raise errors.UploadNotFound
        pieces = pieces_of(locked)
        others = [piece for piece in pieces if piece.name != new.name]
        replaced = [piece for piece in pieces if piece.name == new.name]
        if new.stored.size > _room(locked, others, None):
            raise errors.TooLarge(limit=locked.length)
        _remove(locked, pieces, replaced)
        if new.stored.size:
            _insert(locked, others, new)
        locked.expires_at = now() + settings.UPLOAD_EXPIRY
        settle_piece(locked, reservation, sum(piece.length for piece in others) + new.stored.size)
        if note is not None:
            note(locked, new.stored)
            locked.save(update_fields=["metadata", "modified_at"])
    if not new.stored.size:
        ingest.discard(new.stored.pool, new.stored.key)
    return not replaced


def _insert(upload: Upload, others: list[UploadPiece], new: _New) -> None:
    placed = [piece for piece in others if piece.offset >= 0]
    offset, digests = new.offset, new.digests
    if offset is None or chunk_places.overlaps(placed, offset, new.stored.size):
        offset, digests = min([piece.offset for piece in others if piece.offset < 0], default=0) + UNPLACED, {}
    elif not new.beside <= {
        (piece.pk, piece.offset) for piece in placed
    }:  # one that it lies beside was replaced or moved meanwhile
        digests = new.stored.digests
    add_piece(upload, new.stored, offset=offset, digests=digests, name=new.name)


def _remove(upload: Upload, pieces: list[UploadPiece], gone: list[UploadPiece]) -> None:
    """Their blobs are collected in the background. What others know of blocks that reach into them is forgotten."""
    if not gone:
        return
    names = {piece.name for piece in gone}
    stay = [piece for piece in pieces if piece.name not in names]
    changed = chunk_places.forget_digests(stay, gone)
    UploadPiece.objects.bulk_update(changed, ["digests"], batch_size=500)
    upload.pieces.filter(name__in=names).delete()


def _charge(upload: Upload, grown: int) -> None:
    """What is announced stays reserved."""
    upload.expires_at = now() + settings.UPLOAD_EXPIRY
    grown = 0 if upload.length is not None else grown
    upload.charged += grown
    upload.save(update_fields=["expires_at", "charged"])
    quotas.charge(quota_accounts(upload.space), Charge(uploads=grown))


def _arrange(actor: Actor, upload: Upload) -> int:
    """Gives each chunk its true offset. Returns the size of the whole."""
    with unit_of_work(actor, Lock(Upload, upload.pk)) as actor:
        locked = get_upload(actor, upload.pk, protocol=upload.protocol)
        pieces = sorted(pieces_of(locked), key=lambda piece: chunk_places.sort_key(piece.name))
        moved = chunk_places.arrange(pieces)
        if moved:
            true_offsets = [piece.offset for piece in moved]
            for index, piece in enumerate(moved):  # first out of the way: no two pieces may be at one offset
                piece.offset = chunk_places.ASIDE - index
            UploadPiece.objects.bulk_update(moved, ["offset"], batch_size=500)
            for piece, offset in zip(moved, true_offsets, strict=True):
                piece.offset = offset
            UploadPiece.objects.bulk_update(pieces, ["offset", "digests"], batch_size=500)
    return sum(piece.length for piece in pieces)
