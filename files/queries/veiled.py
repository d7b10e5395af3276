"""A listing (files/queries/listing.py) for somebody from whom something in the folder, or below it, is hidden."""

from typing import Any

from django.db.models import Case, F, QuerySet, Value, When

from files.models import Node
from files.queries.tree import LocatedNode
from files.queries.veil import Less, Veil

Row = tuple[Any, ...]
_ID, _SEQ = 0, 4  # positions in a row: see COLUMNS


def rows_sql(sql: str, veil: Veil, place: LocatedNode) -> str:
    """Sizes and counts as they are shown, where they are ordered by, too; and without what is hidden. All of them are
    numbers of our own.
    """
    less = _children(veil, place)
    for column, values in (("n.size", {pk: one.size for pk, one in less.items()}), ("n.descendants", _counts(less))):
        sql = sql.replace(column, _difference(column, values))
    hidden = ", ".join(map(str, sorted(veil.hidden)))
    return sql.replace("WHERE n.parent_id = %s", f"WHERE n.parent_id = %s AND n.id NOT IN ({hidden})", 1)


def _counts(less: dict[int, Less]) -> dict[int, int]:
    return {pk: one.descendants for pk, one in less.items()}


def _difference(column: str, values: dict[int, int]) -> str:
    if not values:
        return column
    cases = " ".join(f"WHEN {pk} THEN {value}" for pk, value in values.items())
    return f"({column} - CASE n.id {cases} ELSE 0 END)"


def _children(veil: Veil, place: LocatedNode) -> dict[int, Less]:
    """Of the folder those below which something is hidden."""
    return {pk: veil.less[pk] for pk in veil.below.get(place.node.pk, ())}


def with_states(entries: list[Row], veil: Veil) -> list[Row]:
    """The place of the number of the last change is taken by what the entity tag is made of."""
    states = veil.states([row[_ID] for row in entries if row[_ID] in veil.less])
    return [(*row[:_SEQ], states.get(row[_ID], row[_SEQ]), *row[_SEQ + 1 :]) for row in entries]


def without_hidden(rows: "QuerySet[Node]", veil: Veil, place: LocatedNode) -> "QuerySet[Node]":
    """With `shown_size` to order by."""
    cases = [When(pk=pk, then=Value(less.size)) for pk, less in _children(veil, place).items()]
    less = Case(*cases, default=Value(0)) if cases else Value(0)
    return rows.exclude(pk__in=sorted(veil.hidden)).annotate(shown_size=F("size") - less)


def fields(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.replace("size", "shown_size") for name in names)
