"""Rows to model instances and back by hand-written SQL, for the hot paths.

The ORM's compiler takes about half a millisecond a statement, SQLite a tenth of that: an upload is thirty statements.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
MAXIMUM_PARAMETERS = 900  # SQLite's traditional limit is 999


@cache
def columns(model: type[models.Model], alias: str) -> str:
    """`alias.id, alias.name, …`: what `load` takes."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def load(model: type[M], row: Sequence[Any]) -> M:
    """An instance from the values of `columns`, as the ORM would have made it."""
    values = list(row)
    for index, convert in _converters(model, connection.vendor):
        if values[index] is not None:
            values[index] = convert(values[index])
    return model.from_db("default", _names(model), values)


def select(model: type[M], sql: str, parameters: Sequence[Any]) -> list[M]:
    """Instances from a SELECT of exactly `columns(model, …)`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [load(model, row) for row in cursor.fetchall()]


def insert(model: type[M], instances: Sequence[M]) -> None:
    """Inserts them in as few statements as possible; each gets its id. Every other value must be set."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = "(" + ", ".join(["%s"] * len(fields)) + ")"
    size = max(1, MAXIMUM_PARAMETERS // len(fields))
    preparations = _preparations(model)
    with connection.cursor() as cursor:
        for start in range(0, len(instances), size):
            part = instances[start : start + size]
            parameters = [prepare(getattr(instance, name)) for instance in part for name, prepare in preparations]
            cursor.execute(
                f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {", ".join([marks] * len(part))} '
                'RETURNING "id"',
                parameters,
            )
            for instance, (pk,) in zip(part, cursor.fetchall(), strict=True):
                instance.pk = pk
                instance._state.adding, instance._state.db = False, "default"


def _preparations(model: type[models.Model]) -> list[tuple[str, Callable[[Any], Any]]]:
    """By attribute, how its value goes into a statement. Numbers and texts go as they are."""
    found: list[tuple[str, Callable[[Any], Any]]] = []
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        if isinstance(field, models.DateTimeField):
            found.append((field.attname, _adapt_time))
        elif isinstance(field, _PLAIN):
            found.append((field.attname, _as_it_is))
        else:
            found.append((field.attname, partial(field.get_db_prep_save, connection=connection)))
    return found


_PLAIN = (models.IntegerField, models.CharField, models.TextField, models.BooleanField, models.ForeignKey)


def _as_it_is(value: Any) -> Any:
    return value


def _adapt_time(value: datetime | None) -> Any:
    return None if value is None else connection.ops.adapt_datetimefield_value(value)


@cache
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@cache
def _converters(model: type[models.Model], vendor: str) -> list[tuple[int, Callable[[Any], Any]]]:
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for index, field in enumerate(model._meta.concrete_fields):
        if isinstance(field, models.JSONField):
            found.append((index, _from_json))
        elif vendor == "sqlite" and isinstance(field, models.DateTimeField):
            found.append((index, _from_text))
        elif vendor == "sqlite" and isinstance(field, models.BooleanField):
            found.append((index, bool))
    return found


def _from_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _from_text(value: Any) -> datetime:
    return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).replace(tzinfo=UTC)
