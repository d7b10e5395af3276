"""Pages of a folder: a constant number of queries, whatever the folder holds."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import F, OrderBy, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.batches import in_batches
from files import errors, sql_rows
from files.access.rights import Right
from files.models import Node
from files.queries import veiled
from files.queries.file_content import KNOWN_CHECKSUMS
from files.queries.mounts import as_shown
from files.queries.tree import LocatedNode, nodes
from files.queries.veil import Veil, veil_for

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
_NO_MOUNTS = "n.target_id IS NULL"  # what is mounted is for its owner alone
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
    """Folders first. `after` is the position that the page before gave. Mounts come with what their targets hold, and
    without those that lead nowhere now. Raises MountUnavailable rather than to leave one out that should be there.
    """
    place, mounted = place.entered, _mounted(place)
    fields, limit, veil = _fields(actor, place, order), _bounded(limit), veil_for(place.access, place.space.pk)
    found = nodes() if veil is None else veiled.without_hidden(nodes(), veil, place)
    fields = fields if veil is None else veiled.fields(fields)
    entries = list(_ordered(found, place, mounted, fields, after)[: limit + 1])
    position = [_value(entries[limit - 1], name) for name in fields] if len(entries) > limit else None
    entries = entries[:limit]
    if veil is not None:
        veil.cover(entries)
    entries = [as_shown(node, mounted[node.pk].shown) if node.is_mount else node for node in entries]
    return Page(entries, position)


def _mounted(place: LocatedNode) -> dict[int, LocatedNode]:
    """What is mounted directly in the folder, by the ids of the rows."""
    if place.mounts is None:
        return {}
    return {found.node.pk: found for found in place.mounts.all() if found.node.parent_id == place.node.pk}


def list_rows(
    actor: Actor, place: LocatedNode, *, order: str = "name", after: list[Any] | None = None, limit: int = 200
) -> Rows:
    """As list_folder, for programs: plain values."""
    place, mounted = place.entered, _mounted(place)
    fields, limit = _fields(actor, place, order), _bounded(limit)
    sql = _with_mounts(_rows_sql(fields, after is not None, connection.vendor), mounted)
    veil = veil_for(place.access, place.space.pk)
    if veil is not None:
        sql = veiled.rows_sql(sql, veil, place)
    entries = sql_rows.fetch(sql, [place.node.pk, *_position_parameters(fields, after), limit + 1])
    position = _position_of(entries[limit - 1], fields) if len(entries) > limit else None
    return Rows(_shown(entries[:limit], mounted, veil), position)


def _with_mounts(sql: str, mounted: Collection[int]) -> str:
    if not mounted:
        return sql
    ids = ", ".join(map(str, sorted(mounted)))  # numbers of our own
    return sql.replace(_NO_MOUNTS, f"(n.target_id IS NULL OR n.id IN ({ids}))")


def _shown(entries: list[Row], mounted: Mapping[int, LocatedNode], veil: Veil | None) -> list[Row]:
    if veil is not None:
        entries = veiled.with_states(entries, veil)
    if not mounted:
        return entries
    return [_row_of(entry, mounted[entry[0]].shown) if entry[0] in mounted else entry for entry in entries]


def _row_of(entry: Row, target: Node) -> Row:
    values = dict(zip(COLUMNS, entry, strict=True))
    values |= {"n.size": target.size, "n.seq": target.state, "n.descendants": target.descendants}
    values["n.modified_at"] = target.modified_at
    if target.version is not None:  # of a file
        content = target.version.content
        values |= {"n.version_id": target.version_id, "c.content_hash": content.content_hash}
        values |= {"c.media_type": content.media_type, KNOWN_CHECKSUMS: target.version.known_checksums}
    return tuple(values.values())


def list_whole(actor: Actor, place: LocatedNode, *, limit: int = MAXIMUM_PAGE) -> Iterator[list[Row]]:
    """All of a folder by name, in pages of `limit`, one query each and one more for the ids behind the first page.

    Pages by name lose what is renamed meanwhile from behind the end of a page to before it, and who syncs would remove
    it. Here what was in the folder when the second page began is told once, whatever it is called by then, unless it
    has left. What came meanwhile may be missing: the folder has a new entity tag then.
    """
    place, mounted = place.entered, _mounted(place)
    first = list_rows(actor, place, limit=limit)
    yield first.entries
    if first.after is None:
        return
    listed, veil = {entry[0] for entry in first.entries}, veil_for(place.access, place.space.pk)
    every = f"SELECT n.id FROM files_node n WHERE n.parent_id = %s AND {_NO_MOUNTS} ORDER BY n.kind, n.name_key, n.id"
    found = sql_rows.fetch(_with_mounts(every, mounted), [place.node.pk])
    ids = [pk for (pk,) in found if pk not in listed and (veil is None or pk not in veil.hidden)]
    for some in in_batches(ids, _bounded(limit)):
        # They are numbers of our own. As parameters they would be more than SQLite may take.
        batch = ", ".join(map(str, some))
        sql = f"{_select_sql(connection.vendor)} AND n.id IN ({batch}) ORDER BY n.kind, n.name_key"
        sql = _with_mounts(sql if veil is None else veiled.rows_sql(sql, veil, place), mounted)
        yield _shown(sql_rows.fetch(sql, [place.node.pk]), mounted, veil)


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
        f"LEFT JOIN files_content c ON c.id = v.content_id WHERE n.parent_id = %s AND {_NO_MOUNTS}"
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
        raise errors.InvalidRequest(_("Unknown order."), allowed=sorted(ORDERS))
    return fields


def _bounded(limit: int) -> int:
    return max(1, min(limit, MAXIMUM_PAGE))


def _ordered(
    found: "QuerySet[Node]",
    place: LocatedNode,
    mounted: Collection[int],
    fields: tuple[str, ...],
    after: list[Any] | None,
) -> "QuerySet[Node]":
    there = Q(target_id=None) | Q(pk__in=list(mounted)) if mounted else Q(target_id=None)
    rows = found.filter(there, parent_id=place.node.pk).order_by(*(_ordering(name) for name in fields))
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
