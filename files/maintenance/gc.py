"""Collects bytes that nothing needs: contents, then blobs, then objects that no row knows.

Safe beside everything else. A content or blob goes only when nothing refers to it and nobody claimed it within
the grace; both are looked at again under the row lock that a claim takes too (files.blobs.contents.lock_existing),
so that either the claim sees the row gone, or the collector sees it claimed. Killed anywhere, the next run goes on:
a blob is doomed in one transaction, its object goes, then its row.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum

from common.batches import in_batches
from common.clock import now
from files.blobs.pools import storage_of
from files.maintenance import quarantine
from files.maintenance.objects import Kind, compare, confirm
from files.maintenance.ranges import id_ranges, rows_in_batches
from files.models import Blob, Content, Extent, Pool, UploadPiece, Version
from storage.base import StorageError

Progress = Callable[[], None]
BATCH = 200


@dataclass
class GcReport:
    """Counts and bytes: of what was removed, or would be (`dry_run`). `failed_pools` did not answer."""

    dry_run: bool = False
    contents: int = 0
    content_bytes: int = 0
    blobs: int = 0
    blob_bytes: int = 0
    orphans: int = 0
    orphan_bytes: int = 0
    released: int = 0
    expired: int = 0
    expired_bytes: int = 0
    abandoned: int = 0
    failed_pools: list[str] = field(default_factory=list)
    pools: dict[str, dict[str, int]] = field(default_factory=dict)  # by id: what stays

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def run_gc(*, dry_run: bool = False, grace: timedelta | None = None, progress: Progress = lambda: None) -> GcReport:
    """All four steps, in the order in which one makes work for the next."""
    report = GcReport(dry_run)
    oldest = now() - (settings.GC_GRACE if grace is None else grace)
    _collect_contents(report, oldest, progress)
    _doom_blobs(report, oldest, progress)
    if not dry_run:
        _pardon_blobs()
    for pool in Pool.objects.order_by("pk"):
        try:
            _collect_pool(pool, report, oldest, progress)
        except StorageError as error:
            report.failed_pools.append(f"{pool.name}: {error}")
    return report


def unreferenced_contents(oldest: datetime) -> "QuerySet[Content]":
    versions = Version.objects.filter(content=OuterRef("pk"))
    return Content.objects.filter(~Exists(versions), claimed_at__lt=oldest)


def unreferenced_blobs(oldest: datetime) -> "QuerySet[Blob]":
    extents, pieces = Extent.objects.filter(blob=OuterRef("pk")), UploadPiece.objects.filter(blob=OuterRef("pk"))
    return Blob.objects.filter(~Exists(extents), ~Exists(pieces), claimed_at__lt=oldest)


def _collect_contents(report: GcReport, oldest: datetime, progress: Progress) -> None:
    for low, high in id_ranges(Content):
        progress()
        ids = list(unreferenced_contents(oldest).filter(pk__gt=low, pk__lte=high).values_list("pk", flat=True))
        for part in in_batches(ids, BATCH):
            if report.dry_run:
                found = _totals(Content.objects.filter(pk__in=part))
            else:
                progress()
                found = _remove_contents(part, oldest)
            report.contents += found[0]
            report.content_bytes += found[1]


def _remove_contents(ids: list[int], oldest: datetime) -> tuple[int, int]:
    with transaction.atomic():
        # Claimed within the last day, or locked by who claims it right now: left alone.
        locked = list(_lock(Content.objects.filter(pk__in=ids, claimed_at__lt=oldest)).values_list("pk", "size"))
        used = set(Version.objects.filter(content_id__in=ids).values_list("content_id", flat=True).distinct())
        free = {pk: size for pk, size in locked if pk not in used}
        Extent.objects.filter(content_id__in=free)._raw_delete("default")
        Content.objects.filter(pk__in=free).delete()
    return len(free), sum(free.values())


def _doom_blobs(report: GcReport, oldest: datetime, progress: Progress) -> None:
    """Marks them, under their row locks; their objects go in `_collect_pool`."""
    for low, high in id_ranges(Blob):
        progress()
        rows = unreferenced_blobs(oldest).filter(pk__gt=low, pk__lte=high, doomed_at=None)
        ids = list(rows.values_list("pk", flat=True))
        for part in in_batches(ids, BATCH):
            if report.dry_run:
                found = _totals(Blob.objects.filter(pk__in=part))
                report.blobs += found[0]
                report.blob_bytes += found[1]
                continue
            with transaction.atomic():
                locked = _lock(Blob.objects.filter(pk__in=part, claimed_at__lt=oldest))
                free = unreferenced_blobs(oldest).filter(pk__in=list(locked.values_list("pk", flat=True)))
                Blob.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(doomed_at=now())


def _pardon_blobs() -> None:
    """A doomed blob may never be referred to again. Should anything do it all the same, it keeps its object."""
    doomed = Blob.objects.filter(doomed_at__isnull=False)
    for relation in (Extent, UploadPiece):
        doomed.filter(Exists(relation.objects.filter(blob=OuterRef("pk")))).update(doomed_at=None, claimed_at=now())


def _collect_pool(pool: Pool, report: GcReport, oldest: datetime, progress: Progress) -> None:
    if report.dry_run:
        found = _totals(Blob.objects.filter(pool=pool, doomed_at__isnull=False))
        report.blobs += found[0]
        report.blob_bytes += found[1]
        report.abandoned += sum(1 for _ in storage_of(pool).abandoned(oldest))
    else:
        _remove_doomed(pool, report, progress)
        quarantine.note_unknown(pool)
        report.released += quarantine.bring_back_needed(pool)
    stays = report.pools[str(pool.pk)] = {"objects": 0, "bytes": 0}
    for seen in compare(pool):
        progress()
        if seen.kind is not Kind.MISSING:
            stays["objects"] += 1
            stays["bytes"] += seen.size
        if seen.kind is Kind.UNKNOWN and seen.modified is not None and seen.modified < oldest and confirm(pool, seen):
            report.orphans += 1
            report.orphan_bytes += seen.size
            if not report.dry_run:
                quarantine.put_away(pool, seen.key, seen.size)
    if not report.dry_run:
        count, size = quarantine.remove_expired(pool)
        report.expired += count
        report.expired_bytes += size
        report.abandoned += storage_of(pool).sweep_abandoned(oldest)


def _remove_doomed(pool: Pool, report: GcReport, progress: Progress) -> None:
    storage = storage_of(pool)
    for blobs in rows_in_batches(Blob.objects.filter(pool=pool, doomed_at__isnull=False), BATCH):
        progress()
        storage.delete_many([blob.key for blob in blobs])
        with transaction.atomic():
            Blob.objects.filter(pk__in=[blob.pk for blob in blobs]).delete()
        report.blobs += len(blobs)
        report.blob_bytes += sum(blob.size for blob in blobs)


def _lock(rows: "QuerySet[Content] | QuerySet[Blob]") -> "QuerySet[Content] | QuerySet[Blob]":
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True)
    return rows  # SQLite: the transaction itself is the lock


def _totals(rows: "QuerySet[Content] | QuerySet[Blob]") -> tuple[int, int]:
    found = rows.aggregate(bytes=Sum("size"))
    return rows.count(), found["bytes"] or 0
