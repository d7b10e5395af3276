"""Rows against objects, pool by pool, and bytes against their hashes."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from common.clock import now
from common.errors import CodedError
from files.blobs.hashing import StreamHasher, whole_hash
from files.blobs.pools import storage_of
from files.blobs.reader import forget, read
from files.errors import ContentDamaged
from files.maintenance import quarantine
from files.maintenance.affected import affected_by_blob, affected_by_content
from files.maintenance.fsck.findings import Finding, FsckReport
from files.maintenance.fsck.table_scan import Progress
from files.maintenance.objects import Compared, Kind, compare, confirm
from files.maintenance.ranges import rows_in_batches
from files.models import Content, Pool, Version
from storage.base import StorageError

CODES = {Kind.MISSING: "blob.missing", Kind.SIZE: "blob.size", Kind.UNKNOWN: "object.orphan"}


def check_objects(report: FsckReport, *, grace: timedelta, mend: bool, progress: Progress) -> Iterator[Finding]:
    """Lists each pool once. `mend` quarantines orphans, and brings back what was quarantined by mistake."""
    oldest = now() - grace
    for pool in Pool.objects.order_by("pk"):
        try:
            for seen in compare(pool):
                progress()
                report.checked["objects"] += seen.kind is not Kind.MISSING
                report.checked["blobs"] += seen.kind not in (Kind.UNKNOWN, Kind.COPY)
                young = seen.modified is not None and seen.modified > oldest
                if seen.kind in (Kind.SAME, Kind.COPY) or (seen.kind is Kind.UNKNOWN and young):
                    continue
                if confirm(pool, seen):
                    yield _finding(pool, seen, mend=mend)
        except StorageError as error:
            yield Finding("pool.unavailable", f"pool {pool.name}", str(error))


def _finding(pool: Pool, seen: Compared, *, mend: bool) -> Finding:
    code = CODES[seen.kind]
    if seen.kind is Kind.UNKNOWN:
        if mend:
            quarantine.put_away(pool, seen.key, seen.size)
        return Finding(code, f"object {seen.key}", f"in pool {pool.name}, {seen.size} bytes", repaired=mend)
    found = "no object" if seen.kind is Kind.MISSING else f"an object of {seen.size} bytes"
    repaired = seen.kind is Kind.MISSING and mend and quarantine.bring_back(pool, seen.key)
    return Finding(
        code,
        f"blob {seen.blob_id}",
        f"{found} {seen.key} in pool {pool.name}, {seen.expected} bytes expected",
        repaired=repaired,
        affected=partial(affected_by_blob, seen.blob_id or 0),
    )


def check_hashes(report: FsckReport, *, progress: Progress) -> Iterator[Finding]:
    """Reads every byte of every content. A pool that does not answer is passed over after its first failure."""
    failed: set[int] = set()
    for contents in rows_in_batches(Content.objects.all(), 200):
        for content in contents:
            if failed and not failed.isdisjoint(_pools_of(content)):
                continue
            progress()
            finding = _check_content(content)
            report.checked["contents"] += 1
            report.checked["bytes"] += content.size
            if finding is None or not Content.objects.filter(pk=content.pk).exists():
                continue
            if finding.code == "pool.unavailable":
                failed |= {pk for pk, pool in _pools_of(content).items() if not _answers(pool)}
            yield finding


def _check_content(content: Content) -> Finding | None:
    forget(content.pk)
    try:
        problems = _hash_problems(content)
    except ContentDamaged as error:
        problems = [("content.unreadable", str(error.__cause__ or error))]
    except CodedError as error:
        silent = [pool.name for pool in _pools_of(content).values() if not _answers(pool)]
        if silent:
            return Finding("pool.unavailable", f"pool {', '.join(silent)}", str(error.__cause__ or error))
        problems = [("content.unreadable", str(error.__cause__ or error))]
    for code, detail in problems:
        affected = partial(affected_by_content, content.pk)
        return Finding(code, f"content {content.pk}", detail, affected=affected)
    return None


def _hash_problems(content: Content) -> list[tuple[str, str]]:
    told = _checksums_of(content)
    hasher = StreamHasher(algorithms={name for name, _ in told})
    for chunk in read(content):
        hasher.update(chunk)
    actual = whole_hash(hasher.digests())
    if hasher.size != content.size or actual != content.content_hash:
        return [("content.hash", f"{hasher.size} of {content.size} bytes, {actual} instead of {content.content_hash}")]
    found = hasher.checksums()
    return [
        ("content.checksum", f"{name} is {found[name]} instead of {value}")
        for name, value in sorted(told)
        if name in found and found[name] != value
    ]


def _checksums_of(content: Content) -> set[tuple[str, str]]:
    """What its versions say of it, and what a release before this one kept with it."""
    told = set(content.checksums.items())
    for checksums in Version.objects.filter(content=content, checksums__isnull=False).values_list(
        "checksums", flat=True
    ):
        told |= set((checksums or {}).items())
    return told


def _pools_of(content: Content) -> dict[int, Pool]:
    """Where its bytes are; while they move, not where the content belongs."""
    return {pool.pk: pool for pool in Pool.objects.filter(blobs__extents__content=content).distinct()}


def _answers(pool: Pool) -> bool:
    try:
        next(storage_of(pool).list(), None)
    except (StorageError, CodedError):
        return False
    return True
