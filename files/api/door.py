"""What the views of files share: who acts, the body and the query as plain values, the answer."""

from typing import Any, cast

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.api.authentication import BasicAuthentication, BearerAuthentication, SessionAuthentication
from files.api.idempotency import Idempotency
from files.api.json_body import MAXIMUM_JSON, parse_json, read_body, require_json
from files.api.rendering import AlwaysJSON

_readers: "dict[type[BaseSerializer[Any]], BaseSerializer[Any]]" = {}


def _reader(shape: "type[BaseSerializer[Any]]") -> "BaseSerializer[Any]":
    """One instance reads all requests: it keeps nothing of them, and its fields are copied once only."""
    if shape not in _readers:
        _readers[shape] = shape()
    return _readers[shape]


class FilesView(APIView):
    """A view is parse, one action or query, render. Writes with a JSON body honour Idempotency-Key."""

    authentication_classes = (BearerAuthentication, BasicAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = AlwaysJSON
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    metadata_class = None
    honours_idempotency_key = True
    _raw: bytes | None = None
    _idempotency: Idempotency | None = None

    @property
    def actor(self) -> Actor:
        return cast(Actor, self.request.auth)

    @property
    def raw_body(self) -> bytes:
        """At most 1 MiB. Raises TooLarge, UnsupportedMediaType."""
        if self._raw is None:
            self._raw = read_body(self.request._request, MAXIMUM_JSON)
            if self._raw:
                require_json(self.request._request)
        return self._raw

    def given(self, shape: "type[BaseSerializer[Any]]") -> dict[str, Any]:
        """The JSON body's plain values. Raises ValidationError, ParseError."""
        return self._clean(shape, parse_json(self.raw_body))

    def asked(self, shape: "type[BaseSerializer[Any]]") -> dict[str, Any]:
        """The query's plain values. Raises ValidationError."""
        return self._clean(shape, self.request.query_params.dict())

    def _clean(self, shape: "type[BaseSerializer[Any]]", data: Any) -> dict[str, Any]:
        return cast(dict[str, Any], _reader(shape).run_validation(data))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.honours_idempotency_key and "HTTP_IDEMPOTENCY_KEY" in request.META:
            self._idempotency = Idempotency.begin(self.actor, request, self.raw_body)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Idempotency.Replay):
            return exc.response
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response.headers.setdefault("Cache-Control", "private, no-store")
        if self._idempotency is not None:
            self._idempotency.end(response)
        return super().finalize_response(request, response, *args, **kwargs)
