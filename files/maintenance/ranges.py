"""Large tables a range of ids at a time: constant memory, short statements, no cursor held open."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import connection, models

STEP = 5_000
RowModel = TypeVar("RowModel", bound=models.Model)


def id_ranges(model: type[models.Model], step: int = STEP) -> Iterator[tuple[int, int]]:
    """`(low, high)` with `low < id <= high`, together all rows that are there when their turn comes."""
    low = 0
    manager = model._default_manager
    while True:
        beyond = manager.filter(pk__gt=low).order_by("pk").values_list("pk", flat=True)
        high = next(iter(beyond[step - 1 : step]), None)
        if high is None:
            last = manager.order_by("-pk").values_list("pk", flat=True).first()
            if last is not None and last > low:
                yield low, last
            return
        yield low, high
        low = high


def rows_in_batches(rows: "models.QuerySet[RowModel]", step: int = 500) -> Iterator[list[RowModel]]:
    """The rows of a query in id order, anew for each batch: safe to change them on the way."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:step]):
        yield batch
        last = batch[-1].pk


def select(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of a statement with `%(name)s` parameters."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
