"""The one statement that a search is."""

from collections.abc import Sequence

from django.db import connection

from search.engine.dialect import Sql, marks
from search.engine.selection import COLUMNS, Selection, dialect, phrase_of
from search.text.words import SEPARATOR

# A file that is called what was typed comes first, then those with it in their name, then those with it as a phrase.
NAME_IS, NAME_STARTS, NAME_HAS, TEXT_HAS = 100, 20, 50, 40

# What the searcher must not see although its document is still there: nodes that have left the space, and what went to
# the trash after the index last looked.
_IN_SPACE = "n.space_id = d.space_id"
_NOT_GONE = (
    "d.node_id NOT IN (WITH RECURSIVE gone(id) AS (SELECT i.node_id FROM files_trashitem i WHERE {tops} UNION ALL "
    "SELECT g.id FROM files_node g JOIN gone ON g.parent_id = gone.id) SELECT id FROM gone)"
)


def statement(
    selection: Selection,
    sort_by: Sequence[str],
    limit: int,
    offset: int,
) -> Sql:
    """All matches are counted and put in order in one statement; a row without a node tells the number alone."""
    origin, condition, relevance = _source(selection)
    score = _score(selection, relevance)
    where = [condition, Sql(_IN_SPACE), *_not_gone(selection.spaces), *selection.where]
    order = ", ".join([*map(_order, sort_by), "score DESC", "node_id DESC"])
    keys = "".join(f", {selection.key(name.lstrip('-'))} AS key_{name.lstrip('-')}" for name in sort_by)
    matches = (
        f"SELECT d.node_id AS node_id, {score.text} AS score{keys} FROM {origin.text} "  # noqa: S608
        # CROSS JOIN fixes the order in SQLite, whose planner knows nothing of how many matches there will be.
        "CROSS JOIN search_document d CROSS JOIN files_node n "
        "LEFT JOIN search_contenttext t ON t.content_id = d.content_id AND d.has_text "
        f"WHERE d.node_id = f.node_id AND n.id = d.node_id AND {' AND '.join(part.text for part in where)}"
    )
    parameters = [*score.parameters, *origin.parameters, *(p for part in where for p in part.parameters)]
    sql = (
        f"WITH matches AS ({matches}), page AS (SELECT * FROM matches ORDER BY {order} LIMIT %s OFFSET %s) "  # noqa: S608
        "SELECT p.node_id, p.score, c.total FROM (SELECT COUNT(*) AS total FROM matches) c "
        f"LEFT JOIN page p ON 1 = 1 ORDER BY {order}"
    )
    return Sql(sql, (*parameters, limit, offset))


def _source(selection: Selection) -> tuple[Sql, Sql, Sql]:
    """Where hits come from, what they must meet, how good they are."""
    if selection.ranked is None:
        only = f"WHERE space_id IN ({marks(selection.spaces)})" if selection.spaces else ""
        documents = Sql(f"(SELECT node_id FROM search_document {only}) f", selection.spaces)  # noqa: S608
        return documents, Sql("1 = 1"), Sql("0")
    return dialect().ranked(selection.ranked, selection.spaces)


def _not_gone(spaces: Sequence[int]) -> list[Sql]:
    """Asked for only where the index is behind: its price, above all to PostgreSQL's planner, is high."""
    behind = spaces_behind(spaces)
    if not behind:
        return []
    tops = " OR ".join(["(i.space_id = %s AND i.seq > %s)"] * len(behind))
    return [Sql(_NOT_GONE.format(tops=tops), tuple(value for pair in behind for value in pair))]


def spaces_behind(spaces: Sequence[int]) -> list[tuple[int, int]]:
    """Of these spaces (none: of all) those with changes that the index has not settled: (id, number settled)."""
    only = f"AND s.id IN ({marks(spaces)})" if spaces else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, COALESCE(c.settled, 0) FROM files_space s "  # noqa: S608
            "LEFT JOIN search_searchcursor c ON c.space_id = s.id "
            f"WHERE COALESCE(c.settled, 0) < s.seq {only}",
            list(spaces),
        )
        return cursor.fetchall()


def _score(selection: Selection, relevance: Sql) -> Sql:
    typed = selection.ranked
    if typed is None or not typed.phrase:
        return relevance
    phrase = " ".join(typed.phrase)
    # Both with a space in front; of the last word the start is enough.
    parts = [
        relevance,
        Sql(
            f"(CASE WHEN d.name_words = %s OR {_starts('d.name_words')} THEN {NAME_IS} ELSE 0 END)",
            (f" {phrase} ", *_start(f" {phrase} {SEPARATOR}")),
        ),
        Sql(
            f"(CASE WHEN {_starts('d.name_words')} THEN {NAME_STARTS} ELSE 0 END)",
            _start(f" {phrase}"),
        ),
        Sql(f"(CASE WHEN {_position('d.name_words')} > 0 THEN {NAME_HAS} ELSE 0 END)", (f" {phrase}",)),
    ]
    words = phrase_of(typed)
    if words:
        held = dialect().has_phrase(words, selection.spaces)
        parts.append(Sql(f"(CASE WHEN {held.text} THEN {TEXT_HAS} ELSE 0 END)", held.parameters))
    return Sql(" + ".join(part.text for part in parts), tuple(p for part in parts for p in part.parameters))


def _starts(column: str) -> str:
    return f"substr({column}, 1, %s) = %s"


def _start(text: str) -> tuple[int, str]:
    """The parameters of `_starts`."""
    return len(text), text


def _position(column: str) -> str:
    return f"instr({column}, %s)" if connection.vendor == "sqlite" else f"strpos({column}, %s)"


def _order(name: str) -> str:
    column = name.lstrip("-")
    if column not in COLUMNS:
        raise ValueError(f"cannot sort by {column}")
    return f"key_{column} {'DESC' if name.startswith('-') else 'ASC'}"
