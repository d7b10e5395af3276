"""Rows against objects, pool by pool, and bytes against their hashes; which files suffer from damage (their paths,
current and earlier versions, in the trash too); and objects that hold more than is needed (bytes that were purged,
or that went to another region).
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db.models import F, QuerySet, Sum

from common.clock import now
from common.errors import CodedError
from common.paths import join_path
from files.blobs.hashing import StreamHasher, whole_hash
from files.blobs.pools import storage_of
from files.blobs.reader import forget, read
from files.errors import ContentDamaged
from files.maintenance import quarantine
from files.maintenance.fsck.findings import Finding, FsckReport
from files.maintenance.fsck.table_scan import Progress
from files.maintenance.objects import Compared, Kind, compare, confirm
from files.maintenance.ranges import rows_in_batches
from files.models import Blob, Content, Extent, Pool, Space, TrashItem, UploadPiece, Version
from files.queries.tree import ancestors_of
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
    recorded = _checksums_of(content)
    hasher = StreamHasher(algorithms={name for name, _ in recorded})
    for chunk in read(content):
        hasher.update(chunk)
    actual = whole_hash(hasher.digests())
    if hasher.size != content.size or actual != content.content_hash:
        return [("content.hash", f"{hasher.size} of {content.size} bytes, {actual} instead of {content.content_hash}")]
    found = hasher.checksums()
    return [
        ("content.checksum", f"{name} is {found[name]} instead of {value}")
        for name, value in sorted(recorded)
        if name in found and found[name] != value
    ]


def _checksums_of(content: Content) -> set[tuple[str, str]]:
    """What its versions say of it, and what a release before this one kept with it."""
    recorded = set(content.checksums.items())
    for checksums in Version.objects.filter(content=content, checksums__isnull=False).values_list(
        "checksums", flat=True
    ):
        recorded |= set((checksums or {}).items())
    return recorded


def _pools_of(content: Content) -> dict[int, Pool]:
    """Where its bytes are; while they move, not where the content belongs."""
    return {pool.pk: pool for pool in Pool.objects.filter(blobs__extents__content=content).distinct()}


def _answers(pool: Pool) -> bool:
    try:
        next(storage_of(pool).list(), None)
    except (StorageError, CodedError):
        return False
    return True


def affected_by_blob(blob_id: int) -> Iterator[str]:
    """One line for each version and each upload that needs the blob."""
    for extents in rows_in_batches(Extent.objects.filter(blob_id=blob_id)):
        for extent in extents:
            yield from affected_by_content(extent.content_id)
    for pieces in rows_in_batches(UploadPiece.objects.filter(blob_id=blob_id).select_related("upload")):
        for piece in pieces:
            yield f"upload {piece.upload_id} of space {piece.upload.space_id}: {piece.upload.path!r}"


def affected_by_content(content_id: int) -> Iterator[str]:
    """One line for each version with this content."""
    rows = Version.objects.filter(content_id=content_id).select_related("node")
    for versions in rows_in_batches(rows):
        chains = ancestors_of({version.node_id for version in versions})
        tops = {chain[0].id if chain else node_id for node_id, chain in chains.items()}
        trash = dict(TrashItem.objects.filter(node_id__in=tops).values_list("node_id", "path"))
        roots = set(Space.objects.filter(root_id__in=tops).values_list("root_id", flat=True))
        for version in versions:
            chain = chains[version.node_id]
            names = [step.name for step in chain] + [version.node.name]
            top = chain[0].id if chain else version.node_id
            deleted = "/".join([trash.get(top, "?"), *names[1:]]) + " (deleted)"
            where = join_path(names[1:]) if top in roots else deleted
            state = "current" if version.node.version_id == version.pk else "earlier"
            yield f"space {version.node.space_id} {where!r}, {state} version {version.pk}"


def dead_blobs() -> "QuerySet[Blob]":
    """With `live` bytes: those that somebody needs. What nobody has looked at yet is not among them."""
    found = Blob.objects.filter(dead_since__isnull=False, doomed_at=None)
    return found.annotate(live=Sum("extents__length")).filter(size__gt=F("live"))


def check_erasure(report: FsckReport, *, progress: Progress) -> Iterator[Finding]:
    """What the jobs still have time for is in the summary; what is late is a finding."""
    late = now() - settings.ERASURE_PERIOD
    for blob in dead_blobs().select_related("pool").order_by("pk"):
        progress()
        dead = blob.size - blob.live  # type: ignore[attr-defined]
        report.pending["objects"] += 1
        report.pending["bytes"] += dead
        if blob.dead_since is not None and blob.dead_since < late:
            since = f"{blob.dead_since:%Y-%m-%d}"
            detail = f"{dead} of {blob.size} bytes in pool {blob.pool.name} are needed by nobody since {since}"
            yield Finding("blob.dead", f"blob {blob.pk}", detail)
