"""JSON bodies: read once, bounded, whether their length was announced or they come in chunks."""

import json
from collections.abc import Callable
from time import monotonic
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from accounts.errors import ScopeMissing
from accounts.request_actor import actor_in
from http_kit.body import PATIENCE, body_of
from http_kit.errors import TooLarge
from http_kit.long_requests import Watch

MAXIMUM_JSON = 1024 * 1024


def read_body(
    request: HttpRequest, limit: int, *, admit: Callable[[int], None] | None = None, hurry: bool = True
) -> bytes:
    """The raw body. Raises TooLarge as soon as it is known, BodyBroken for a body that ends early, BodyTooSlow, and
    InvalidCredentials or ScopeMissing for who lost what they had while it came.

    It must be there within JSON_BODY_TIMEOUT; without `hurry` it may take as long as a file does. `admit` is called
    with the size of each chunk, and may raise.
    """
    started = monotonic()
    body = body_of(request, within=settings.JSON_BODY_TIMEOUT if hurry else None)
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
    actor = actor_in(request)
    if actor is not None and monotonic() - started > PATIENCE / 1000:  # they authenticated before it
        lost = actor.scopes - Watch(actor).look().scopes
        if lost:  # what only reads needs no scope again
            raise ScopeMissing(scope=min(lost))
    return b"".join(parts)


def parse_json(body: bytes) -> Any:
    """Strict JSON in UTF-8; an empty body is an empty object. Raises ParseError."""
    if not body:
        return {}
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ParseError(gettext("The body is not valid JSON.")) from error


def require_json(request: HttpRequest) -> None:
    """Raises UnsupportedMediaType for a body of another media type."""
    media_type = request.content_type or ""
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType(media_type)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class BoundedJSONParser(BaseParser):
    """For views that use the framework's own `request.data`: the same bounds and the same deadline. No JSONParser, to
    which the framework gives a body that it has read already.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return parse_json(read_body(parser_context["request"]._request, MAXIMUM_JSON))
