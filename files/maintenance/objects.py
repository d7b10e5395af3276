"""Rows of blobs against the objects of a pool: both in the order of their keys, merged, in constant memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Collate

from files.blobs.pools import storage_of
from files.models import Blob, Pool
from files.storage.base import ObjectInfo, Storage, StorageError

BATCH = 2_000


class Kind(StrEnum):
    MISSING = "missing"  # a row without an object
    SIZE = "size"  # both, of different sizes
    UNKNOWN = "unknown"  # an object without a row
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Compared:
    """One key. `blob_id` and `expected` are the row's, `size` and `modified` the object's."""

    kind: Kind
    key: str
    blob_id: int | None = None
    expected: int = 0
    size: int = 0
    modified: datetime | None = None


def compare(pool: Pool) -> Iterator[Compared]:
    """Every key of the pool once. Both sides go on changing: `confirm` what matters. Raises StorageError."""
    rows = blob_rows(pool)
    row = next(rows, None)
    for info in storage_of(pool).list():
        while row is not None and row[0] < info.key:
            yield Compared(Kind.MISSING, row[0], row[1], row[2])
            row = next(rows, None)
        if row is not None and row[0] == info.key:
            yield _pair(row, info)
            row = next(rows, None)
        else:
            yield Compared(Kind.UNKNOWN, info.key, size=info.size, modified=info.modified)
    while row is not None:
        yield Compared(Kind.MISSING, row[0], row[1], row[2])
        row = next(rows, None)


def _pair(row: tuple[str, int, int], info: ObjectInfo) -> Compared:
    kind = Kind.SAME if row[2] == info.size else Kind.SIZE
    return Compared(kind, row[0], row[1], row[2], info.size, info.modified)


def blob_rows(pool: Pool) -> Iterator[tuple[str, int, int]]:
    """`(key, id, size)` in the byte order of keys, which is the order of listings, whatever the database's own is."""
    order: Any = Collate(F("key"), "C") if connection.vendor == "postgresql" else F("key")
    rows = Blob.objects.filter(pool=pool).annotate(ordered=order).order_by("ordered")
    after = ""
    while batch := list(rows.filter(ordered__gt=after).values_list("key", "pk", "size")[:BATCH]):
        yield from batch
        after = batch[-1][0]


def confirm(pool: Pool, seen: Compared) -> bool:
    """Whether a difference is there now: the row first, then the object, as each is made after its object and
    removed after it. Raises StorageError.
    """
    storage = storage_of(pool)
    if seen.kind is Kind.UNKNOWN:
        there = object_size(storage, seen.key) is not None
        return there and not Blob.objects.filter(pool=pool, key=seen.key).exists()
    size = object_size(storage, seen.key)
    blob = Blob.objects.filter(pk=seen.blob_id or 0, doomed_at=None).first()  # a doomed one loses its object first
    if blob is None:
        return False
    return size is None if seen.kind is Kind.MISSING else size not in (None, blob.size)


def object_size(storage: Storage, key: str) -> int | None:
    """None when there is no such object."""
    try:
        return storage.size(key)
    except StorageError as error:
        if error.code == "not_found":
            return None
        raise
