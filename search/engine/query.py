"""haystack's SearchQuery for our engine: it hands its tree of conditions to the backend as it is."""

from typing import Any

from haystack.backends import BaseSearchQuery


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
