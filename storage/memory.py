"""Objects in this process, for fast tests. Storages of the same name share their objects."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from storage.base import QUARANTINE, Capabilities, ObjectInfo, ObjectReader, Storage, StorageError


@dataclass
class _Bucket:
    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_buckets: dict[str, _Bucket] = {}
_buckets_lock = threading.Lock()


class MemoryStorage(Storage):
    """Everything is lost with the process: never for a person's files."""

    supported = Capabilities(conditional_put=True, server_copy=True, bulk_delete=True)

    def __init__(self, name: str) -> None:
        self._name = name
        with _buckets_lock:
            self._bucket = _buckets.setdefault(name, _Bucket())

    def __repr__(self) -> str:
        return f"MemoryStorage({self._name!r})"

    @property
    def capabilities(self) -> Capabilities:
        return self.supported

    def _put(self, key: str, chunks: Iterable[bytes | memoryview], size: int | None) -> int:
        content = bytearray()
        for chunk in chunks:
            content += chunk
            if size is not None and len(content) > size:
                raise StorageError("refused", key, f"more than the announced {size} bytes")
        if size is not None and len(content) != size:
            raise StorageError("refused", key, f"{len(content)} bytes instead of the announced {size}")
        with self._bucket.lock:
            if key in self._bucket.objects:
                raise StorageError("refused", key, "exists")
            self._bucket.objects[key] = (bytes(content), datetime.now(UTC))
        return len(content)

    def _content(self, key: str) -> bytes:
        try:
            return self._bucket.objects[key][0]
        except KeyError:
            raise StorageError("not_found", key) from None

    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader:
        content = self._content(key)
        end = len(content) if length is None else min(len(content), offset + length)
        return MemoryReader(content, offset, end)

    def _delete(self, key: str) -> None:
        self._bucket.objects.pop(key, None)

    def _size(self, key: str) -> int:
        return len(self._content(key))

    def _copy(self, source: str, target: str) -> None:
        self._put(target, [self._content(source)], None)

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        with self._bucket.lock:
            snapshot = sorted(self._bucket.objects.items())
        for key, (content, modified) in snapshot:
            hidden = key.startswith(QUARANTINE) and not prefix.startswith(QUARANTINE)
            if key.startswith(prefix) and key > after and not hidden:
                yield ObjectInfo(key, len(content), modified)

    def abandoned(self, older_than: datetime) -> Iterator[str]:
        return iter(())

    def sweep_abandoned(self, older_than: datetime) -> int:
        return 0


class MemoryReader(ObjectReader):
    """A range of bytes."""

    def __init__(self, content: bytes, start: int, end: int) -> None:
        self._content = content
        self._position = start
        self._end = end

    def read(self, n: int = -1) -> bytes:
        end = self._end if n < 0 else min(self._end, self._position + n)
        piece = self._content[self._position : end]
        self._position += len(piece)
        return piece

    def close(self) -> None:
        self._content = b""
