"""Pages of a folder: a constant number of queries, whatever the folder holds."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, OrderBy, Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.actor import Actor
from files import errors, permissions, rows
from files.models import Node
from files.queries.tree import Place, nodes

# Each order ends in the id, so that a page always goes on where the last one ended.
ORDERS: dict[str, tuple[str, ...]] = {
    "name": ("kind", "name_key", "pk"),
    "-name": ("kind", "-name_key", "pk"),
    "size": ("kind", "size", "pk"),
    "-size": ("kind", "-size", "pk"),
    "modified": ("kind", "modified_at", "pk"),
    "-modified": ("kind", "-modified_at", "pk"),
}
MAXIMUM_PAGE = 1_000


# What a program is told of each entry: plain values, since making instances of models costs five times the query.
COLUMNS = (
    *("id", "kind", "name", "name_key", "parent_id", "space_id", "size", "seq", "created_at", "modified_at"),
    *("version_id", "descendants", "version__content__content_hash", "version__content__media_type"),
    "version__content__checksums",
)
TIMES = ("created_at", "modified_at")
Row = tuple[Any, ...]  # in the order of COLUMNS; a time may be text, in UTC, and JSON too


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of plain values; `after` as of Page."""

    entries: list[Row]
    after: list[Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is the position of the last entry, to ask for the next page with; None at the end."""

    entries: list[Node]
    after: list[Any] | None


def list_folder(
    actor: Actor, place: Place, *, order: str = "name", after: list[Any] | None = None, limit: int = 200
) -> Page:
    """Folders first. `after` is the position that the page before gave."""
    fields, limit = _fields(actor, place, order), _bounded(limit)
    entries = list(_ordered(nodes(), place, fields, after)[: limit + 1])
    if len(entries) <= limit:
        return Page(entries, None)
    entries = entries[:limit]
    return Page(entries, [_value(entries[-1], name) for name in fields])


def list_rows(
    actor: Actor, place: Place, *, order: str = "name", after: list[Any] | None = None, limit: int = 200
) -> Rows:
    """As list_folder, for programs: plain values."""
    fields, limit = _fields(actor, place, order), _bounded(limit)
    wanted = _ordered(Node.objects.all(), place, fields, after).values_list(*_columns())[: limit + 1]
    sql, parameters = wanted.query.sql_with_params()
    with connection.cursor() as cursor:  # without the ORM's conversion of every value
        cursor.execute(sql, parameters)
        entries = cursor.fetchall()
    if len(entries) <= limit:
        return Rows(entries, None)
    entries = entries[:limit]
    last = dict(zip(COLUMNS, entries[-1], strict=True))
    position = [last["id" if name == "pk" else name.lstrip("-")] for name in fields]
    if fields[1].lstrip("-") == "modified_at":
        position[1] = rows.aware(position[1]).isoformat()
    return Rows(entries, position)


def _columns() -> list[Any]:
    """COLUMNS; times of SQLite as the text that they are, since making moments of them and text again costs most."""
    if connection.vendor != "sqlite":
        return list(COLUMNS)
    return [Cast(name, TextField()) if name in TIMES else F(name) for name in COLUMNS]


def _fields(actor: Actor, place: Place, order: str) -> tuple[str, ...]:
    permissions.require_read(actor, place.space)
    if not place.node.is_folder:
        raise errors.NotAFolder(id=place.node.pk)
    fields = ORDERS.get(order)
    if fields is None:
        raise errors.InvalidRequest("Unknown order.", allowed=sorted(ORDERS))
    return fields


def _bounded(limit: int) -> int:
    return max(1, min(limit, MAXIMUM_PAGE))


def _ordered(
    found: "QuerySet[Node]", place: Place, fields: tuple[str, ...], after: list[Any] | None
) -> "QuerySet[Node]":
    rows = found.filter(parent_id=place.node.pk).order_by(*(_ordering(name) for name in fields))
    return rows if after is None else rows.filter(_beyond(fields, after))


def _ordering(name: str) -> OrderBy:
    return F(name[1:]).desc() if name.startswith("-") else F(name).asc()


def _value(node: Node, name: str) -> Any:
    value = getattr(node, name.lstrip("-"))
    return value.isoformat() if hasattr(value, "isoformat") else value


def _beyond(fields: tuple[str, ...], after: list[Any]) -> Q:
    """Row-wise comparison, written out: (a > x) or (a = x and (b > y or ...))."""
    if len(after) != len(fields):
        raise errors.InvalidCursor
    condition = Q()
    for name, value in reversed(list(zip(fields, after, strict=True))):
        field, lookup = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        here = Q(**{f"{field}__{lookup}": value})
        condition = here | (Q(**{field: value}) & condition) if condition else here
    return condition
