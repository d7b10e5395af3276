"""The steps of every way to write bytes: reserve, stream and hash, store, record.

Before the first byte is read, the quota holds room for it (`reservations`). While the bytes pass, they are hashed,
and their object is durable before anything refers to it (`blobs.ingest`). Then one transaction of the caller gives
them their rows. When it is refused, the object is removed again. An error of the database does not remove it: whether
it committed is not known then, and an object too many (`gc` finds it) is better than one too few.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings

from accounts.actor import Actor
from common.errors import CodedError
from files import errors
from files.actions.give_way import giving_way
from files.actions.reservations import Reservation, Room, reserving
from files.blobs import checksums, contents, ingest
from files.blobs.contents import Claimed
from files.blobs.ingest import Stored, StoredPiece
from files.blobs.pools import writable_pool
from files.models import Blob, Pool, Space, Upload, UploadPiece
from files.queries.target import Resolved
from files.tree.writing import FileWrite, WriteOptions

T = TypeVar("T")


@contextmanager
def stored_whole(
    actor: Actor, resolved: Resolved, chunks: Iterable[bytes], *, length: int | None, expected: dict[str, str]
) -> Iterator[tuple[Stored, Reservation]]:
    """The bytes of one file, durable and verified, and what is reserved for them. The caller records them inside.

    Raises QuotaExceeded, LengthMismatch, TooLarge, ChecksumMismatch, StorageUnavailable, StorageFull.
    """
    space, limit = resolved.base.space, settings.MAX_UPLOAD_SIZE
    pool = writable_pool(space)
    with reserving(actor, Room(space, pool, resolved.path), length=length) as room:
        passing = room.passing(chunks)
        stored = ingest.store(pool, passing, team_id=space.team_id, length=length, limit=limit, expected=expected)
        with removed_if_refused(pool, stored.key):
            yield stored, room


@contextmanager
def stored_piece(
    actor: Actor,
    room: Room,
    chunks: Iterable[bytes],
    *,
    offset: int,
    length: int | None,
    expected: dict[str, str],
    algorithms: Iterable[str] = (),
) -> Iterator[tuple[StoredPiece, Reservation]]:
    """The same for a piece of the upload of `room`. The caller bounds the chunks; checksums by `algorithms` are made
    besides.
    """
    assert room.upload is not None
    name, wanted = f"u{room.upload.pk.hex[:16]}", {*expected, *algorithms}
    with reserving(actor, room, length=length) as held:
        passing = held.passing(chunks)
        stored = ingest.store_piece(room.pool, passing, offset=offset, algorithms=wanted, name=name, length=length)
        with removed_if_refused(room.pool, stored.key):
            checksums.verify(expected, stored.checksums)
            yield stored, held


@contextmanager
def removed_if_refused(pool: Pool, *keys: str | None) -> Iterator[None]:
    """The objects, when what follows refuses them."""
    try:
        yield
    except CodedError:
        for key in keys:
            ingest.discard(pool, key)
        raise


def record_whole(actor: Actor, space: Space, pool: Pool, transaction: Callable[[], tuple[T, Claimed]]) -> T:
    """What the transaction returns. Trash may give way to it. Objects are removed that it had no use for, because the
    team has the same bytes.

    Raises Busy when something that the team had is gone meanwhile.
    """
    try:
        result, claimed = giving_way(actor, space, transaction)
    except contents.ContentVanished as error:
        raise errors.Busy from error
    for key in claimed.unused:
        ingest.discard(pool, key)
    return result


def entry(
    claimed: Claimed, stored: Stored, names: Sequence[str], options: WriteOptions, *, make_folders: bool
) -> FileWrite:
    """What the tree is to record of a stored whole; `names` lead to it."""
    content = claimed.contents[stored.content_hash]
    return FileWrite(tuple(names[:-1]), names[-1], content, options, make_folders, stored.checksums)


def add_piece(upload: Upload, stored: StoredPiece, *, offset: int, digests: dict[int, bytes], name: str = "") -> None:
    """The rows of a piece, in the transaction that holds the upload."""
    blob = Blob.objects.create(pool=stored.pool, key=stored.key, size=stored.size)
    UploadPiece.objects.create(
        upload=upload,
        name=name,
        offset=offset,
        length=stored.size,
        blob=blob,
        digests={str(index): digest.hex() for index, digest in digests.items()},
    )
