"""How much is where, for the console: counted while that is cheap, else as the last collection saw it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from files.models import Blob, JobRun, JobState

COUNTED = 100_000  # rows up to which a sum over all blobs is as good as free


@dataclass(frozen=True, slots=True)
class PoolSize:
    """`at` None: now."""

    objects: int
    size: int
    at: datetime | None = None


def pool_sizes() -> dict[int, PoolSize]:
    """By pool id; a pool that nobody has looked at yet is not in it."""
    newest = Blob.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if newest <= COUNTED:
        rows = Blob.objects.order_by().values_list("pool_id").annotate(Count("pk"), Sum("size"))
        return {pool_id: PoolSize(objects, size) for pool_id, objects, size in rows}
    run = JobRun.objects.filter(job_id="gc", state=JobState.DONE).order_by("-started_at").first()
    if run is None:
        return {}
    return {
        int(pool_id): PoolSize(seen["objects"], seen["bytes"], run.finished_at)
        for pool_id, seen in run.result.get("pools", {}).items()
    }
