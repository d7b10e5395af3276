"""Moves what draining pools hold to other pools, under load: copy, verify, switch; the old object stays for
MOVE_GRACE.

After a kill anywhere, the next run continues. The row of a copy is there before its object, so no object is ever
unknown; a blob changes its place in one short transaction; what it leaves behind has a row until it is removed.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Team
from common.clock import now
from files.blobs.pools import target_of
from files.maintenance.moving.blobs import Mover
from files.maintenance.moving.cleanup import has_leftovers, remove_coming, remove_left
from files.maintenance.moving.domains import assign, unassigned
from files.maintenance.moving.run import MoveReport
from files.models import Blob, Extent, MoveProblem, Pool, PoolState, UploadPiece

Progress = Callable[[], None]
SLICE = 60.0  # seconds of one run: other jobs wait for the worker
AGAIN = timedelta(hours=1)  # after which a blob that could not be moved is tried again


def run_move(*, seconds: float = SLICE, progress: Progress = lambda: None) -> MoveReport:
    """What can be moved within `seconds`, at least one blob of each pool. Only one at a time: run it as the job."""
    report = MoveReport()
    remove_coming(progress)
    deadline = time.monotonic() + seconds
    for pool, target in moves():
        assign(pool, target, report, progress)
        with Mover(pool, target, report, progress) as mover:
            after = 0
            while batch := mover.next_batch(movable(pool, target), after):
                after = batch[-1].pk
                mover.move(batch)
                if time.monotonic() > deadline:
                    break
    remove_left(report, settings.MOVE_GRACE, progress)
    return report


def moves() -> list[tuple[Pool, Pool]]:
    """Draining pools, each with where its blobs go; those without such a place wait."""
    found = []
    for pool in Pool.objects.filter(state=PoolState.DRAINING).order_by("pk"):
        target = target_of(pool)
        if target is not None:
            found.append((pool, target))
    return found


def movable(pool: Pool, target: Pool) -> "QuerySet[Blob]":
    """Not what belongs to a team of another region than the target's, which the job `regions` takes away."""
    recent = MoveProblem.objects.filter(blob_id=OuterRef("pk"), at__gt=now() - AGAIN)
    found = Blob.objects.filter(~Q(Exists(recent)), pool=pool, doomed_at=None)
    if pool.region:  # then it holds nothing else than that region's
        return found
    elsewhere = Team.objects.exclude(region__in=["", target.region])
    if not elsewhere.exists():
        return found
    extents = Extent.objects.filter(blob=OuterRef("pk"), content__team__in=elsewhere)
    pieces = UploadPiece.objects.filter(blob=OuterRef("pk"), upload__space__team__in=elsewhere)
    return found.exclude(Exists(extents)).exclude(Exists(pieces))


def is_due() -> bool:
    if has_leftovers(settings.MOVE_GRACE):
        return True
    return any(movable(pool, target).exists() or unassigned(pool) for pool, target in moves())


__all__ = ["MoveReport", "is_due", "movable", "moves", "run_move"]
