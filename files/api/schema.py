"""The OpenAPI schema and its browsable form, and what every operation of it shares."""

from threading import Lock
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from files.api.content_schema import content_paths

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable (GET /api/v1/problems lists all); further members say more.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
    "example": {
        "type": "/api/v1/problems#name_taken",
        "title": "Name taken",
        "status": 409,
        "code": "name_taken",
        "detail": "There is already something with that name.",
        "path": "/a.txt",
        "id": "7",
    },
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "maxLength": 255},
    "description": "A request sent again with the same key within 24 hours gets the same answer, and is not run again.",
}


def add_what_all_share(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: every operation may answer with a problem, every JSON write takes a key."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    by_hand = content_paths()
    for operations in by_hand.values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": "A problem.", "content": problem}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            operation["responses"]["default"] = {"description": "A problem.", "content": problem}
            takes = operation.get("requestBody", {}).get("content", {"application/json": None})
            if method in ("post", "patch", "put", "delete") and "application/json" in takes:
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    result["paths"].update(by_hand)
    return result


class SchemaView(SpectacularAPIView):
    """The schema is the same for everybody, so that nobody has to sign in for it. YAML, or JSON by Accept.

    Made once in each process: it takes a second, which nobody without an account may cost us again and again.
    """

    content_negotiation_class = DefaultContentNegotiation
    authentication_classes = ()
    permission_classes = ()
    _lock: ClassVar[Lock] = Lock()
    _made: ClassVar[dict[str, tuple[str | bytes, str]]] = {}  # by media type: the body, and Content-Disposition

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        with self._lock:
            if renderer.media_type not in self._made:
                response: Response = super().get(request, *args, **kwargs)
                body = renderer.render(response.data, renderer.media_type, self.get_renderer_context())
                self._made[renderer.media_type] = body, response.headers["Content-Disposition"]
        body, disposition = self._made[renderer.media_type]
        headers = {"Content-Disposition": disposition, "Vary": "Accept"}
        return HttpResponse(body, content_type=renderer.media_type, headers=headers)


class DocumentationView(SpectacularSwaggerSplitView):
    """Swagger UI. Its start-up script is an answer of its own, so that no inline script is needed; it has one
    inline style.
    """

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)
        response["Content-Security-Policy"] = f"{settings.CONTENT_SECURITY_POLICY}; style-src 'self' 'unsafe-inline'"
        return response
