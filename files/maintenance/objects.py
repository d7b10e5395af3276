"""Rows of blobs against the objects of a pool: both in the order of their keys, merged, in constant memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Collate

from files.blobs.pools import storage_of
from files.models import Blob, BlobCopy, Pool
from storage.base import ObjectInfo, Storage, StorageError

BATCH = 2_000
COPY = 0  # no blob has this id


class Kind(StrEnum):
    """How rows and objects can differ."""

    MISSING = "missing"  # a row without an object
    SIZE = "size"  # both, of different sizes
    UNKNOWN = "unknown"  # an object without a row
    SAME = "same"
    COPY = "copy"  # an object of a blob that is elsewhere: it was moved, or is being moved


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
    rows = merge(blob_rows(pool), copy_rows(pool))
    row = next(rows, None)
    for info in storage_of(pool).list():
        while row is not None and row[0] < info.key:
            yield from _missing(row)
            row = next(rows, None)
        if row is not None and row[0] == info.key:
            yield _pair(row, info)
            row = next(rows, None)
        else:
            yield Compared(Kind.UNKNOWN, info.key, size=info.size, modified=info.modified)
    while row is not None:
        yield from _missing(row)
        row = next(rows, None)


def _missing(row: tuple[str, int, int]) -> Iterator[Compared]:
    if row[1] != COPY:  # the object of a copy comes after its row and goes before it
        yield Compared(Kind.MISSING, row[0], row[1], row[2])


def _pair(row: tuple[str, int, int], info: ObjectInfo) -> Compared:
    if row[1] == COPY:
        return Compared(Kind.COPY, row[0], None, row[2], info.size, info.modified)
    kind = Kind.SAME if row[2] == info.size else Kind.SIZE
    return Compared(kind, row[0], row[1], row[2], info.size, info.modified)


def blob_rows(pool: Pool) -> Iterator[tuple[str, int, int]]:
    """`(key, id, size)` in the byte order of keys, which is the order of listings, whatever the database's own is."""
    yield from _in_key_order(Blob.objects.filter(pool=pool))


def copy_rows(pool: Pool) -> Iterator[tuple[str, int, int]]:
    """The same of objects whose blobs are elsewhere, with COPY for an id."""
    for key, _, size in _in_key_order(BlobCopy.objects.filter(pool=pool)):
        yield key, COPY, size


def _in_key_order(rows: "QuerySet[Any]") -> Iterator[tuple[str, int, int]]:
    order: Any = Collate(F("key"), "C") if connection.vendor == "postgresql" else F("key")
    rows = rows.annotate(ordered=order).order_by("ordered")
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
        rows: tuple[Any, ...] = (Blob, BlobCopy)
        return there and not any(model.objects.filter(pool=pool, key=seen.key).exists() for model in rows)
    size = object_size(storage, seen.key)
    # A doomed one loses its object first; one that has moved was there as long as it was this blob's.
    blob = Blob.objects.filter(pk=seen.blob_id or 0, pool=pool, key=seen.key, doomed_at=None).first()
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
