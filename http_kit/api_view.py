"""What the JSON views of REST share: who acts, the body and the query as plain values, the response."""

from typing import Any, ClassVar, Protocol, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.request_actor import authenticate_oneself, authenticate_request
from http_kit import problems
from http_kit.endpoint import respond
from http_kit.json_body import MAXIMUM_JSON, parse_json, read_body, require_json
from http_kit.known_keys import require_known
from http_kit.rendering import ApiResponse

_readers: "dict[type[BaseSerializer[Any]], BaseSerializer[Any]]" = {}


def _reader(shape: "type[BaseSerializer[Any]]") -> "BaseSerializer[Any]":
    """One instance reads all requests: it keeps nothing of them, and its fields are copied once only."""
    if shape not in _readers:
        _readers[shape] = shape()
    return _readers[shape]


class KeyedRequest(Protocol):
    """A request that holds its Idempotency-Key, and keeps its response under it."""

    def end(self, response: ApiResponse) -> None: ...


class ApiView(APIView):
    """A view is parse, one action or query, render.

    The framework gives the query, the serializers and the schema. Its way through a request (negotiation, parsers,
    lists of authenticators, permissions and throttles, a response that is rendered later) is not taken: here every
    request needs an actor and gets JSON, and the detour costs a quarter of a small request.
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    metadata_class = None
    honours_idempotency_key: ClassVar[bool] = False  # who sets it implements begin_keyed
    acts_as_oneself: ClassVar[bool] = False  # also where an administrator acts as somebody else
    actor: Actor
    _raw: bytes | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        self.request = Request(request)
        authenticate = authenticate_oneself if self.acts_as_oneself else authenticate_request
        return respond(request, self._act, on_error=self._problem, authenticate=authenticate)

    def begin_keyed(self) -> KeyedRequest | ApiResponse | None:
        """For a request with an Idempotency-Key: the response where there was one already, or who keeps the new one."""
        raise NotImplementedError

    def _act(self, actor: Actor) -> HttpResponseBase:
        self.actor = actor
        if not (self.honours_idempotency_key and "HTTP_IDEMPOTENCY_KEY" in self.request.META):
            return self._handle()
        keyed = self.begin_keyed()
        if isinstance(keyed, ApiResponse):
            return keyed
        try:
            response = self._handle()
        except Exception as error:
            response = self._problem(error, self.request._request)
        if keyed is not None:
            keyed.end(response)
        return response

    def _handle(self) -> ApiResponse:
        method = (self.request.method or "").lower()
        handler = getattr(self, method, None) if method in self.http_method_names else None
        if handler is None:
            raise MethodNotAllowed(method.upper())
        return cast(ApiResponse, handler(self.request, *self.args, **self.kwargs))

    def _problem(self, error: Exception, request: HttpRequest) -> ApiResponse:
        found = problems.of(error, request)
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

    def body(self, shape: "type[BaseSerializer[Any]]") -> dict[str, Any]:
        """The JSON body's plain values. Raises ValidationError, also for a key that is not known, and ParseError."""
        data = parse_json(self.raw_body)
        values = self._clean(shape, data)
        require_known(_reader(shape), data)
        return values

    def query(self, shape: "type[BaseSerializer[Any]]") -> dict[str, Any]:
        """The query's plain values. Raises ValidationError."""
        return self._clean(shape, self.request.query_params.dict())

    def _clean(self, shape: "type[BaseSerializer[Any]]", data: Any) -> dict[str, Any]:
        return cast(dict[str, Any], _reader(shape).run_validation(data))
