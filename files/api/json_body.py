"""JSON bodies: read once, bounded, whether their length was announced or they come in chunks."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from django.http import HttpRequest
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import JSONParser

from files.api.body import body_of
from files.errors import TooLarge

MAXIMUM_JSON = 1024 * 1024


def read_body(request: HttpRequest, limit: int, *, admit: Callable[[int], None] | None = None) -> bytes:
    """The raw body. Raises TooLarge as soon as it is known, BodyBroken for a body that ends early.

    `admit` is asked for room for each chunk, and may raise.
    """
    body = body_of(request)
    if body.length is not None and body.length > limit:
        raise TooLarge(limit=limit)
    parts, size = [], 0
    for chunk in body.chunks:
        if admit is not None:
            admit(len(chunk))
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit=limit)
    return b"".join(parts)


def parse_json(body: bytes) -> Any:
    """Strict JSON in UTF-8; an empty body is an empty object. Raises ParseError."""
    if not body:
        return {}
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ParseError("The body is not valid JSON.") from error


def require_json(request: HttpRequest) -> None:
    """Raises UnsupportedMediaType for a body that says it is something else."""
    media_type = request.content_type or ""
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType(media_type)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class BoundedJSONParser(JSONParser):
    """For views that use the framework's own `request.data`."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        body = stream.read(MAXIMUM_JSON + 1)
        if len(body) > MAXIMUM_JSON:
            raise TooLarge(limit=MAXIMUM_JSON)
        return parse_json(body)
