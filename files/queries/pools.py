"""Storage pools as an administrator sees them: what is in each, where it goes, how far that is. How much is in a pool
is counted while that is cheap; otherwise it is what the last collection saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum

from files.blobs.pools import target_of
from files.models import Blob, BlobCopy, CopyState, JobRun, JobState, MoveProblem, Pool, PoolState

COUNTED = 100_000  # rows up to which a sum over all blobs is as good as free


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """`blobs` and `bytes` are in the pool now, `left` objects of blobs that are elsewhere. `goes_to` None: it is not
    draining, or there is no active pool that may take it. `remaining` None: not known yet.
    """

    pool: Pool
    blobs: int
    bytes: int
    left: int
    left_bytes: int
    problems: int
    goes_to: Pool | None
    remaining: timedelta | None

    @property
    def percent(self) -> int:
        """Of what was there when the move began, and has come since."""
        total = self.pool.moved_bytes + self.bytes
        return 100 if not total else self.pool.moved_bytes * 100 // total


def pool_status(pools: Sequence[Pool]) -> list[PoolStatus]:
    """Three statements, and one or two more for each draining pool. Sums over every blob of the pools."""
    ids = [pool.pk for pool in pools]
    blobs = _sums(Blob.objects.filter(pool_id__in=ids))
    left = _sums(BlobCopy.objects.filter(pool_id__in=ids, state=CopyState.LEFT))
    rows = MoveProblem.objects.filter(pool_id__in=ids).order_by().values_list("pool_id").annotate(Count("pk"))
    problems: dict[int, int] = dict(rows)
    return [
        PoolStatus(
            pool,
            *blobs.get(pool.pk, (0, 0)),
            *left.get(pool.pk, (0, 0)),
            problems.get(pool.pk, 0),
            target_of(pool) if pool.state == PoolState.DRAINING else None,
            _remaining(pool, blobs.get(pool.pk, (0, 0))[1]),
        )
        for pool in pools
    ]


def _sums(rows: "QuerySet[Any]") -> dict[int, tuple[int, int]]:
    found = rows.order_by().values_list("pool_id").annotate(Count("pk"), Sum("size"))
    return {pool_id: (count, size) for pool_id, count, size in found}


def _remaining(pool: Pool, size: int) -> timedelta | None:
    if pool.state != PoolState.DRAINING or not pool.move_rate:
        return None
    return timedelta(seconds=size // pool.move_rate)


def known_regions() -> set[str]:
    """Where new bytes can go: the regions of active pools (settings.KNOWN_REGIONS)."""
    return set(Pool.objects.filter(state=PoolState.ACTIVE).exclude(region="").values_list("region", flat=True))


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
