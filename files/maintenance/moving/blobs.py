"""Batches of blobs from one pool to another: reserved, copied by threads, switched as they arrive."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F, QuerySet

from common.clock import now
from files.blobs.ingest import new_key
from files.blobs.pools import storage_of
from files.maintenance.moving.cleanup import remove_unfinished
from files.maintenance.moving.copying import Known, SourceDamaged, copy_object
from files.maintenance.moving.run import MoveReport, Pace
from files.maintenance.moving.switching import Arrived, switch
from files.models import Blob, BlobCopy, CopyState, Extent, MoveProblem, Pool
from storage.base import StorageError

logger = logging.getLogger(__name__)
MOST = 64  # blobs in a batch
FULL = 64 * 1024 * 1024  # bytes after which a batch is long enough
TOGETHER = 8 * 1024 * 1024  # bytes of arrived blobs that are worth a transaction
BROKEN = 20  # damaged blobs one after the other: it is the pool that is broken


class SourceBroken(Exception):
    """Nothing can be read from the pool: the run is over, the next one tries again."""

    code = "source_unavailable"


class Mover:
    """One pool to another. Its threads touch storages only, never the database."""

    def __init__(self, source: Pool, target: Pool, report: MoveReport, progress: Callable[[], None]) -> None:
        self._source, self._target, self._report, self._progress = source, target, report, progress
        self._pace = Pace(settings.MOVE_BANDWIDTH)
        self._threads = ThreadPoolExecutor(settings.MOVE_WORKERS, thread_name_prefix="move")
        self._began, self._moved, self._broken = time.monotonic(), 0, 0
        self._reserved: list[int] = []  # rows of copies of the batch in hand

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pace.stopped.set()
        self._threads.shutdown(cancel_futures=True)
        if error is not None:
            with suppress(Exception):  # what cannot be removed now is removed by the next run
                remove_unfinished(BlobCopy.objects.filter(pk__in=self._reserved), lambda: None)

    def next_batch(self, blobs: "QuerySet[Blob]", after: int) -> list[Blob]:
        """In the order of ids, so many that they are worth a transaction and not so many that a kill costs much."""
        batch: list[Blob] = []
        size = 0
        for blob in blobs.filter(pk__gt=after).order_by("pk")[:MOST]:
            if size >= FULL and len(batch) >= settings.MOVE_WORKERS:
                break
            batch.append(blob)
            size += blob.size
        return batch

    def move(self, blobs: Sequence[Blob]) -> None:
        """Raises StorageError for trouble with the target, SourceBroken, and what `progress` raises."""
        rest = self._go_back(blobs)
        if not rest:
            return
        copies = self._reserve(rest)
        known = _known(rest)
        running = {
            self._threads.submit(
                copy_object,
                storage_of(self._source),
                blob.key,
                blob.size,
                storage_of(self._target),
                copy.key,
                known[blob.pk],
                self._pace,
            ): Arrived(blob, copy)
            for blob, copy in zip(rest, copies, strict=True)
        }
        self._collect(running)

    def _collect(self, running: dict[Future[None], Arrived]) -> None:
        arrived: list[Arrived] = []
        while running:
            done, _ = wait(running, timeout=1, return_when=FIRST_COMPLETED)
            self._progress()
            for future in done:
                item = running.pop(future)
                if self._is_well(future, item):
                    arrived.append(item)
            if arrived and (not running or sum(item.blob.size for item in arrived) >= TOGETHER):
                self._switch(arrived)
                arrived = []

    def _is_well(self, future: Future[None], item: Arrived) -> bool:
        try:
            future.result()
        except SourceDamaged as error:
            self._note(item, error)
            return False
        self._broken = 0
        return True

    def _switch(self, arrived: Sequence[Arrived]) -> int:
        size = sum(item.blob.size for item in arrived)
        rate = int((self._moved + size) / max(0.001, time.monotonic() - self._began))
        try:
            done = switch(self._source, arrived, rate=rate)
        except DatabaseError:  # a deadlock with somebody who needs two of them: one by one nobody waits in a circle
            done = [item for one in arrived for item in switch(self._source, [one], rate=rate)]
        self._moved += sum(item.blob.size for item in done)
        self._report.blobs += len(done)
        self._report.bytes += sum(item.blob.size for item in done)
        return len(done)

    def _reserve(self, blobs: Sequence[Blob]) -> list[BlobCopy]:
        """Rows before objects, so that every object is known."""
        copies = BlobCopy.objects.bulk_create(
            BlobCopy(
                pool=self._target,
                key=new_key(blob.key.rsplit("/", 1)[-1].rsplit("-", 1)[0]),
                size=blob.size,
                blob_id=blob.pk,
                state=CopyState.COMING,
                at=now(),
            )
            for blob in blobs
        )
        self._reserved = [copy.pk for copy in copies]
        return copies

    def _go_back(self, blobs: Sequence[Blob]) -> list[Blob]:
        """Blobs that were in the target before, and whose objects are still there, need no copy. Returns the others."""
        rows = BlobCopy.objects.filter(
            pool=self._target, blob_id__in=[blob.pk for blob in blobs], state=CopyState.LEFT, doomed_at=None
        )
        left = {copy.blob_id: copy for copy in rows}
        there = [Arrived(blob, left[blob.pk]) for blob in blobs if blob.pk in left and self._is_there(left[blob.pk])]
        if there:
            self._report.back += self._switch(there)
        known = {item.blob.pk for item in there}
        return [blob for blob in blobs if blob.pk not in known]

    def _is_there(self, copy: BlobCopy) -> bool:
        try:
            return storage_of(self._target).size(copy.key) == copy.size
        except StorageError as error:
            if error.code == "not_found":
                return False
            raise

    def _note(self, item: Arrived, error: SourceDamaged) -> None:
        logger.error("blob %s in pool %s cannot be moved: %s", item.blob.pk, self._source.name, error)
        BlobCopy.objects.filter(pk=item.copy.pk).delete()  # its object was removed, or never written
        still = Blob.objects.filter(pk=item.blob.pk, pool=self._source, key=item.blob.key, doomed_at=None)
        if not still.exists():
            return
        self._report.damaged += 1
        MoveProblem.objects.update_or_create(
            blob_id=item.blob.pk,
            defaults={
                "pool": self._source,
                "key": item.blob.key,
                "code": error.code,
                "detail": str(error)[:1000],
                "at": now(),
            },
        )
        self._broken += 1
        if self._broken >= BROKEN:
            raise SourceBroken(self._source.name)


def _known(blobs: Sequence[Blob]) -> dict[int, list[Known]]:
    """By blob: the whole contents that lie in it."""
    found: dict[int, list[Known]] = defaultdict(list)
    rows = Extent.objects.filter(blob__in=blobs, offset=0, length=F("content__size"))
    for blob_id, offset, length, content_hash in rows.values_list(
        "blob_id", "blob_offset", "length", "content__content_hash"
    ):
        found[blob_id].append(Known(offset, length, content_hash))
    return found
