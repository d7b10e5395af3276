"""haystack's SearchBackend on the database itself."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from haystack.backends import BaseSearchBackend, log_query
from haystack.constants import DJANGO_ID
from haystack.models import SearchResult

from files.models import Node
from search.engine import documents
from search.engine.dialect import Sql, dialect
from search.engine.selection import COLUMNS, Selection, phrase_of, select
from search.live import live
from search.models import Document
from search.syntax import parse

LARGEST_PAGE = 1_000
# A file that is called what was typed comes first, then those with it in their name, then those with it as a phrase.
NAME_IS, NAME_STARTS, NAME_HAS, TEXT_HAS = 100, 20, 50, 40

# What the searcher must not see although its document is still there: nodes that have left the space, and what went to
# the trash after the index last looked.
_LIVE = (
    "n.space_id = d.space_id AND d.node_id NOT IN (WITH RECURSIVE gone(id) AS ("
    "SELECT i.node_id FROM files_trashitem i LEFT JOIN search_searchcursor c ON c.space_id = i.space_id "
    "WHERE i.seq > COALESCE(c.settled, 0) UNION ALL "
    "SELECT g.id FROM files_node g JOIN gone ON g.parent_id = gone.id) SELECT id FROM gone)"
)


class SqlSearchBackend(BaseSearchBackend):
    """A document may hold words for longer than the node is where it was; every search also asks the tree."""

    knows_the_tree = True  # `under` is a condition that it understands

    def update(self, index: Any, iterable: Iterable[Node], commit: bool = True) -> None:
        """Documents for those of these nodes (with version and content) that are live, as they are now; none for the
        others. Unchanged ones cost a comparison. `commit` is haystack's and means nothing here.
        """
        nodes = list(iterable)
        with transaction.atomic():
            found = live(nodes)
            documents.update(found)
            documents.remove(sorted({node.pk for node in nodes} - {node.pk for node in found}))

    def remove(self, obj_or_string: Any, commit: bool = True) -> None:
        """A node, or haystack's identifier of one (`files.node.7`)."""
        identifier = obj_or_string if isinstance(obj_or_string, str) else str(obj_or_string.pk)
        self.remove_nodes([int(identifier.rpartition(".")[2])])

    def remove_nodes(self, node_ids: Sequence[int]) -> None:
        with transaction.atomic():
            documents.remove(node_ids)

    def clear(self, models: Any = None, commit: bool = True) -> None:
        if models is not None and Node not in models:
            return
        with transaction.atomic():
            dialect().clear()
            Document.objects.all()._raw_delete("default")

    @log_query
    def search(
        self,
        query_string: Any,
        start_offset: int = 0,
        end_offset: int | None = None,
        sort_by: Sequence[str] = (),
        models: Any = None,
        result_class: Any = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """`query_string` is haystack's tree of conditions, or a string as a person types it. `sort_by`: names of
        COLUMNS, `-` for the other way round; without it, best first.
        """
        if models and Node not in models:
            return {"results": [], "hits": 0}
        selection = self._selection(query_string)
        source = self._source(selection)
        if source is None:
            return {"results": [], "hits": 0}
        limit = LARGEST_PAGE if end_offset is None else max(0, min(end_offset - start_offset, LARGEST_PAGE))
        with connection.cursor() as cursor:
            statement = self._statement(selection, source, sort_by, limit, start_offset)
            cursor.execute(statement.text, statement.parameters)
            rows = cursor.fetchall()
        results = [_result(result_class or SearchResult, *row[:2]) for row in rows if row[0] is not None]
        return {"results": results, "hits": int(rows[0][2]) if rows else 0}

    def _selection(self, query: Any) -> Selection:
        if isinstance(query, str):
            return Selection(ranked=parse(query))
        return select(query, dialect())

    def _source(self, selection: Selection) -> tuple[Sql, Sql, Sql] | None:
        """Where hits come from, what they must meet, how good they are; None when nothing can match."""
        if selection.ranked is None:
            return Sql("(SELECT node_id FROM search_document) f"), Sql("1 = 1"), Sql("0")
        if not selection.ranked.wanted:
            return None
        return dialect().ranked(selection.ranked)

    def _statement(
        self,
        selection: Selection,
        source: tuple[Sql, Sql, Sql],
        sort_by: Sequence[str],
        limit: int,
        offset: int,
    ) -> Sql:
        """All matches are counted and put in order in one statement; a row without a node tells the number alone."""
        origin, condition, relevance = source
        score = _score(selection, relevance)
        where = [condition, Sql(_LIVE), *selection.where]
        order = ", ".join([*map(_order, sort_by), "score DESC", "node_id DESC"])
        keys = "".join(f", {COLUMNS[name.lstrip('-')]} AS key_{name.lstrip('-')}" for name in sort_by)
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


def _score(selection: Selection, relevance: Sql) -> Sql:
    typed = selection.ranked
    if typed is None or not typed.phrase:
        return relevance
    phrase = " ".join(typed.phrase)
    # Both with a space in front; of the last word the start is enough.
    parts = [
        relevance,
        Sql(f"(CASE WHEN d.name_words = %s THEN {NAME_IS} ELSE 0 END)", (f" {phrase} ",)),
        Sql(
            f"(CASE WHEN substr(d.name_words, 1, %s) = %s THEN {NAME_STARTS} ELSE 0 END)",
            (len(phrase) + 1, f" {phrase}"),
        ),
        Sql(f"(CASE WHEN {_position('d.name_words')} > 0 THEN {NAME_HAS} ELSE 0 END)", (f" {phrase}",)),
    ]
    words = phrase_of(typed)
    if words:
        held = dialect().has_phrase(words)
        parts.append(Sql(f"(CASE WHEN {held.text} THEN {TEXT_HAS} ELSE 0 END)", held.parameters))
    return Sql(" + ".join(part.text for part in parts), tuple(p for part in parts for p in part.parameters))


def _position(column: str) -> str:
    return f"instr({column}, %s)" if connection.vendor == "sqlite" else f"strpos({column}, %s)"


def _order(name: str) -> str:
    column = name.lstrip("-")
    if column not in COLUMNS:
        raise ValueError(f"cannot sort by {column}")
    return f"key_{column} {'DESC' if name.startswith('-') else 'ASC'}"


def _result(result_class: Any, node_id: int, score: float) -> Any:
    return result_class("files", "node", str(node_id), float(score), **{DJANGO_ID: str(node_id)})
