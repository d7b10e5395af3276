"""A toy search engine behind django-haystack: documents in this process. In the product: a module of search/engine/."""

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from haystack.backends import BaseEngine, BaseSearchBackend, log_query
from haystack.constants import DJANGO_ID
from haystack.models import SearchResult
from haystack.utils import get_identifier

from files.models import Node
from search.engine.backend import SqlSearchQuery
from search.syntax import Clause, Typed

Document = dict[str, Any]  # the fields of search.search_indexes.NodeIndex
LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "in": lambda held, wanted: held in wanted,
    "startswith": lambda held, wanted: str(held).startswith(wanted),
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class ToyBackend(BaseSearchBackend):
    """Without `knows_the_tree`, search.queries asks the tree itself whether a hit is still where it was."""

    documents: ClassVar[dict[str, Document]] = {}

    def update(self, index: Any, iterable: Iterable[Node], commit: bool = True) -> None:
        for node in iterable:
            self.documents[get_identifier(node)] = index.full_prepare(node)

    def remove(self, obj_or_string: Any, commit: bool = True) -> None:
        self.documents.pop(get_identifier(obj_or_string), None)

    def clear(self, models: Any = None, commit: bool = True) -> None:
        self.documents.clear()

    @log_query
    def search(
        self,
        query_string: Any,
        start_offset: int = 0,
        end_offset: int | None = None,
        sort_by: Sequence[str] = (),
        result_class: Any = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """`query_string` is haystack's tree of conditions, which SqlSearchQuery hands on as it is."""
        found = [document for document in self.documents.values() if _holds(query_string, document)]
        for name in reversed(sort_by or ()):
            found.sort(key=operator.itemgetter(name.lstrip("-")), reverse=name.startswith("-"))
        results = [
            (result_class or SearchResult)("files", "node", document[DJANGO_ID], 1.0, **document)
            for document in found[start_offset:end_offset]
        ]
        return {"results": results, "hits": len(found)}


def _holds(condition: Any, document: Document) -> bool:
    children = (_holds(c, document) if hasattr(c, "children") else _leaf(*c, document) for c in condition.children)
    held = all(children) if condition.connector == condition.AND else any(children)
    return held != condition.negated


def _leaf(expression: str, value: Any, document: Document) -> bool:
    name, _, lookup = expression.partition("__")
    if name == "content":
        return _matches(value.typed, document)
    wanted = getattr(value, "query_string", value)
    return LOOKUPS.get(lookup, operator.eq)(document[name], wanted)


def _matches(typed: Typed, document: Document) -> bool:
    def has(clause: Clause) -> bool:
        text = document["name"] if clause.in_name else f"{document['name']} {document['text']}"
        return f" {' '.join(clause.words)}{'' if clause.prefix else ' '}" in f" {text} "

    return all(map(has, typed.wanted)) and not any(map(has, typed.unwanted))


class ToyEngine(BaseEngine):
    backend = ToyBackend
    query = SqlSearchQuery
