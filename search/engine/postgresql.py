"""PostgreSQL full text: a tsvector made here from final words, so that no parser or dictionary of the server, which
depend on its locale, comes between. Name words have weight A, words of the text D.

A tsvector knows positions up to 16,383 only and up to 256 for a word, so it says which documents have all the words;
whether they stand one after the other is looked up in the words themselves.
https://www.postgresql.org/docs/current/textsearch-limitations.html
"""

from collections.abc import Iterable, Sequence

from django.db import connection

from search.engine.dialect import MOST_SPACES, Sql, marks
from search.syntax import Clause, Typed
from search.text.words import without_marks

MAXIMUM_POSITION = 16_383
POSITIONS_OF_A_WORD = 6  # enough to tell a text about it from one that mentions it
MAXIMUM_VECTOR = 1_000_000  # bytes; PostgreSQL allows 1 MiB
_TOO_LARGE = "'/+'"  # a lexeme that is no word: the vector does not hold all words
_TEXT = "(CASE WHEN d.has_text THEN COALESCE(t.words, '') ELSE '' END)"


class PostgresqlDialect:
    """Matches by a tsvector, phrases by the words themselves."""

    def condition(self, typed: Typed) -> Sql:
        match = _match(typed)
        return Sql(
            "d.node_id IN (SELECT f.node_id FROM search_fts f JOIN search_document d USING (node_id) "  # noqa: S608
            "LEFT JOIN search_contenttext t ON t.content_id = d.content_id "
            f"WHERE f.vector @@ %s::tsquery AND {match.text})",
            (_or_too_large(_expression(typed)), *match.parameters),
        )

    def ranked(self, typed: Typed, spaces: Sequence[int]) -> tuple[Sql, Sql, Sql]:
        expression = _expression(typed)
        within = _or_too_large(expression)
        if 0 < len(spaces) <= MOST_SPACES:
            within = f"({' | '.join(_space(pk) for pk in spaces)}) & ({within})"
        return (
            Sql("(SELECT node_id, vector FROM search_fts WHERE vector @@ %s::tsquery) f", (within,)),
            _match(typed),
            Sql("10 * ts_rank('{0.1, 0.2, 0.4, 1.0}', f.vector, %s::tsquery, 1)", (expression,)),
        )

    def has_phrase(self, words: Sequence[str], spaces: Sequence[int]) -> Sql:
        return Sql(f"(strpos({_TEXT}, %s) > 0)", (_needle(words, prefix=True),))

    def write(self, node_ids: Sequence[int]) -> None:
        if not node_ids:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT d.node_id, d.space_id, d.name_words, {_TEXT} FROM search_document d "  # noqa: S608
                "LEFT JOIN search_contenttext t ON t.content_id = d.content_id "
                f"WHERE d.node_id IN ({marks(node_ids)}) ORDER BY d.node_id",
                list(node_ids),
            )
            entries = [(node_id, _vector(*entry)) for node_id, *entry in cursor.fetchall()]
            values = ", ".join(["(%s, %s::tsvector)"] * len(entries))
            cursor.execute(
                f"INSERT INTO search_fts (node_id, vector) VALUES {values} "  # noqa: S608
                "ON CONFLICT (node_id) DO UPDATE SET vector = EXCLUDED.vector",
                [value for entry in entries for value in entry],
            )

    def erase(self, node_ids: Sequence[int]) -> None:
        if node_ids:
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM search_fts WHERE node_id IN ({marks(node_ids)})", list(node_ids))  # noqa: S608

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE search_fts")


def _expression(typed: Typed) -> str:
    """A tsquery. Words have no punctuation in them, so quoting them is all that safety needs."""
    parts = [_all_of(clause) for clause in typed.wanted]
    # Of an unwanted phrase only the words can be excluded here when it is one word; see _match for the others.
    parts += [f"!({_all_of(clause)})" for clause in typed.unwanted if len(clause.words) == 1]
    return " & ".join(parts)


def _all_of(clause: Clause) -> str:
    weight = "A" if clause.in_name else ""
    signs = [weight] * (len(clause.words) - 1) + [("*" if clause.prefix else "") + weight]
    return " & ".join(
        f"'{word}'" + (f":{sign}" if sign else "") for word, sign in zip(clause.words, signs, strict=True)
    )


def _or_too_large(expression: str) -> str:
    return f"({expression}) | {_TOO_LARGE}"


def _match(typed: Typed) -> Sql:
    """What a tsquery cannot say: words that must, or must not, stand one after the other; all of the words where the
    vector does not hold all.
    """
    phrases, words = _standing(typed, only_phrases=True), _standing(typed, only_phrases=False)
    return Sql(
        f"{phrases.text} AND (f.vector @@ %s::tsquery OR {words.text})",
        (*phrases.parameters, f"!{_TOO_LARGE}", *words.parameters),
    )


def _standing(typed: Typed, *, only_phrases: bool) -> Sql:
    conditions: list[str] = []
    parameters: list[object] = []
    for clauses, negation in ((typed.wanted, ""), (typed.unwanted, "NOT ")):
        for clause in clauses:
            if only_phrases and len(clause.words) == 1:
                continue
            needle = _needle(clause.words, prefix=clause.prefix)
            places = ["d.name_words"] if clause.in_name else ["d.name_words", _TEXT]
            conditions.append(f"{negation}({' OR '.join(f'strpos({place}, %s) > 0' for place in places)})")
            parameters += [needle] * len(places)
    return Sql(f"({' AND '.join(conditions) or 'true'})", tuple(parameters))


def _needle(words: Iterable[str], *, prefix: bool) -> str:
    return f" {' '.join(words)}" + ("" if prefix else " ")


def _space(space_id: int) -> str:
    """A lexeme that is no word."""
    return f"'/{space_id}'"


def _vector(space_id: int, name: str, text: str) -> str:
    """The literal of a tsvector: `'/7' 'word':1A,7 'other':2`. The words come first, positions where there is room
    left; those of the name always have it, since their weight is what tells them from the text.
    """
    in_name, in_text = name.split(), without_marks(text).split()
    positions: dict[str, list[str]] = {}
    room = _add(positions, in_name, MAXIMUM_VECTOR)
    room = _place(positions, in_name, "A", room)
    room = _add(positions, in_text, room)
    _place(positions, in_text, "", room)
    is_whole = len(positions) == len({*in_name, *in_text})
    lexemes = (f"'{word}'" + (":" + ",".join(places) if places else "") for word, places in positions.items())
    return " ".join([_space(space_id), *([] if is_whole else [_TOO_LARGE]), *lexemes])


def _add(positions: dict[str, list[str]], words: Sequence[str], room: int) -> int:
    """Puts words in without positions, as long as there is room (bytes). Returns what is left of it."""
    for word in dict.fromkeys(words):
        size = len(word.encode()) + 1  # with alignment
        if word in positions:
            continue
        if size > room:
            return 0
        positions[word] = []
        room -= size
    return room


def _place(positions: dict[str, list[str]], words: Sequence[str], weight: str, room: int) -> int:
    for position, word in enumerate(words, 1):
        found = positions.get(word)
        if found is None or len(found) >= POSITIONS_OF_A_WORD or room < 4:
            continue
        room -= 2 if found else 4  # the first one with how many there are
        found.append(f"{min(position, MAXIMUM_POSITION)}{weight}")
    return room
