"""From a stream of bytes to an object in a pool: hashed while it passes, verified, durable. No transaction here."""

import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db import connection

from common.content_hash import BLOCK_SIZE
from files import errors
from files.blobs import checksums
from files.blobs.hashing import StreamHasher, whole_hash
from files.blobs.noise import Beginning, is_noise
from files.blobs.pools import storage_of
from files.models import Pool
from storage.base import StorageError

SMALL = 1024 * 1024  # bytes: hashed in memory first, so that what is there already is not written again


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes of `size` in `pool`, at `blob_offset` of the object `key`; `key` None: the team has them there already.
    `noise`: whether they look like it (noise.py).
    """

    pool: Pool
    team_id: int
    key: str | None
    size: int
    content_hash: str
    checksums: dict[str, str]
    blob_offset: int = 0
    blob_size: int = 0
    noise: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """A piece of an upload; `digests` are those of the whole's blocks that lie inside the piece."""

    pool: Pool
    key: str
    size: int
    digests: dict[int, bytes]
    checksums: dict[str, str]


class _Folders:
    """The two levels that keys begin with: random, the same for a few hundred objects in a row, so that a local pool
    does not make (and fsync) two new directories for each object.
    """

    OBJECTS = 256

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = 0
        self._folders = ""

    def take(self) -> str:
        with self._lock:
            if not self._left:
                self._folders, self._left = f"{secrets.token_hex(1)}/{secrets.token_hex(1)}", self.OBJECTS
            self._left -= 1
            return self._folders

    def forget(self) -> None:
        self._lock, self._left = threading.Lock(), 0


_folders = _Folders()
os.register_at_fork(after_in_child=_folders.forget)


def new_key(name: str) -> str:
    """`ab/cd/<name>-<nonce>`: the nonce makes every write an object of its own."""
    return f"{_folders.take()}/{name}-{secrets.token_hex(8)}"


def store(
    pool: Pool,
    chunks: Iterable[bytes],
    *,
    team_id: int,
    length: int | None,
    limit: int,
    expected: dict[str, str] | None = None,
) -> Stored:
    """Stores a whole for a team. `length` is what was announced, `limit` what is allowed, both in bytes.

    Raises LengthMismatch, TooLarge, ChecksumMismatch, StorageUnavailable, StorageFull; then nothing is left behind.
    """
    expected = expected or {}
    if length is not None and length <= SMALL:
        return store_small(take_small(pool, exactly(chunks, length, limit), expected, team_id=team_id))
    hasher, beginning = StreamHasher(algorithms=expected), Beginning()
    key = new_key("w")
    with storage_errors():
        storage_of(pool).put(key, hasher.passing(beginning.passing(exactly(chunks, length, limit))), size=length)
    try:
        content_hash = whole_hash(hasher.digests())
        actual = {**hasher.checksums(), "content_hash": content_hash}
        checksums.verify(expected, actual)
    except BaseException:
        discard(pool, key)
        raise
    actual.pop("content_hash")
    if hasher.size == 0:
        discard(pool, key)
        return Stored(pool, team_id, None, 0, content_hash, actual)
    return Stored(pool, team_id, key, hasher.size, content_hash, actual, 0, hasher.size, beginning.is_noise)


@dataclass(frozen=True, slots=True)
class Small:
    """A whole in memory, verified; `stored` says what it is, and nothing yet of where."""

    data: bytes
    stored: Stored


def take_small(pool: Pool, chunks: Iterable[bytes], expected: dict[str, str], *, team_id: int) -> Small:
    """Raises ChecksumMismatch."""
    data = b"".join(chunks)
    actual = checksums.of_bytes(data, {**expected, "content_hash": ""})
    checksums.verify(expected, actual)
    content_hash = actual.pop("content_hash")
    return Small(data, Stored(pool, team_id, None, len(data), content_hash, actual, noise=is_noise(data)))


def store_small(small: Small) -> Stored:
    """Writes it, unless the team has it."""
    stored, size = small.stored, len(small.data)
    if not size or _is_there(stored):
        return stored
    key = new_key(stored.content_hash[:32])
    with storage_errors():
        storage_of(stored.pool).put(key, [small.data], size=size)
    return replace(stored, key=key, blob_size=size)


def _is_there(stored: Stored) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM files_content WHERE pool_id = %s AND content_hash = %s AND team_id = %s",
            [stored.pool.pk, stored.content_hash, stored.team_id],
        )
        return cursor.fetchone() is not None


def store_piece(
    pool: Pool,
    chunks: Iterable[bytes],
    *,
    offset: int,
    algorithms: Iterable[str],
    name: str,
    length: int | None = None,
) -> StoredPiece:
    """Stores a piece that begins at `offset` of a whole. The caller bounds the chunks; `length` is what was announced
    of them.
    """
    hasher = StreamHasher(start=offset, whole=False, algorithms=algorithms)
    key = new_key(name)
    with storage_errors():
        storage_of(pool).put(key, hasher.passing(chunks), announced=length)
    return StoredPiece(pool, key, hasher.size, hasher.digests(), hasher.checksums())


def exactly(chunks: Iterable[bytes], length: int | None, limit: int) -> Iterator[bytes]:
    """The chunks, refused as soon as they are more than announced or allowed, or at their end when fewer."""
    if length is not None and length > limit:
        raise errors.TooLarge(limit=limit)
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if length is not None and seen > length:
            raise errors.LengthMismatch(announced=length)
        if seen > limit:
            raise errors.TooLarge(limit=limit)
        yield chunk
    if length is not None and seen < length:
        raise errors.LengthMismatch(announced=length, arrived=seen)


def discard(pool: Pool, key: str | None) -> None:
    """Best effort: what stays is an object that no row knows, found and removed by `gc`."""
    if key is None:
        return
    try:
        storage_of(pool).delete(key)
    except StorageError:
        return


@contextmanager
def storage_errors() -> Iterator[None]:
    """The storage's own errors as the catalogue's."""
    try:
        yield
    except StorageError as error:
        if error.code == "no_space":
            raise errors.StorageFull from error
        if error.code == "checksum_mismatch":
            raise errors.ChecksumMismatch from error
        if error.code == "not_found":
            raise errors.ContentDamaged from error
        raise errors.StorageUnavailable from error


__all__ = [
    "BLOCK_SIZE",
    "Small",
    "Stored",
    "StoredPiece",
    "discard",
    "exactly",
    "new_key",
    "store",
    "store_piece",
    "store_small",
    "take_small",
]
