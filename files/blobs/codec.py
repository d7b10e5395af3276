"""The seam between blobs and storage: how the bytes of a blob lie in its object.

Today they lie there as they are. Encryption for each team will be a codec (decision 42). `files.blobs.pools.storage_of`
and `storage_at` return the storage behind the codec, so everything that reads or writes a blob goes through it. What
hands out an object itself (sendfile, presigned URLs, sums by the server) asks for a capability first, and the answer
is the codec's: with one that changes bytes, there are none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from storage.base import QUARANTINE, Capabilities, ObjectInfo, ObjectReader, Storage

Bytes = bytes | memoryview


class Codec(ABC):
    """Changes bytes and keeps their places: byte n of a blob is byte n of its object.

    So sizes, ranges, packs and extents are the same on both sides, and any range can be read without what lies before
    it. `key` is that of the object (without `quarantine/`); no two objects have the same one, ever. Whether the bytes
    are the right ones, content hashes say. Safe to share between threads.
    """

    @abstractmethod
    def encode(self, key: str, offset: int, data: Bytes) -> bytes:
        """What is written at `offset` for these bytes of the blob; as many."""

    @abstractmethod
    def decode(self, key: str, offset: int, data: bytes) -> bytes:
        """The bytes of the blob that were written there."""


installed: Codec | None = None  # None: bytes are stored as they are, and nothing stands before the storage


def behind_codec(storage: Storage) -> Storage:
    """The storage as blobs see it: itself, unless a codec is installed."""
    return storage if installed is None else CodedStorage(storage, installed)


class CodedStorage(Storage):
    """A storage of which only the codec knows how its objects are to be read."""

    def __init__(self, storage: Storage, codec: Codec) -> None:
        self._storage, self._codec = storage, codec
        self.supported = _without_objects(storage.supported)

    def __repr__(self) -> str:
        return f"CodedStorage({self._storage!r}, {type(self._codec).__name__})"

    @property
    def backend(self) -> str:
        return self._storage.backend

    @property
    def capabilities(self) -> Capabilities:
        return _without_objects(self._storage.capabilities)

    def _put_expecting(self, key: str, chunks: Iterable[Bytes], size: int | None, expected: int | None) -> int:
        return self._storage._put_expecting(key, self._encoded(key, chunks), size, expected)

    def _put(self, key: str, chunks: Iterable[Bytes], size: int | None) -> int:
        return self._storage._put(key, self._encoded(key, chunks), size)

    def _encoded(self, key: str, chunks: Iterable[Bytes]) -> Iterator[bytes]:
        offset = 0
        for chunk in chunks:
            yield self._codec.encode(key, offset, chunk)
            offset += len(chunk)

    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader:
        opened = self._storage._open(key, offset, length)
        return _DecodingReader(opened, self._codec, key.removeprefix(QUARANTINE), offset)

    def _move(self, source: str, target: str) -> None:
        """Into quarantine and back: the codec has the same key for both."""
        self._storage._move(source, target)

    def _delete(self, key: str) -> None:
        self._storage._delete(key)

    def _delete_many(self, keys: Sequence[str]) -> None:
        self._storage._delete_many(keys)

    def _size(self, key: str) -> int:
        return self._storage._size(key)

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        return self._storage._list(prefix, after)

    def abandoned(self, older_than: datetime) -> Iterator[str]:
        return self._storage.abandoned(older_than)

    def sweep_abandoned(self, older_than: datetime) -> int:
        return self._storage.sweep_abandoned(older_than)


class _DecodingReader(ObjectReader):
    """What the codec makes of a reader's bytes, from `offset` of the object on."""

    def __init__(self, opened: ObjectReader, codec: Codec, key: str, offset: int) -> None:
        self._opened, self._codec, self._key, self._offset = opened, codec, key, offset

    def read(self, n: int = -1) -> bytes:
        data = self._opened.read(n)
        offset, self._offset = self._offset, self._offset + len(data)
        return self._codec.decode(self._key, offset, data) if data else data

    def close(self) -> None:
        self._opened.close()


def _without_objects(able: Capabilities) -> Capabilities:
    """Nobody but the codec may read or write an object, nor sum it up, nor copy it to another key."""
    return replace(
        able, local_path=False, presigned_get=False, presigned_put=False, checksum_enforced=False, server_copy=False
    )
