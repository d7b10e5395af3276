"""Objects that belong to blobs which are elsewhere: unfinished copies of killed movers, and places that were left."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from common.clock import now
from common.errors import CodedError
from files.blobs.pools import storage_of
from files.maintenance.moving.run import MoveReport
from files.models import BlobCopy, CopyState, Pool
from storage.base import StorageError

logger = logging.getLogger(__name__)
BATCH = 200


def _over(grace: timedelta) -> "QuerySet[BlobCopy]":
    return BlobCopy.objects.filter(Q(at__lt=now() - grace) | Q(doomed_at__isnull=False), state=CopyState.LEFT)


def has_leftovers(grace: timedelta) -> bool:
    return BlobCopy.objects.filter(state=CopyState.COMING).exists() or _over(grace).exists()


def remove_coming(progress: Callable[[], None]) -> None:
    """Of movers that were killed: the caller is the only mover."""
    remove_unfinished(BlobCopy.objects.all(), progress)


def remove_unfinished(copies: "QuerySet[BlobCopy]", progress: Callable[[], None]) -> None:
    """Those of the copies that no blob has become."""
    coming = copies.filter(state=CopyState.COMING)
    for pool in Pool.objects.filter(pk__in=coming.values("pool")):
        _remove(pool, coming.filter(pool=pool), MoveReport(), progress)


def remove_left(report: MoveReport, grace: timedelta, progress: Callable[[], None]) -> None:
    """Where blobs were `grace` ago: reads that had begun there have finished."""
    for pool in Pool.objects.filter(copies__state=CopyState.LEFT).distinct():
        _remove(pool, _over(grace).filter(pool=pool), report, progress)


def _remove(pool: Pool, copies: "QuerySet[BlobCopy]", report: MoveReport, progress: Callable[[], None]) -> None:
    """Doomed under the row's lock, so that no blob goes back there; then the object goes, then the row."""
    while True:
        progress()
        with transaction.atomic():
            rows = copies.order_by("pk")
            if connection.features.has_select_for_update_skip_locked:
                rows = rows.select_for_update(skip_locked=True)
            batch = list(rows[:BATCH])
            BlobCopy.objects.filter(pk__in=[copy.pk for copy in batch]).update(doomed_at=now())
        if not batch:
            return
        try:
            storage_of(pool).delete_many([copy.key for copy in batch])
        except (StorageError, CodedError) as error:
            logger.warning("pool %s: what was left behind could not be removed: %s", pool.name, error)
            return
        BlobCopy.objects.filter(pk__in=[copy.pk for copy in batch]).delete()
        report.removed += len(batch)
        report.removed_bytes += sum(copy.size for copy in batch)
