"""From haystack's tree of conditions to SQL."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from search.engine.dialect import Dialect, Sql, marks
from search.engine.postgresql import PostgresqlDialect
from search.engine.sqlite import SqliteDialect
from search.inputs import Sight, TypedInput
from search.syntax import Clause, Typed, parse

# Where a node is, what it is called and how large it is now is asked of the tree itself: those answers are never old.
COLUMNS = {
    "django_id": "d.node_id",
    "pk": "d.node_id",
    "space_id": "d.space_id",
    "extension": "d.extension",
    "media_type": "d.media_type",
    "kind": "n.kind",
    "name": "n.name",
    "name_key": "n.name_key",
    "size": "n.size",
    "modified_at": "n.modified_at",
}
_COMPARISONS = {"exact": "=", "content": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_PATTERNS = {"startswith": ("", "%"), "endswith": ("%", ""), "contains": ("%", "%")}
_BELOW = (
    "d.node_id IN (WITH RECURSIVE below(id) AS (SELECT id FROM files_node WHERE parent_id = %s UNION ALL "
    "SELECT c.id FROM files_node c JOIN below ON c.parent_id = below.id) SELECT id FROM below)"
)

# The nodes themselves and all that is below them, but for what is closed. The numbers are our own: there may be more of
# them than a statement may have parameters, or conditions.
_FROM = (
    "(WITH RECURSIVE below(id) AS (SELECT id FROM files_node WHERE id IN ({tops}) UNION "
    "SELECT c.id FROM files_node c JOIN below ON c.parent_id = below.id{but}) SELECT id FROM below)"
)


class UnknownField(ValueError):
    """A field or a kind of lookup that the index does not have."""


def dialect() -> Dialect:
    """That of the database in use."""
    return SqliteDialect() if connection.vendor == "sqlite" else PostgresqlDialect()


@dataclass
class Selection:
    """`ranked` is the text that all hits match and that their order comes from; `where` everything else. `spaces` are
    those that `where` leaves, as far as it names them. `size` is what has the place of the column: what is shown of it.
    """

    ranked: Typed | None = None
    spaces: tuple[int, ...] = ()
    where: list[Sql] = field(default_factory=list)
    size: str = COLUMNS["size"]

    def key(self, name: str) -> str:
        """The column that hits are put in order by."""
        return self.size if name == "size" else COLUMNS[name]


def select(query_filter: Any, dialect: Dialect) -> Selection:
    """`query_filter` is a haystack SearchNode."""
    selection = Selection()
    conjunction = query_filter.connector == query_filter.AND or len(query_filter.children) == 1
    if query_filter.negated or not conjunction:
        selection.where = [_node(query_filter, dialect)] if query_filter.children else []
        return selection
    texts = []
    for child in query_filter.children:
        typed = None if hasattr(child, "children") else _typed(*child)
        if typed is not None and typed.wanted:
            texts.append(typed)
        else:
            selection.where.append(_child(child, dialect))
            if not hasattr(child, "children") and child[0] == "space_id__in":
                selection.spaces = tuple(child[1])
    if texts:
        selection.ranked = _merged(texts)
    _show_sizes(selection, query_filter)
    return selection


def _show_sizes(selection: Selection, query_filter: Any) -> None:
    """Folders above something hidden are compared by what is shown of them."""
    leaves = [child for child in query_filter.children if isinstance(child, tuple)]
    values = [getattr(value, "query_string", value) for _, value in leaves]
    less = next((value.less for value in values if isinstance(value, Sight)), ())
    if less:
        cases = " ".join(f"WHEN {pk} THEN {size}" for pk, size in less)  # numbers of our own
        selection.size = f"({COLUMNS['size']} - CASE d.node_id {cases} ELSE 0 END)"
        selection.where = [
            Sql(part.text.replace(COLUMNS["size"], selection.size), part.parameters) for part in selection.where
        ]


def _node(node: Any, dialect: Dialect) -> Sql:
    parts = [_child(child, dialect) for child in node.children]
    text = f" {node.connector} ".join(part.text for part in parts) or "1 = 1"
    return Sql(f"NOT ({text})" if node.negated else f"({text})", tuple(p for part in parts for p in part.parameters))


def _child(child: Any, dialect: Dialect) -> Sql:
    if hasattr(child, "children"):
        return _node(child, dialect)
    expression, value = child
    typed = _typed(expression, value)
    if typed is not None:
        return dialect.condition(typed) if typed.wanted else Sql("1 = 0")
    name, _, lookup = expression.partition("__")
    return _lookup(name, lookup or "exact", value)


def _typed(expression: str, value: Any) -> Typed | None:
    """The text condition that a leaf of the tree is, if it is one."""
    name, _, _ = expression.partition("__")
    if name not in ("content", "text"):
        return None
    return value.typed if isinstance(value, TypedInput) else parse(str(value))


def _lookup(name: str, lookup: str, value: Any) -> Sql:
    value = getattr(value, "query_string", value)
    if name == "under":
        return Sql(_BELOW, (int(value),))
    if name == "sight":
        return _in_sight(value)
    column = COLUMNS.get(name)
    if column is None:
        raise UnknownField(name)
    if lookup in _COMPARISONS:
        return Sql(f"{column} {_COMPARISONS[lookup]} %s", (value,))
    if lookup == "in":
        values = tuple(value)
        return Sql(f"{column} IN ({marks(values)})", values) if values else Sql("1 = 0")
    if lookup == "range":
        low, high = value
        return Sql(f"{column} BETWEEN %s AND %s", (low, high))
    if lookup in _PATTERNS:
        before, after = _PATTERNS[lookup]
        return Sql(f"{column} LIKE %s ESCAPE '!'", (f"{before}{_escaped(str(value))}{after}",))
    raise UnknownField(f"{name}__{lookup}")


def _in_sight(sight: Sight) -> Sql:
    """Of whole spaces all but what is closed; of others what is below the tops, as far down as nothing is closed. What
    is seen inside of something closed is below a top of its own. Two conditions, however many there are of both.
    """
    closed = ", ".join(map(str, sorted(sight.closed)))
    whole = ", ".join(str(part.space_id) for part in sight.parts if part.top is None)
    tops = ", ".join(str(part.top) for part in sight.parts if part.top is not None)
    texts = []
    if whole:
        without = f" AND d.node_id NOT IN {_FROM.format(tops=closed, but='')}" if closed else ""
        texts.append(f"(d.space_id IN ({whole}){without})")
    if tops:
        but = f" WHERE c.id NOT IN ({closed})" if closed else ""
        texts.append(f"d.node_id IN {_FROM.format(tops=tops, but=but)}")
    return Sql(f"({' OR '.join(texts)})") if texts else Sql("1 = 0")


def _escaped(value: str) -> str:
    for sign in "!%_":
        value = value.replace(sign, "!" + sign)
    return value


def _merged(texts: Iterable[Typed]) -> Typed:
    texts = list(texts)
    if len(texts) == 1:
        return texts[0]
    collect: Callable[[str], tuple[Any, ...]] = lambda name: tuple(i for text in texts for i in getattr(text, name))  # noqa: E731
    return Typed(collect("wanted"), collect("unwanted"), texts[0].phrase)


def phrase_of(typed: Typed) -> tuple[str, ...]:
    """The words whose standing together makes a document better; none when there is only one."""
    return typed.phrase if len(typed.phrase) > 1 else ()


__all__ = ["COLUMNS", "Clause", "Selection", "UnknownField", "phrase_of", "select"]
