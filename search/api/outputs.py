"""What GET /api/v1/search gives."""

from typing import Any

from rest_framework import serializers

from files.api.outputs import render
from files.api.outputs.shapes import NodeShape
from search.queries import Hit, Page


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


def page(found: Page) -> render.Json:
    return {"items": [_hit(hit) for hit in found.hits], "total": found.total, "next_cursor": found.next_cursor}


def _hit(hit: Hit) -> render.Json:
    snippet = [{"text": text, "match": is_match} for text, is_match in hit.snippet]
    return {**render.place(hit.place), "score": round(hit.score, 4), "snippet": snippet}
