"""haystack's Elasticsearch 7 backend, with scores that know nothing of other people's documents.

Elasticsearch weighs a word by how many documents of the whole index hold it: scores, and with them the order, would
tell how often a word stands in other tenants' files. The similarity `boolean` gives each part of a query that matches
its boost and nothing else; what is equal then is put in order by the document itself.
https://www.elastic.co/guide/en/elasticsearch/reference/7.17/similarity.html
"""

import logging
from typing import Any

from elasticsearch import RequestError
from haystack.backends.elasticsearch7_backend import Elasticsearch7SearchBackend, Elasticsearch7SearchEngine

logger = logging.getLogger(__name__)
SIMILARITY = "boolean"
NEWEST_FIRST: list[dict[str, Any]] = [
    {"_score": {"order": "desc"}},
    {"modified_at": {"order": "desc"}},
    {"django_id": {"order": "desc"}},
]


class ElasticsearchBackend(Elasticsearch7SearchBackend):
    """`counts_others`: the index was made by a release before this one, with other similarities, and no mapping can be
    changed in place. Until `manage.py reindex` has made it anew, all matches have the same score.
    """

    counts_others = False

    def setup(self) -> None:
        try:
            super().setup()
            self.counts_others = False
        except RequestError as error:
            if "similarity" not in str(error.info):
                raise
            self.counts_others = self.setup_complete = True
            logger.error("the search index does not rank until it is made anew: run manage.py reindex")

    def build_schema(self, fields: Any) -> tuple[str, dict[str, Any]]:
        content_field_name, mapping = super().build_schema(fields)
        for field in mapping.values():
            if field["type"] == "text":
                field["similarity"] = SIMILARITY
        return content_field_name, mapping

    def build_search_kwargs(self, query_string: str, sort_by: Any = None, **options: Any) -> dict[str, Any]:
        wanted: dict[str, Any] = super().build_search_kwargs(query_string, sort_by=sort_by, **options)
        wanted["sort"] = [*wanted["sort"], NEWEST_FIRST[-1]] if wanted.get("sort") else NEWEST_FIRST
        wanted["track_scores"] = True
        if self.counts_others:
            wanted["query"] = {"constant_score": {"filter": wanted["query"]}}
        return wanted


class ElasticsearchEngine(Elasticsearch7SearchEngine):
    """Documents in an index of an Elasticsearch 7 or OpenSearch server."""

    backend = ElasticsearchBackend
