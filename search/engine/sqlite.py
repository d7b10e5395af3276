"""SQLite FTS5: a contentless table, because the words are in search_document and search_contenttext already.

Its tokenizer is `ascii`: what it gets are final words with spaces between them (search/text/words.py), which it only
has to split; `unicode61` would drop emoji and every letter that is newer than its Unicode 6.1.
https://www.sqlite.org/fts5.html

Its `bm25()` weighs a word by the number of documents in the whole table that hold it, which are other people's, and
tells it in the score. What ranks here is of the document alone: how many of the words are in its name, which of them
come often in its text (search/text/words.py), and how short it is.
"""

from collections.abc import Iterable, Sequence

from django.db import connection

from search.engine.dialect import MOST_SPACES, Sql, marks
from search.syntax import Clause, Typed
from search.text.words import TIERS, mark

IN_NAME, OFTEN = 6.0, 1.5  # of ten points: a word in the name, and each tier of how often it comes in the text
SHORT = 1_000  # bytes: a file of this size gets one of the two points that an empty one would get
MOST_RANKED = 8  # of the words that were typed; further ones select, and do not rank
_ENTRY = (
    "SELECT {command} d.node_id, 's' || d.space_id, d.name_words, "
    "CASE WHEN d.has_text THEN COALESCE(t.words, '') ELSE '' END "
    "FROM search_document d LEFT JOIN search_contenttext t ON t.content_id = d.content_id WHERE d.node_id IN ({marks})"
)


class SqliteDialect:
    """Matches and phrases by FTS5."""

    def condition(self, typed: Typed) -> Sql:
        return Sql("d.node_id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH %s)", (_expression(typed),))

    def ranked(self, typed: Typed, spaces: Sequence[int]) -> tuple[Sql, Sql, Sql]:
        source = Sql(
            "(SELECT rowid AS node_id FROM search_fts WHERE search_fts MATCH %s) f",
            (_within(spaces, _expression(typed)),),
        )
        return source, Sql("1"), _relevance(typed.wanted[:MOST_RANKED], spaces)

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


def _relevance(clauses: Sequence[Clause], spaces: Sequence[int]) -> Sql:
    parts: list[str] = []
    parameters: list[object] = []
    for clause in clauses:
        end = "" if clause.prefix else " "
        parts.append(f"{IN_NAME} * (instr(d.name_words, %s) > 0)")
        parameters.append(f" {' '.join(clause.words)}{end}")
        if len(clause.words) > 1:
            continue
        for tier in range(len(TIERS)):
            parts.append(f"{OFTEN} * (d.node_id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH %s))")  # noqa: S608
            parameters.append(_within(spaces, f"text : {_phrase([mark(clause.words[0], tier)], prefix=False)}"))
    return Sql(f"(({' + '.join(parts)}) / {len(clauses)} + 2.0 * {SHORT} / ({SHORT} + n.size))", tuple(parameters))


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
