"""What the views of files share: who acts, the body and the query as plain values, the answer."""

from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.actor import WRITE, Actor
from accounts.request_actor import authenticate_request
from files import permissions
from files.api import problems
from files.api.idempotency import Idempotency
from files.api.json_body import MAXIMUM_JSON, parse_json, read_body, require_json
from files.api.rendering import ApiResponse

_readers: "dict[type[BaseSerializer[Any]], BaseSerializer[Any]]" = {}


def _reader(shape: "type[BaseSerializer[Any]]") -> "BaseSerializer[Any]":
    """One instance reads all requests: it keeps nothing of them, and its fields are copied once only."""
    if shape not in _readers:
        _readers[shape] = shape()
    return _readers[shape]


class FilesView(APIView):
    """A view is parse, one action or query, render. Writes with a JSON body honour Idempotency-Key.

    The framework gives the query, the serializers and the schema. Its way through a request (negotiation, parsers,
    lists of authenticators, permissions and throttles, an answer that is rendered later) is not taken: here every
    request needs an actor and gets JSON, and the detour costs a quarter of a small request.
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    metadata_class = None
    honours_idempotency_key = True
    actor: Actor
    _raw: bytes | None = None
    _idempotency: Idempotency | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        self.request = Request(request)
        try:
            self.actor = authenticate_request(request)
            if self.honours_idempotency_key and "HTTP_IDEMPOTENCY_KEY" in request.META:
                self._idempotency = Idempotency.begin(self.actor, request, self.raw_body, require=self.require_right)
            response = self._handler()(self.request, *args, **kwargs)
        except Idempotency.Replay as replay:
            return replay.response
        except Exception as error:
            response = self._problem(error)
        if self._idempotency is not None:
            self._idempotency.end(response)
        return response

    def require_right(self, actor: Actor) -> None:
        """What an actor needs to be told an answer again: what its act needs at least. Raises ScopeMissing and such."""
        permissions.require_scope(actor, WRITE)

    def _handler(self) -> Any:
        method = (self.request.method or "").lower()
        handler = getattr(self, method, None) if method in self.http_method_names else None
        if handler is None:
            raise MethodNotAllowed(method.upper())
        return handler

    def _problem(self, error: Exception) -> ApiResponse:
        found = problems.of(error, self.request._request)
        headers = {"Allow": ", ".join(self.allowed_methods)} if found.status == 405 else {}
        return ApiResponse(
            found.body, status=found.status, headers={**found.headers, **headers}, content_type=problems.MEDIA_TYPE
        )

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
