"""haystack's SearchBackend on the database itself, and its SearchQuery, which passes its tree of conditions to the
backend unchanged.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from haystack.backends import BaseSearchBackend, BaseSearchQuery, log_query
from haystack.constants import DJANGO_ID
from haystack.models import SearchResult

from files.models import Node
from search.engine import documents
from search.engine.selection import Selection, dialect, select
from search.engine.statement import statement
from search.models import Document
from search.sight import live
from search.syntax import parse

LARGEST_PAGE = 1_000


class SqlSearchBackend(BaseSearchBackend):
    """A document may hold words for longer than the node is where it was; every search also queries the tree."""

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
        if selection.ranked is not None and not selection.ranked.wanted:
            return {"results": [], "hits": 0}
        limit = LARGEST_PAGE if end_offset is None else max(0, min(end_offset - start_offset, LARGEST_PAGE))
        sql = statement(selection, sort_by, limit, start_offset)
        with connection.cursor() as cursor:
            cursor.execute(sql.text, sql.parameters)
            rows = cursor.fetchall()
        results = [_result(result_class or SearchResult, *row[:2]) for row in rows if row[0] is not None]
        return {"results": results, "hits": int(rows[0][2]) if rows else 0}

    def _selection(self, query: Any) -> Selection:
        if isinstance(query, str):
            return Selection(ranked=parse(query))
        return select(query, dialect())


def _result(result_class: Any, node_id: int, score: float) -> Any:
    return result_class("files", "node", str(node_id), float(score), **{DJANGO_ID: str(node_id)})


class SqlSearchQuery(BaseSearchQuery):
    def build_query(self) -> Any:
        return self._raw_query if self._raw_query is not None else self.query_filter

    def __str__(self) -> str:
        return str(self.query_filter)

    def build_query_fragment(self, field: str, filter_type: str, value: Any) -> str:
        """For `repr` only: nothing is looked up by strings."""
        return f"{field}__{filter_type}={value}"

    def run(self, spelling_query: str | None = None, **kwargs: Any) -> None:
        self._take(self.backend.search(self.query_filter, **{**self._parameters(), **kwargs}))

    def run_raw(self, **kwargs: Any) -> None:
        """A raw query is what a person could have typed."""
        self._take(self.backend.search(str(self._raw_query), **{**self._parameters(), **kwargs}))

    def _parameters(self) -> dict[str, Any]:
        return {
            "start_offset": self.start_offset,
            "end_offset": self.end_offset,
            "sort_by": self.order_by,
            "models": self.models,
            "result_class": self.result_class,
        }

    def _take(self, results: dict[str, Any]) -> None:
        self._results = results["results"]
        self._hit_count = results["hits"]
        self._facet_counts: dict[str, Any] = {}
        self._spelling_suggestion = None
