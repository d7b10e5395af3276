"""The REST view of search, and its response."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from files.api.outputs import render
from files.api.outputs.shapes import NodeShape
from files.queries.tree import get_space
from http_kit.api_view import ApiView
from http_kit.rendering import ApiResponse
from search.api import inputs
from search.queries import Hit, Page, search


class SegmentShape(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="Plain text: escape it before you show it.")
    match = serializers.BooleanField()


class HitShape(NodeShape):
    score = serializers.FloatField(help_text="Higher is better; only for comparison within one search.")
    snippet = SegmentShape(many=True, help_text="Where in the text; empty when only the name matched.")


class SearchShape(serializers.Serializer[Any]):
    items = HitShape(many=True)
    total = serializers.IntegerField(help_text="How many there are in all.")
    next_cursor = serializers.CharField(allow_null=True)


def render_page(found: Page) -> render.Json:
    return {"items": [_hit(hit) for hit in found.hits], "total": found.total, "next_cursor": found.next_cursor}


def _hit(hit: Hit) -> render.Json:
    snippet = [{"text": text, "match": is_match} for text, is_match in hit.snippet]
    return {**render.place(hit.place), "score": round(hit.score, 4), "snippet": snippet}


@extend_schema(tags=["search"])
class SearchView(ApiView):
    @extend_schema(operation_id="search", parameters=[inputs.SearchQuery], responses=SearchShape)
    def get(self, request: Request) -> ApiResponse:
        """Find files and folders by name and by what is written in them. New files take a moment to appear."""
        query = self.query(inputs.SearchQuery)
        space_id = get_space(self.actor, query["space"]).pk if "space" in query else None
        found = search(
            self.actor,
            query["q"],
            wanted=inputs.wanted_of(query, space_id),
            order=query["order"],
            cursor=query["cursor"],
            limit=query["limit"],
        )
        return ApiResponse(render_page(found))
