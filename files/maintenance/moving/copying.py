"""One object from one storage to another: hashed while it passes, verified where it arrives. Constant memory."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from files.blobs.hashing import StreamHasher, whole_hash
from files.maintenance.moving.run import Pace
from storage.base import Storage, StorageError

CHUNK = 1024 * 1024


class SourceDamaged(Exception):
    """The object is gone, has another size or other bytes than it must have. `code` for the record."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Known:
    """These bytes of an object are a whole content: what they must hash to is known."""

    offset: int
    length: int
    content_hash: str


class _Verifier:
    """Hashes the parts of a stream of which the hash is known; parts that overlap an earlier one are passed over."""

    def __init__(self, known: Sequence[Known]) -> None:
        self._parts = iter(sorted(known, key=lambda part: part.offset))
        self._position = 0
        self._part: Known | None = None
        self._next()

    def _next(self) -> None:
        self._hasher = StreamHasher()
        self._part = next((part for part in self._parts if part.offset >= self._position), None)

    def feed(self, chunk: bytes) -> None:
        start, end = self._position, self._position + len(chunk)
        while self._part is not None and self._part.offset < end:
            part = self._part
            last = part.offset + part.length
            self._hasher.update(chunk[max(0, part.offset - start) : last - start])
            if last > end:
                break
            self._check(part)
            self._position = last
            self._next()
        self._position = end

    def _check(self, part: Known) -> None:
        if whole_hash(self._hasher.digests()) != part.content_hash:
            raise SourceDamaged("damaged", f"bytes at {part.offset} do not have the hash {part.content_hash}")


def copy_object(
    source: Storage, key: str, size: int, target: Storage, target_key: str, known: Sequence[Known], pace: Pace
) -> None:
    """Raises SourceDamaged for what is wrong with the source, StorageError for the target, Stopped; then nothing is
    left at the target, as far as that can be told.
    """
    enforced = target.capabilities.checksum_enforced  # then the server itself has refused other bytes
    digest = None if enforced else hashlib.sha256()
    try:
        written = target.put(target_key, _passing(source, key, size, _Verifier(known), digest, pace), size=size)
        if written != size or target.size(target_key) != size:
            raise StorageError("unavailable", target_key, "the copy has another size")
        if digest is not None and _sum_at(target, target_key, pace) != digest.digest():
            raise StorageError("checksum_mismatch", target_key, "the copy has other bytes")
    except BaseException:
        with suppress(StorageError):
            target.delete(target_key)
        raise


def _passing(
    source: Storage, key: str, size: int, verifier: _Verifier, digest: "hashlib._Hash | None", pace: Pace
) -> Iterator[bytes]:
    passed = 0
    try:
        with source.open(key) as reader:
            while chunk := reader.read(CHUNK):
                pace.take(len(chunk))
                passed += len(chunk)
                if passed > size:
                    raise SourceDamaged("size", f"more than {size} bytes")
                verifier.feed(chunk)
                if digest is not None:
                    digest.update(chunk)
                yield chunk
    except StorageError as error:
        raise SourceDamaged(error.code, str(error)) from error
    if passed != size:
        raise SourceDamaged("size", f"{passed} bytes instead of {size}")


def _sum_at(target: Storage, key: str, pace: Pace) -> bytes:
    """The server's own word where it has one, else every byte read again."""
    known = target.checksum(key)
    if known is not None:
        return known
    digest = hashlib.sha256()
    with target.open(key) as reader:
        while chunk := reader.read(CHUNK):
            if pace.stopped.is_set():
                pace.take(0)
            digest.update(chunk)
    return digest.digest()
