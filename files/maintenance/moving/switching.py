"""The moment in which blobs are elsewhere: rows only, one short transaction (docs/locking.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from common.clock import now
from files.models import Blob, BlobCopy, CopyState, MoveProblem, Pool


@dataclass(frozen=True, slots=True)
class Arrived:
    """`blob` as it was read before its bytes were copied; `copy` is the row of the object that has arrived."""

    blob: Blob
    copy: BlobCopy


def switch(source: Pool, arrived: Sequence[Arrived], *, rate: int) -> list[Arrived]:
    """Gives each blob its new place and leaves a row at the old one. Returns those that were switched: a blob that was
    moved, doomed or collected meanwhile, or whose copy somebody has taken away, stays as it is.

    Locks blobs by id, then their copies by id. The object of a blob that was not switched stays `coming`.
    """
    if not arrived:
        return []
    with transaction.atomic():
        ids = [item.blob.pk for item in arrived]
        blobs = {blob.pk: blob for blob in Blob.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
        rows = BlobCopy.objects.select_for_update().filter(pk__in=[item.copy.pk for item in arrived], doomed_at=None)
        copies = {copy.pk for copy in rows.order_by("pk")}
        done = [item for item in arrived if item.copy.pk in copies and _is_same(blobs.get(item.blob.pk), item.blob)]
        BlobCopy.objects.filter(pk__in=[item.copy.pk for item in done]).delete()
        left = [
            BlobCopy(
                pool=source,
                key=item.blob.key,
                size=item.blob.size,
                blob_id=item.blob.pk,
                state=CopyState.LEFT,
                at=now(),
            )
            for item in done
        ]
        BlobCopy.objects.bulk_create(left)
        moved = [Blob(pk=item.blob.pk, pool_id=item.copy.pool_id, key=item.copy.key) for item in done]
        Blob.objects.bulk_update(moved, ["pool", "key"])
        MoveProblem.objects.filter(blob_id__in=[item.blob.pk for item in done]).delete()
        Pool.objects.filter(pk=source.pk).update(
            moved_blobs=F("moved_blobs") + len(done),
            moved_bytes=F("moved_bytes") + sum(item.blob.size for item in done),
            move_rate=rate,
        )
    return done


def _is_same(now_there: Blob | None, before: Blob) -> bool:
    return (
        now_there is not None
        and now_there.doomed_at is None
        and (now_there.pool_id, now_there.key, now_there.size) == (before.pool_id, before.key, before.size)
    )
