"""Objects that no row knows are moved aside, not deleted: a mistake can be undone for a week."""

from collections.abc import Iterator
from datetime import timedelta

from common.clock import now
from files.blobs.pools import storage_of
from files.maintenance.objects import object_size
from files.models import Blob, Pool, QuarantinedObject
from storage.base import QUARANTINE, Storage, StorageError, quarantined

KEPT = timedelta(days=7)


def put_away(pool: Pool, key: str, size: int) -> None:
    """The row first: an object in quarantine without a row would have no date. Raises StorageError."""
    QuarantinedObject.objects.get_or_create(pool=pool, key=key, defaults={"size": size})
    storage = storage_of(pool)
    try:
        storage.quarantine(key)
    except StorageError as error:
        if error.code == "refused" and object_size(storage, quarantined(key)) == size:
            storage.delete(key)  # a run that was killed had copied it already
        elif error.code != "not_found":
            raise


def bring_back(pool: Pool, key: str) -> bool:
    """Undoes `put_away`; whether there was anything to undo. Raises StorageError."""
    storage = storage_of(pool)
    if object_size(storage, quarantined(key)) is None:
        return False
    if object_size(storage, key) is None:
        storage.release(key)
    QuarantinedObject.objects.filter(pool=pool, key=key).delete()
    return True


def note_unknown(pool: Pool) -> None:
    """Rows for objects in quarantine that have none, so that their week begins now."""
    for keys in _pages(storage_of(pool)):
        known = set(QuarantinedObject.objects.filter(pool=pool, key__in=keys).values_list("key", flat=True))
        rows = [QuarantinedObject(pool=pool, key=key, size=size) for key, size in keys.items() if key not in known]
        QuarantinedObject.objects.bulk_create(rows, ignore_conflicts=True)


def _pages(storage: Storage) -> Iterator[dict[str, int]]:
    page: dict[str, int] = {}
    for info in storage.list(prefix=QUARANTINE):
        page[info.key.removeprefix(QUARANTINE)] = info.size
        if len(page) == 500:
            yield page
            page = {}
    if page:
        yield page


def bring_back_needed(pool: Pool) -> int:
    """Objects of which the row came after all: a write that took longer than the grace. Returns how many."""
    needed = QuarantinedObject.objects.filter(pool=pool, key__in=Blob.objects.filter(pool=pool).values("key"))
    return sum(bring_back(pool, key) for key in list(needed.values_list("key", flat=True)))


def expired(pool: Pool) -> Iterator[list[QuarantinedObject]]:
    """Batches of what has been in quarantine for a week."""
    while batch := list(QuarantinedObject.objects.filter(pool=pool, found_at__lt=now() - KEPT).order_by("pk")[:500]):
        yield batch


def remove_expired(pool: Pool) -> tuple[int, int]:
    """Deletes what has been in quarantine for a week: `(objects, bytes)`. Raises StorageError."""
    count = size = 0
    storage = storage_of(pool)
    for batch in expired(pool):
        storage.delete_many([quarantined(row.key) for row in batch])
        QuarantinedObject.objects.filter(pk__in=[row.pk for row in batch]).delete()
        count += len(batch)
        size += sum(row.size for row in batch)
    return count, size
