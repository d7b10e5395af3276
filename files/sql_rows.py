"""Rows to model instances and back by hand-written SQL, for the hot paths.

The ORM's compiler takes about half a millisecond a statement, SQLite a tenth of that: an upload is thirty statements.
"""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

from common.batches import in_batches

M = TypeVar("M", bound=models.Model)
Values = list[Any]
MAXIMUM_PARAMETERS = 900  # SQLite's traditional limit is 999


@cache
def columns(model: type[models.Model], alias: str) -> str:
    """`alias.id, alias.name, …`: what `load` takes."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def width(model: type[models.Model]) -> int:
    """How many values `columns` gives."""
    return len(_names(model))


def make(model: type[M], **values: Any) -> M:
    """A new instance, ten times as fast as by the model's own `__init__`.

    Values are given by the names of columns (`pool_id`, not `pool`), and are taken as they are; defaults of the model
    apply, those of the database do not. No signal is sent.
    """
    instance = model.__new__(model)
    instance.__dict__.update(_defaults(model), _state=ModelState(), **values)
    for name, default in _made_defaults(model):
        if name not in values:
            instance.__dict__[name] = default()
    return instance


def relate(instance: models.Model, name: str, other: models.Model) -> None:
    """`instance.name = other` for a foreign key whose id is set already, without what the descriptor checks."""
    instance._state.fields_cache[name] = other


def load(model: type[M], row: Sequence[Any]) -> M:
    """An instance from the values of `columns`, as the ORM would have made it."""
    instance = model.__new__(model)
    known = instance.__dict__
    known["_state"] = state = ModelState()
    state.adding, state.db = False, "default"
    known.update(zip(_names(model), row, strict=True))
    for name, convert in _converters(model, connection.vendor):
        if known[name] is not None:
            known[name] = convert(known[name])
    return instance


def select(model: type[M], sql: str, parameters: Sequence[Any]) -> list[M]:
    """Instances from a SELECT of exactly `columns(model, …)`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [load(model, row) for row in cursor.fetchall()]


def select_joined(
    tables: Sequence[tuple[type[models.Model], str]], sql: str, parameters: Sequence[Any]
) -> list[tuple[Any, ...]]:
    """Of each row one instance per table, None where a LEFT JOIN found nothing. `sql` goes on after the columns.

    The instances are not related to each other yet: see `relate`.
    """
    names = ", ".join(columns(model, alias) for model, alias in tables)
    slices, start = [], 0
    for model, _ in tables:
        slices.append((model, start, start + width(model)))
        start += width(model)
    return [
        tuple(None if row[first] is None else load(model, row[first:end]) for model, first, end in slices)
        for row in fetch(f"SELECT {names} {sql}", parameters)
    ]


