"""Pages of a folder: a constant number of queries, whatever the folder holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import F, OrderBy, Q, QuerySet

from accounts.actor import Actor
from common.batches import in_batches
from files import errors, sql_rows
from files.access.rights import Right
from files.models import Node
from files.queries import veiled
from files.queries.file_content import KNOWN_CHECKSUMS
from files.queries.tree import LocatedNode, nodes
from files.queries.veil import veil_for

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
    *("n.id", "n.kind", "n.name", "n.size", "n.seq", "n.created_at", "n.modified_at", "n.version_id"),
    *("n.descendants", "c.content_hash", "c.media_type", KNOWN_CHECKSUMS, "n.name_key"),
)
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
    actor: Actor, place: LocatedNode, *, order: str = "name", after: list[Any] | None = None, limit: int = 200
) -> Page:
    """Folders first. `after` is the position that the page before gave."""
    fields, limit = _fields(actor, place, order), _bounded(limit)
    veil = veil_for(place.access)
    found = nodes() if veil is None else veiled.without_hidden(nodes(), veil, place)
    entries = list(_ordered(found, place, fields if veil is None else veiled.fields(fields), after)[: limit + 1])
    if veil is not None:
        veil.cover(entries)
    if len(entries) <= limit:
        return Page(entries, None)
    entries = entries[:limit]
    return Page(entries, [_value(entries[-1], name) for name in fields])


def list_rows(
    actor: Actor, place: LocatedNode, *, order: str = "name", after: list[Any] | None = None, limit: int = 200
) -> Rows:
    """As list_folder, for programs: plain values."""
    fields, limit = _fields(actor, place, order), _bounded(limit)
    sql, veil = _rows_sql(fields, after is not None, connection.vendor), veil_for(place.access)
    if veil is not None:
        sql = veiled.rows_sql(sql, veil, place)
    entries = sql_rows.fetch(sql, [place.node.pk, *_position_parameters(fields, after), limit + 1])
    if veil is not None:
        entries = veiled.with_states(entries, veil)
    if len(entries) <= limit:
        return Rows(entries, None)
    entries = entries[:limit]
    return Rows(entries, _position_of(entries[-1], fields))


def list_whole(actor: Actor, place: LocatedNode, *, limit: int = MAXIMUM_PAGE) -> Iterator[list[Row]]:
    """All of a folder by name, in pages of `limit`, one query each and one more for the ids behind the first page.

    Pages by name lose what is renamed meanwhile from behind the end of a page to before it, and who syncs would remove
    it. Here what was in the folder when the second page began is told once, whatever it is called by then, unless it
    has left. What came meanwhile may be missing: the folder has a new entity tag then.
    """
    first = list_rows(actor, place, limit=limit)
    yield first.entries
    if first.after is None:
        return
    told, veil = {entry[0] for entry in first.entries}, veil_for(place.access)
    found = sql_rows.fetch(
        "SELECT id FROM files_node WHERE parent_id = %s ORDER BY kind, name_key, id", [place.node.pk]
    )
    ids = [pk for (pk,) in found if pk not in told and (veil is None or pk not in veil.hidden)]
    for some in in_batches(ids, _bounded(limit)):
        # They are numbers of our own. As parameters they would be more than SQLite may take.
        batch = ", ".join(map(str, some))
        sql = f"{_select_sql(connection.vendor)} AND n.id IN ({batch}) ORDER BY n.kind, n.name_key"
        rows = sql_rows.fetch(sql if veil is None else veiled.rows_sql(sql, veil, place), [place.node.pk])
        yield rows if veil is None else veiled.with_states(rows, veil)


def _position_of(entry: Row, fields: tuple[str, ...]) -> list[Any]:
    values = dict(zip(COLUMNS, entry, strict=True))
    values["n.modified_at"] = sql_rows.aware(values["n.modified_at"]).isoformat()
    return [values[_column(name)] for name in fields]


@cache
def _rows_sql(fields: tuple[str, ...], goes_on: bool, vendor: str) -> str:
    """One text for each order: the ORM would put it together again for every page, which takes as long as the page."""
    order = ", ".join(_column(name) + (" DESC" if name.startswith("-") else "") for name in fields)
    beyond = f" AND {_beyond_sql(fields)}" if goes_on else ""
    return f"{_select_sql(vendor)}{beyond} ORDER BY {order} LIMIT %s"


@cache
def _select_sql(vendor: str) -> str:
    """Its one parameter is the id of the folder."""
    # SQLite keeps times as text: making moments of them, to make text again, would cost as much as all the rest.
    as_text = " || ''" if vendor == "sqlite" else ""
    columns = ", ".join(name + as_text if name.endswith("_at") else name for name in COLUMNS)
    return (
        f"SELECT {columns} FROM files_node n LEFT JOIN files_version v ON v.id = n.version_id "
        "LEFT JOIN files_content c ON c.id = v.content_id WHERE n.parent_id = %s"
    )


def _column(name: str) -> str:
    name = name.lstrip("-")
    return "n.id" if name == "pk" else f"n.{name}"


def _beyond_sql(fields: tuple[str, ...]) -> str:
    """What comes after a position of which `_position_parameters` gives the values."""
    first, second, last = map(_column, fields)
    if fields[1].startswith("-"):
        return f"({first} > %s OR ({first} = %s AND ({second} < %s OR ({second} = %s AND {last} > %s))))"
    return f"({first}, {second}, {last}) > (%s, %s, %s)"


def _position_parameters(fields: tuple[str, ...], after: list[Any] | None) -> list[Any]:
    if after is None:
        return []
    if len(after) != len(fields):
        raise errors.InvalidCursor
    first, second, last = after
    if fields[1].lstrip("-") == "modified_at":
        second = sql_rows.adapt_time(datetime.fromisoformat(second))
    return [first, first, second, second, last] if fields[1].startswith("-") else [first, second, last]


def _fields(actor: Actor, place: LocatedNode, order: str) -> tuple[str, ...]:
    place.require(Right.VIEW, actor)
    if not place.node.is_folder:
        raise errors.NotAFolder(id=place.node.pk)
    fields = ORDERS.get(order)
    if fields is None:
        raise errors.InvalidRequest("Unknown order.", allowed=sorted(ORDERS))
    return fields


def _bounded(limit: int) -> int:
    return max(1, min(limit, MAXIMUM_PAGE))


def _ordered(
    found: "QuerySet[Node]", place: LocatedNode, fields: tuple[str, ...], after: list[Any] | None
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
