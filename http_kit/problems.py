"""How REST answers errors: one table, RFC 9457 problem details, for every view under /api/v1/.

`exception_handler` is for REST framework views, `answer` for plain Django ones. Texts are in the language of the
request.
"""

import json
import logging
import sqlite3
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from common import log_context
from common.errors import CodedError
from http_kit.errors import BodyBroken
from http_kit.problem_table import RETRY_AFTER, TABLE
from storage.base import StorageError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
REALM = "dropbox_clone"
ROW_IDS = frozenset({"id", "current"})  # members of an error's detail that are row ids: strings in JSON
_FRAMEWORK_CODES: dict[int, str] = {
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.NOT_ACCEPTABLE: "not_acceptable",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many_attempts",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
}
# Looked through in order: a subclass stands before its base.
_OTHERS: tuple[tuple[type[Exception], str, Promise], ...] = (
    (Http404, "not_found", gettext_lazy("There is nothing at this address.")),
    (PermissionDenied, "forbidden", gettext_lazy("You may not do that.")),
    (RequestDataTooBig, "too_large", gettext_lazy("The request is larger than allowed.")),
    (SuspiciousOperation, "invalid_request", gettext_lazy("The request is not valid.")),
    (UnreadablePostError, "length_mismatch", gettext_lazy("The body ended before its announced length.")),
    (BodyBroken, "length_mismatch", gettext_lazy("The body ended before its announced length.")),
    (OperationalError, "unavailable", gettext_lazy("The database does not answer. Try again.")),
    (InterfaceError, "unavailable", gettext_lazy("The database does not answer. Try again.")),
)
_AS_IT_IS: AbstractContextManager[None] = nullcontext()


@dataclass(frozen=True, slots=True)
class Problem:
    """`extra` are further members of the body; they never hide the standard ones."""

    code: str
    detail: str
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return int(TABLE[self.code][0])

    @property
    def body(self) -> dict[str, Any]:
        return self.body_with(self.status)

    def body_with(self, status: int) -> dict[str, Any]:
        """For a dialect that has another status for it."""
        standard = {
            "type": f"/api/v1/problems#{self.code}",
            "title": str(TABLE[self.code][1]),
            "status": status,
            "code": self.code,
            "detail": self.detail,
        }
        return {**standard, **self.extra, **standard}


def describe(error: Exception) -> Problem | None:
    """The problem for an error that has an answer; None for what is a fault of ours."""
    if isinstance(error, CodedError):
        extra = {name: _member(name, value) for name, value in error.detail.items()}
        return Problem(error.code, str(error), extra, _headers_of(error))
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, StorageError):
        code = "storage_full" if error.code == "no_space" else "storage_unavailable"
        return Problem(code, gettext("Nothing was stored. Try again later."), headers=_retry(code))
    if isinstance(error, OperationalError) and is_disk_full(error):
        return Problem("storage_full", gettext("The disk of the database is full. Nothing was changed."))
    for kind, code, detail in _OTHERS:
        if isinstance(error, kind):
            return Problem(code, str(detail), headers=_retry(code))
    return None


def is_disk_full(error: OperationalError) -> bool:
    """The database has no room to write: SQLITE_FULL, or PostgreSQL's disk_full (53100). Trying again is no cure."""
    cause = error.__cause__
    full = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return full or getattr(cause, "pgcode", None) == "53100"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """For REST_FRAMEWORK["EXCEPTION_HANDLER"]."""
    request = context["request"]._request
    with in_language_of(request):
        found = of(error, request)
        return Response(found.body, status=found.status, headers=found.headers, content_type=MEDIA_TYPE)


def answer(error: Exception, request: HttpRequest) -> HttpResponse:
    """For views without the framework: every error becomes a problem, the unknown ones are logged."""
    with in_language_of(request):
        return render(of(error, request))


def of(error: Exception, request: HttpRequest) -> Problem:
    """The problem for any error: those that are a fault of ours are logged."""
    with in_language_of(request):
        return describe(error) or _fault(error, request)


def render(found: Problem, *, status: int | None = None) -> HttpResponse:
    """`status`: that of a dialect which has another one for this code."""
    status = found.status if status is None else int(status)
    headers = {"Cache-Control": "private, no-store", **found.headers}
    body = json.dumps(found.body_with(status), default=str)
    return HttpResponse(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def _fault(error: Exception, request: HttpRequest) -> Problem:
    """A fault of ours: the trace goes to the log under an id, the client gets the id."""
    request_id = log_context.request_id.get() or log_context.new_request_id()
    logger.error("%s %s failed, request %s", request.method, request.path, request_id, exc_info=error)
    return Problem("internal_error", gettext("Something went wrong on the server."), {"request_id": request_id})


def _member(name: str, value: Any) -> Any:
    """A value of an error's detail as JSON has it."""
    return str(value) if name in ROW_IDS or isinstance(value, Promise) else value


def _headers_of(error: CodedError) -> dict[str, str]:
    """What the status needs beside the body: RFC 9110, sections 11.6.1 and 10.2.3."""
    if error.code in TABLE and TABLE[error.code][0] == HTTPStatus.UNAUTHORIZED:  # else of one dialect alone
        return {"WWW-Authenticate": f'Bearer realm="{REALM}"'}
    if "retry_after" in error.detail:
        return {"Retry-After": str(error.detail["retry_after"])}
    return _retry(error.code)


def _retry(code: str) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER[code])} if code in RETRY_AFTER else {}


def _of_framework(error: exceptions.APIException) -> Problem:
    if isinstance(error, exceptions.ValidationError):
        return Problem("invalid_request", gettext("The input is not valid."), {"errors": error.detail})
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Problem("not_authenticated", str(error.detail), headers={"WWW-Authenticate": f'Bearer realm="{REALM}"'})
    code = _FRAMEWORK_CODES.get(error.status_code, "invalid_request")
    return Problem(code, str(error.detail))


def in_language_of(request: HttpRequest) -> AbstractContextManager[None]:
    """Everything inside that is translatable becomes text in the language that the request prefers (Accept-Language, as
    on pages), or in that of the installation. It costs nothing while an installation has one language only, and
    may be nested.
    """
    if len(settings.LANGUAGES) < 2:
        return _AS_IT_IS
    return translation.override(translation.get_language_from_request(request))
