"""Objects that hold more than what is needed: bytes that were purged, or that went to another region."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import F, QuerySet, Sum

from common.clock import now
from files.maintenance.fsck.findings import Finding, FsckReport
from files.maintenance.fsck.table_scan import Progress
from files.models import Blob


def dead_blobs() -> "QuerySet[Blob]":
    """With `live` bytes: those that somebody needs. What nobody has looked at yet is not among them."""
    found = Blob.objects.filter(dead_since__isnull=False, doomed_at=None)
    return found.annotate(live=Sum("extents__length")).filter(size__gt=F("live"))


def check_erasure(report: FsckReport, *, progress: Progress) -> Iterator[Finding]:
    """What the jobs still have time for is told in the summary; what is late is a finding."""
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