def fetch(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What a SELECT finds."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@dataclass(frozen=True, slots=True)
class Computed:
    """A column whose value the database works out, by `sql` with the `parameters` of each instance."""

    column: str
    sql: str
    parameters: Callable[[Any], list[Any]]


def insert(model: type[M], instances: Sequence[M], *, computed: Computed | None = None) -> None:
    """Inserts them in as few statements as possible; each gets its id, where the model does not make it itself, or
    another one, where somebody has its id already. Every other value must be set.
    """
    if not instances:
        return
    names = _names(model)[1:]
    take, adapters = itemgetter(*names), _adapters(model)
    rows = [list(take(instance.__dict__)) for instance in instances]
    for index, adapt in adapters:
        _adapt_column(rows, index, adapt)
    if computed is not None:
        index = names.index(computed.column)
        for row, instance in zip(rows, instances, strict=True):
            row[index : index + 1] = computed.parameters(instance)
    size = max(1, MAXIMUM_PARAMETERS // (len(rows[0]) + 1))
    expression = (computed.column, computed.sql) if computed is not None else None
    run = _insert_with_ids if _makes_ids(model) else _insert_without_ids
    for part, part_rows in zip(in_batches(instances, size), in_batches(rows, size), strict=True):
        run(model, part, part_rows, expression)
        for instance in part:
            instance._state.adding, instance._state.db = False, "default"


def _insert_without_ids(
    model: type[M], instances: Sequence[M], rows: list[Values], expression: tuple[str, str] | None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(model, len(rows), expression), list(chain.from_iterable(rows)))
        for instance, (pk,) in zip(instances, cursor.fetchall(), strict=True):
            instance.__dict__["id"] = pk


def _insert_with_ids(
    model: type[M], instances: Sequence[M], rows: list[Values], expression: tuple[str, str] | None
) -> None:
    """A number that another process has taken in the same millisecond (common/ids.py) is replaced by a new one."""
    left = list(zip(instances, rows, strict=True))
    while left:
        parameters = [value for instance, row in left for value in (instance.__dict__["id"], *row)]
        inserted = {pk for (pk,) in fetch(_insert_sql(model, len(left), expression, with_ids=True), parameters)}
        left = [(instance, row) for instance, row in left if instance.__dict__["id"] not in inserted]
        for instance, _ in left:
            instance.__dict__["id"] = model._meta.concrete_fields[0].get_default()


def _adapt_column(rows: list[Values], index: int, adapt: Callable[[Any], Any]) -> None:
    """Most rows of an act have the same time, so what came last is remembered."""
    last = adapted = None
    for row in rows:
        value = row[index]
        if value is None:
            continue
        if value is not last:
            last, adapted = value, adapt(value)
        row[index] = adapted


@cache
def _insert_sql(
    model: type[models.Model], count: int, computed: tuple[str, str] | None, *, with_ids: bool = False
) -> str:
    fields = model._meta.concrete_fields[0 if with_ids else 1 :]
    names = ", ".join(f'"{field.column}"' for field in fields)
    column, sql = computed or ("", "")
    marks = "(" + ", ".join(sql if field.column == column else "%s" for field in fields) + ")"
    taken = 'ON CONFLICT ("id") DO NOTHING ' if with_ids else ""
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {", ".join([marks] * count)} {taken}RETURNING "id"'


@cache
def _makes_ids(model: type[models.Model]) -> bool:
    return model._meta.concrete_fields[0].has_default()


_PLAIN = (models.IntegerField, models.CharField, models.TextField, models.BooleanField, models.ForeignKey)


def _adapters(model: type[models.Model]) -> list[tuple[int, Callable[[Any], Any]]]:
    """By its place after the id, how a value goes into a statement. Numbers and texts go as they are."""
    return [
        (index, adapt_time if kind == "time" else _other_adapter(field))
        for index, (kind, field) in enumerate(_kinds(model))
        if kind != "plain"
    ]


@cache
def _kinds(model: type[models.Model]) -> list[tuple[str, Any]]:
    found = []
    for field in model._meta.concrete_fields[1:]:
        kind = "plain" if isinstance(field, _PLAIN) else "time" if isinstance(field, models.DateTimeField) else "other"
        found.append((kind, field))
    return found


def _other_adapter(field: Any) -> Callable[[Any], Any]:
    return lambda value: field.get_db_prep_save(value, connection)


def adapt_time(value: datetime) -> Any:
    """An aware time as a parameter of a statement."""
    if connection.vendor == "sqlite" and value.tzinfo is UTC:
        return str(value.replace(tzinfo=None))
    return connection.ops.adapt_datetimefield_value(value)


@cache
def _names(model: type[models.Model]) -> list[str]:
    assert model._meta.concrete_fields[0].attname == "id"
    return [field.attname for field in model._meta.concrete_fields]


@cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    """Values that can be shared: what a function makes is made for each instance (`_made_defaults`)."""
    made = dict(_made_defaults(model))
    return {
        field.attname: None if field.has_db_default() and not field.has_default() else field.get_default()
        for field in model._meta.concrete_fields
        if field.attname not in made
    }


@cache
def _made_defaults(model: type[models.Model]) -> list[tuple[str, Callable[[], Any]]]:
    fields = model._meta.concrete_fields
    return [(field.attname, field.default) for field in fields if field.has_default() and callable(field.default)]


@cache
def _converters(model: type[models.Model], vendor: str) -> list[tuple[str, Callable[[Any], Any]]]:
    found: list[tuple[str, Callable[[Any], Any]]] = []
    for field in model._meta.concrete_fields:
        if isinstance(field, models.JSONField):
            found.append((field.attname, from_json))
        elif vendor == "sqlite" and isinstance(field, models.DateTimeField):
            found.append((field.attname, aware))
        elif vendor == "sqlite" and isinstance(field, models.BooleanField):
            found.append((field.attname, bool))
        elif vendor == "sqlite" and isinstance(field, models.UUIDField):
            found.append((field.attname, _from_hex))
    return found


def from_json(value: Any) -> Any:
    """A column's JSON: SQLite gives text, PostgreSQL the value. Most are empty, and need no parser."""
    if value == "{}":
        return {}
    return json.loads(value) if isinstance(value, str) else value


def _from_hex(value: Any) -> Any:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def aware(value: str | datetime) -> datetime:
    """A column's time: SQLite gives text, or a moment without a zone, in UTC; PostgreSQL the moment itself."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
