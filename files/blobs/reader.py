"""From a Content to its bytes: any range, from one extent or many, with the next piece on its way."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from django.core.cache import cache

from common import cpus
from common.batches import in_batches
from files import sql_rows
from files.blobs.ingest import storage_errors
from files.blobs.pools import storage_at
from files.blobs.resuming import open_patiently, resuming
from files.errors import ContentDamaged
from files.models import Content, Extent
from storage.base import ObjectReader, StorageError

CACHE_SECONDS = 600  # far less than the day for which collection leaves a blob that compaction has replaced


@dataclass(frozen=True, slots=True)
class Slice:
    """`length` bytes at `offset` of the object `key` in the pool of this URL (as it is in the database)."""

    key: str
    offset: int
    length: int
    pool_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LocalSlice:
    """The same, in a local file: for sendfile."""

    path: str
    offset: int
    length: int


def extents_of(content_id: int) -> list[tuple[int, int, int, int]]:
    """`(offset, length, blob id, blob_offset)` in order; cached, since a content never changes."""
    name = f"extents:{content_id}"
    cached: list[list[int]] | None = cache.get(name)
    if cached is None:
        found = Extent.objects.filter(content_id=content_id).order_by("offset")
        cached = [list(row) for row in found.values_list("offset", "length", "blob_id", "blob_offset")]
        cache.set(name, cached, CACHE_SECONDS)  # as lists, which JSON knows
    return [(offset, length, blob_id, blob_offset) for offset, length, blob_id, blob_offset in cached]


def forget(content_id: int) -> None:
    """After compaction, or before a check: the extents are read from the database again."""
    cache.delete(f"extents:{content_id}")


def slices(content_id: int, offset: int, length: int) -> list[Slice]:
    """The parts of objects that make up a range of the content. Where a blob is, is never cached: it may move."""
    end = offset + length
    wanted = []
    for start, size, blob_id, blob_offset in extents_of(content_id):
        first, last = max(start, offset), min(start + size, end)
        if first < last:
            wanted.append((blob_id, blob_offset + first - start, last - first))
    places = _places([blob_id for blob_id, _, _ in wanted])
    return [Slice(places[blob_id][0], at, size, places[blob_id][1]) for blob_id, at, size in wanted]


def _places(blob_ids: list[int]) -> dict[int, tuple[str, str]]:
    """Key and pool URL by blob."""
    found: dict[int, tuple[str, str]] = {}
    for part in in_batches(blob_ids, 500):
        select = (
            "SELECT b.id, b.key, p.url FROM files_blob b JOIN files_pool p ON p.id = b.pool_id "
            f"WHERE b.id IN ({', '.join(['%s'] * len(part))})"
        )
        found |= {blob_id: (key, url) for blob_id, key, url in sql_rows.fetch(select, part)}
    if len(found) < len(set(blob_ids)):  # the database itself forbids it
        raise ContentDamaged
    return found


def local_slice(content_id: int, offset: int, length: int) -> LocalSlice | None:
    """The range as part of one local file, when it is one."""
    parts = slices(content_id, offset, length)
    if len(parts) != 1:
        return None
    storage = storage_at(parts[0].pool_url)
    if not storage.capabilities.local_path:
        return None
    return LocalSlice(storage.local_path(parts[0].key), parts[0].offset, parts[0].length)


def read(content: Content, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes of a range in chunks of at most 1 MiB. Opens the first object before it returns, so that an error
    comes while an answer can still say so.
    """
    if length is None:
        length = content.size - offset
    return read_slices(slices(content.pk, offset, length))


def read_slices(parts: Sequence[Slice], *, patience: float = 0.0, begun: bool = False) -> Iterator[bytes]:
    """The same, where the parts of objects are known. `patience`: how many seconds to wait for a store that goes away
    after the first object was opened (resuming.py); `begun`: before that, too.
    """
    if not parts:
        return iter(())
    with storage_errors():
        first = open_patiently(partial(_open, parts[0]), patience=patience if begun else 0.0)
    return _drain(parts[0], first, patience) if len(parts) == 1 else _chain(parts, first, patience)


def _open(part: Slice, skip: int = 0) -> ObjectReader:
    return storage_at(part.pool_url).open(part.key, part.offset + skip, part.length - skip)


def read_bytes(content: Content, offset: int = 0, length: int | None = None) -> bytes:
    """A range in memory: for small ones only."""
    return b"".join(read(content, offset, length))


def _drain(part: Slice, opened: ObjectReader | None, patience: float) -> Iterator[bytes]:
    with storage_errors():
        yield from resuming(partial(_open, part), opened, patience=patience)


def _chain(parts: Sequence[Slice], reader: ObjectReader | None, patience: float) -> Iterator[bytes]:
    """One object after the other; the next one is opened while this one is read."""
    following: Future[ObjectReader | None] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch", initializer=cpus.leave) as executor:
        try:
            for part, next_part in pairwise(parts):
                following = executor.submit(_open_or_none, next_part)
                yield from _drain(part, reader, patience)
                reader, following = following.result(), None
            yield from _drain(parts[-1], reader, patience)
        finally:
            for left in (reader, following.result() if following is not None else None):
                if left is not None:
                    left.close()


def _open_or_none(part: Slice) -> ObjectReader | None:
    """Whoever gets to this part opens it again, and hears what was wrong."""
    try:
        return _open(part)
    except StorageError:
        return None
