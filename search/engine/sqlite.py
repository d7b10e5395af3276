"""SQLite FTS5: a contentless table, because the words are in search_document and search_contenttext already.

Its tokenizer is `ascii`: what it gets are final words with spaces between them (search/text/words.py), which it only
has to split; `unicode61` would drop emoji and every letter that is newer than its Unicode 6.1.
https://www.sqlite.org/fts5.html
"""

from collections.abc import Iterable, Sequence

from django.db import connection

from search.engine.dialect import MOST_SPACES, Sql, marks
from search.syntax import Clause, Typed

NAME_WEIGHT = 8.0  # a word in the name counts as much as many in the text
_ENTRY = (
    "SELECT {command} d.node_id, 's' || d.space_id, d.name_words, "
    "CASE WHEN d.has_text THEN COALESCE(t.words, '') ELSE '' END "
    "FROM search_document d LEFT JOIN search_contenttext t ON t.content_id = d.content_id WHERE d.node_id IN ({marks})"
)


class SqliteDialect:
    def condition(self, typed: Typed) -> Sql:
        return Sql("d.node_id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH %s)", (_expression(typed),))

    def ranked(self, typed: Typed, spaces: Sequence[int]) -> tuple[Sql, Sql, Sql]:
        source = (
            f"(SELECT rowid AS node_id, -bm25(search_fts, 0.0, {NAME_WEIGHT}, 1.0) AS relevance "  # noqa: S608
            "FROM search_fts WHERE search_fts MATCH %s) f"
        )
        return Sql(source, (_within(spaces, _expression(typed)),)), Sql("1"), Sql("f.relevance")

    def has_phrase(self, words: Sequence[str], spaces: Sequence[int]) -> Sql:
        return Sql(
            "(d.node_id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH %s))",
            (_within(spaces, f"text : {_phrase(words, prefix=True)}"),),
        )

    def write(self, node_ids: Sequence[int]) -> None:
        self._execute("INSERT INTO search_fts (rowid, space, name, text) ", "", node_ids)

    def erase(self, node_ids: Sequence[int]) -> None:
        self._execute("INSERT INTO search_fts (search_fts, rowid, space, name, text) ", "'delete',", node_ids)

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_fts (search_fts) VALUES ('delete-all')")

    def _execute(self, insert: str, command: str, node_ids: Sequence[int]) -> None:
        if not node_ids:
            return
        with connection.cursor() as cursor:
            cursor.execute(insert + _ENTRY.format(command=command, marks=marks(node_ids)), list(node_ids))


def _within(spaces: Sequence[int], expression: str) -> str:
    if not 0 < len(spaces) <= MOST_SPACES:
        return expression
    return f"(space : ({' OR '.join(f's{pk}' for pk in spaces)})) AND ({expression})"


def _expression(typed: Typed) -> str:
    """FTS5's own query language. Words have no punctuation in them, so quoting them is all that safety needs."""
    wanted = _joined(typed.wanted, " AND ")
    return f"({wanted}) NOT ({_joined(typed.unwanted, ' OR ')})" if typed.unwanted else wanted


def _joined(clauses: Iterable[Clause], connector: str) -> str:
    return connector.join(
        ("name : " if clause.in_name else "{name text} : ") + _phrase(clause.words, prefix=clause.prefix)
        for clause in clauses
    )


def _phrase(words: Sequence[str], *, prefix: bool) -> str:
    return f'"{" ".join(words)}"{" *" if prefix else ""}'
