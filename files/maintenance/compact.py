"""Contents of many pieces become one object again, and packs of which bytes are dead become small: at once where most
of them are, and whatever their share in time for ERASURE_PERIOD, for they were purged or belong to another region now.

Bytes are copied and verified outside of any transaction; then the extents change in one, under the content's row
lock. What was replaced is claimed anew, so that `gc` leaves it to readers for the whole grace.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from common.clock import now
from common.content_hash import BLOCK_SIZE
from common.errors import CodedError
from files.blobs.hashing import StreamHasher, whole_hash
from files.blobs.ingest import discard, new_key
from files.blobs.pools import storage_of
from files.blobs.reader import forget, read
from files.errors import NoPoolInRegion
from files.maintenance.ranges import id_ranges, rows_in_batches
from files.models import Blob, Content, Extent, Pool, PoolState
from storage.base import StorageError

logger = logging.getLogger(__name__)
Progress = Callable[[], None]
SETTLED = timedelta(hours=1)  # what is younger may be gone again before it pays
LARGE_PIECE = 64 * 1024 * 1024  # bytes: contents of pieces this large on average are read well as they are
LEAST_DEAD = 256 * 1024  # bytes: less is not worth a new object
LOOKS = timedelta(days=3)  # between them lie the daily runs of gc, of this job, and of gc again


@dataclass
class CompactReport:
    """`damaged` are contents whose bytes were not what they must be: left alone, for fsck."""

    contents: int = 0
    content_bytes: int = 0
    packs: int = 0
    freed_bytes: int = 0
    damaged: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class Damaged(Exception):
    """The bytes do not have the hash that they must have."""


def run_compact(*, progress: Progress = lambda: None) -> CompactReport:
    report = CompactReport()
    for contents in rows_in_batches(scattered_contents().select_related("pool"), 100):
        for content in contents:
            progress()
            if _guarded(report, f"content {content.pk}", partial(join, content, progress)):
                report.contents += 1
                report.content_bytes += content.size
    for low, high in id_ranges(Blob):
        note_dead(low, high)
        for blob in list(wasteful_blobs(low, high)):
            progress()
            if _guarded(report, f"blob {blob.pk}", partial(repack, blob, progress)):
                report.packs += 1
                report.freed_bytes += blob.size - blob.live  # type: ignore[attr-defined]
    return report


def erase_after() -> timedelta:
    """For how long dead bytes may wait for company: `gc` took the content before, and takes the old object after."""
    return max(timedelta(0), settings.ERASURE_PERIOD - LOOKS - 2 * settings.GC_GRACE)


def note_dead(low: int, high: int) -> None:
    """Since when bytes of these blobs have been dead, as far as anybody has looked."""
    rows = Blob.objects.filter(pk__gt=low, pk__lte=high, doomed_at=None, claimed_at__lt=now() - SETTLED)
    rows = rows.annotate(live=Sum("extents__length"), parts=Count("extents")).filter(parts__gt=0, pieces=None)
    found = list(rows.filter(dead_since=None, size__gt=F("live")).values_list("pk", flat=True))
    Blob.objects.filter(pk__in=found, dead_since=None).update(dead_since=now())


def scattered_contents() -> "QuerySet[Content]":
    """Contents of many small pieces, on pools that may be written to."""
    return Content.objects.filter(
        extent_count__gt=1,
        size__lt=F("extent_count") * LARGE_PIECE,
        claimed_at__lt=now() - SETTLED,
        pool__state=PoolState.ACTIVE,
    )


def wasteful_blobs(low: int, high: int) -> "QuerySet[Blob]":
    """Blobs of which less than half is needed, and those with bytes that must be gone soon, with `live` bytes."""
    rows = Blob.objects.filter(pk__gt=low, pk__lte=high, doomed_at=None, claimed_at__lt=now() - SETTLED)
    rows = rows.exclude(pool__state=PoolState.DRAINING)
    rows = rows.annotate(live=Sum("extents__length"), parts=Count("extents")).select_related("pool")
    waste = Q(size__gt=F("live") * 2, size__gte=F("live") + LEAST_DEAD, pool__state=PoolState.ACTIVE)
    must_go = Q(size__gt=F("live"), dead_since__lte=now() - erase_after())
    return rows.filter(waste | must_go, parts__gt=0, pieces=None)


def _guarded(report: CompactReport, what: str, work: Callable[[], bool]) -> bool:
    """Damage and a pool that does not answer are noted, and do not stop the rest."""
    try:
        return work()
    except Damaged:
        report.damaged += 1
        logger.error("compaction found damage: %s does not have its hash; run fsck --hash", what)
    except (StorageError, CodedError) as error:
        report.damaged += 1
        logger.warning("compaction of %s failed: %s", what, error)
    return False


def join(content: Content, progress: Progress = lambda: None) -> bool:
    """One object for the whole content. Raises Damaged, StorageError, CodedError; then nothing has changed."""
    before = list(Extent.objects.filter(content=content).order_by("offset"))
    forget(content.pk)
    hasher, key = StreamHasher(), new_key(content.content_hash[:32])
    storage_of(content.pool).put(key, hasher.passing(_telling(read(content), progress)), size=content.size)
    if whole_hash(hasher.digests()) != content.content_hash:
        discard(content.pool, key)
        raise Damaged
    with transaction.atomic():
        locked = Content.objects.select_for_update().filter(pk=content.pk).first()
        if locked is None or list(Extent.objects.filter(content=content).order_by("offset")) != before:
            transaction.on_commit(lambda: discard(content.pool, key))
            return False
        blob = Blob.objects.create(pool_id=content.pool_id, key=key, size=content.size)
        Extent.objects.filter(content=content).delete()
        Extent.objects.create(content=content, offset=0, length=content.size, blob=blob)
        Content.objects.filter(pk=content.pk).update(extent_count=1)
        Blob.objects.filter(pk__in={extent.blob_id for extent in before}).update(claimed_at=now())
        transaction.on_commit(lambda: forget(content.pk))
    return True


def repack(blob: Blob, progress: Progress = lambda: None) -> bool:
    """A new object of only those bytes that are needed; of a pool that takes none, in another one of its region.

    Raises Damaged, NoPoolInRegion, StorageError; then nothing has changed.
    """
    pool = _pool_for(blob.pool)
    extents = list(Extent.objects.filter(blob=blob).select_related("content").order_by("blob_offset", "pk"))
    size = sum(extent.length for extent in extents)
    key = new_key("pack")
    storage_of(pool).put(key, _telling(_verified(blob, extents), progress), size=size)
    with transaction.atomic():
        list(
            Content.objects.select_for_update()
            .filter(pk__in={extent.content_id for extent in extents})
            .order_by("content_hash")
        )
        packed = Blob.objects.create(pool=pool, key=key, size=size)
        position = 0
        for extent in extents:  # one that is gone meanwhile leaves a little dead space
            same = Extent.objects.filter(pk=extent.pk, blob=blob, blob_offset=extent.blob_offset)
            same.update(blob=packed, blob_offset=position)
            position += extent.length
        Blob.objects.filter(pk=blob.pk).update(claimed_at=now())
    for extent in extents:
        forget(extent.content_id)
    return True


def _pool_for(pool: Pool) -> Pool:
    if pool.state == PoolState.ACTIVE:
        return pool
    found = Pool.objects.filter(region=pool.region, state=PoolState.ACTIVE).order_by("pk").first()
    if found is None:
        raise NoPoolInRegion
    return found


def _verified(blob: Blob, extents: list[Extent]) -> Iterator[bytes]:
    """The bytes of the extents, one after the other; a content that lies in one of them is hashed on the way."""
    storage = storage_of(blob.pool)
    for extent in extents:
        whole = extent.offset == 0 and extent.length == extent.content.size
        hasher = StreamHasher()
        with storage.open(blob.key, extent.blob_offset, extent.length) as reader:
            while chunk := reader.read(BLOCK_SIZE):
                if whole:
                    hasher.update(chunk)
                yield chunk
        if whole and whole_hash(hasher.digests()) != extent.content.content_hash:
            raise Damaged


def _telling(chunks: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    for chunk in chunks:
        progress()
        yield chunk
