"""JSON answers: plain values, never kept by a cache."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request


class ApiJSONRenderer(JSONRenderer):
    """For views that are the framework's own."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        context = renderer_context or {}
        if "response" in context:
            context["response"].headers.setdefault("Cache-Control", "private, no-store")
        return b"" if data is None else to_json(data)


def to_json(data: Any) -> bytes:
    """What is not ASCII is escaped where it could not be encoded (half of a surrogate pair that a client sent)."""
    try:
        return orjson.dumps(data, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:  # such a half, a number of more than 64 bits, a type that only the framework knows how to write
        pass
    try:
        return JSONRenderer().render(data)
    except UnicodeEncodeError:
        return _Escaping().render(data)


class _Escaping(JSONRenderer):
    ensure_ascii = True


class ApiResponse(HttpResponse):
    """The answer of a view of REST: JSON, written at once. `data` is what it says; None for no body."""

    def __init__(
        self, data: Any = None, *, status: int = 200, headers: Mapping[str, str] | None = None, content_type: str = ""
    ) -> None:
        kept = {"Cache-Control": "private, no-store", **(headers or {})}
        content = b"" if data is None else to_json(data)
        super().__init__(content, status=status, headers=kept, content_type=content_type or "application/json")
        if data is None:
            del self.headers["Content-Type"]
        self.data = data


class AlwaysJSON(BaseContentNegotiation):
    """There is one representation, so that whatever is asked for, it is the one that is given."""

    def select_parser(self, request: Request, parsers: "Iterable[BaseParser]") -> BaseParser | None:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: "Iterable[BaseRenderer]", format_suffix: str | None = None
    ) -> "tuple[BaseRenderer, str | None]":
        (renderer,) = renderers
        return renderer, renderer.media_type
