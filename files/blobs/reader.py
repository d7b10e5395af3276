"""From a Content to its bytes: any range, from one extent or many, with the next piece on its way."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from django.core.cache import cache

from files.blobs.ingest import storage_errors
from files.blobs.pools import storage_of
from files.models import Content, Extent, Pool
from files.storage.base import ObjectReader, Storage

CHUNK = 1024 * 1024
CACHE_SECONDS = 600  # far less than the day for which collection leaves a blob that compaction has replaced


@dataclass(frozen=True, slots=True)
class Slice:
    """`length` bytes at `offset` of the object `key`."""

    key: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class LocalSlice:
    """The same, in a local file: for sendfile."""

    path: str
    offset: int
    length: int


def extents_of(content_id: int) -> list[tuple[int, int, str, int, int]]:
    """`(offset, length, key, blob_offset, blob_size)` in order; cached, since a content never changes."""
    name = f"extents:{content_id}"
    cached: list[tuple[int, int, str, int, int]] | None = cache.get(name)
    if cached is None:
        cached = list(
            Extent.objects.filter(content_id=content_id)
            .order_by("offset")
            .values_list("offset", "length", "blob__key", "blob_offset", "blob__size")
        )
        cache.set(name, cached, CACHE_SECONDS)
    return cached


def forget(content_id: int) -> None:
    """After compaction, or before a check: the extents are read from the database again."""
    cache.delete(f"extents:{content_id}")


def slices(content_id: int, offset: int, length: int) -> list[Slice]:
    """The parts of objects that make up a range of the content."""
    end = offset + length
    result = []
    for start, size, key, blob_offset, _ in extents_of(content_id):
        first, last = max(start, offset), min(start + size, end)
        if first < last:
            result.append(Slice(key, blob_offset + first - start, last - first))
    return result


def local_slice(storage: Storage, content_id: int, offset: int, length: int) -> LocalSlice | None:
    """The range as part of one local file, when it is one."""
    if not storage.capabilities.local_path:
        return None
    parts = slices(content_id, offset, length)
    if len(parts) != 1:
        return None
    return LocalSlice(storage.local_path(parts[0].key), parts[0].offset, parts[0].length)


def read(content: Content, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes of a range in chunks of at most 1 MiB. Opens the first object before it returns, so that an error
    comes while an answer can still say so.
    """
    if length is None:
        length = content.size - offset
    return read_slices(content.pool, slices(content.pk, offset, length))


def read_slices(pool: Pool, parts: Sequence[Slice]) -> Iterator[bytes]:
    """The same, where the parts of objects are known."""
    return stream(storage_of(pool), parts)


def stream(storage: Storage, parts: Sequence[Slice]) -> Iterator[bytes]:
    """The same, from a storage."""
    if not parts:
        return iter(())
    with storage_errors():
        first = storage.open(parts[0].key, parts[0].offset, parts[0].length)
    if len(parts) == 1:
        return _drain(first)
    return _chain(storage, first, parts[1:])


def read_bytes(content: Content, offset: int = 0, length: int | None = None) -> bytes:
    """A range in memory: for small ones only."""
    return b"".join(read(content, offset, length))


def _drain(reader: ObjectReader) -> Iterator[bytes]:
    with reader, storage_errors():
        while chunk := reader.read(CHUNK):
            yield chunk


def _chain(storage: Storage, reader: ObjectReader, rest: Sequence[Slice]) -> Iterator[bytes]:
    """One object after the other; the next one is opened while this one is read."""

    def open_slice(part: Slice) -> ObjectReader:
        return storage.open(part.key, part.offset, part.length)

    following: Future[ObjectReader] | None = None
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch") as executor:
        try:
            for part in rest:
                following = executor.submit(open_slice, part)
                yield from _drain(reader)
                with storage_errors():
                    reader = following.result()
                following = None
            yield from _drain(reader)
        finally:
            reader.close()
            if following is not None and following.exception() is None:
                following.result().close()
