"""How this endpoint answers errors: one table, code -> status; the body is `<d:error>` (RFC 4918 section 16).

Sync clients read `s:exception` and `s:message`, which come from sabre/dav, the server library that most of them were
written against. A test fails when a code of a catalogue is missing.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from common.errors import CodedError
from http_kit import problems
from http_kit.problem_table import RETRY_AFTER
from http_kit.problem_table import TABLE as OF_REST
from http_kit.problems import REALM
from protocols.dav.xml_text import escape

XML = "application/xml; charset=utf-8"
SABRE = "http://sabredav.org/ns"


class DavError(CodedError):
    """What only WebDAV can get wrong. `condition`: the element of RFC 4918 section 16 that says it."""

    code = "invalid_request"
    status = HTTPStatus.BAD_REQUEST
    condition = ""


class BadGateway(DavError):
    status = HTTPStatus.BAD_GATEWAY
    message = "The destination is on another server, or in another tree."


class FiniteDepth(DavError):
    status = HTTPStatus.FORBIDDEN
    condition = "<d:propfind-finite-depth/>"
    message = "Ask with Depth 0 or 1."


class UnsupportedBody(DavError):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    message = "This method takes no body of that kind."


class MethodNotAllowed(DavError):
    status = HTTPStatus.METHOD_NOT_ALLOWED
    message = "That cannot be done here."


class SameResource(DavError):
    status = HTTPStatus.FORBIDDEN
    message = "Source and destination are the same."


class NoConflictingLock(DavError):
    """Another lock stands against the one that is wanted; `href` is its address."""

    code = "locked"
    status = HTTPStatus.LOCKED

    def __init__(self, href: str, locked: CodedError) -> None:
        super().__init__(str(locked), **locked.detail)
        self.condition = f"<d:no-conflicting-lock><d:href>{href}</d:href></d:no-conflicting-lock>"


class TokenMissing(DavError):
    """Something is locked, and the token of its lock was not submitted; `href` is the address of the lock."""

    code = "locked"
    status = HTTPStatus.LOCKED

    def __init__(self, href: str, locked: CodedError) -> None:
        super().__init__(str(locked), **locked.detail)
        self.condition = f"<d:lock-token-submitted><d:href>{href}</d:href></d:lock-token-submitted>"


class UnknownReport(DavError):
    status = HTTPStatus.FORBIDDEN
    condition = "<d:supported-report/>"
    message = "There is no such report."


TABLE: dict[str, int] = {
    **{code: int(status) for code, (status, _) in OF_REST.items()},
    # RFC 4918 section 9: an ancestor that is missing is a conflict; a missing resource itself is Not Found.
    "parent_not_found": HTTPStatus.CONFLICT,
    "not_a_file": HTTPStatus.METHOD_NOT_ALLOWED,
    "name_taken": HTTPStatus.PRECONDITION_FAILED,
    "version_conflict": HTTPStatus.PRECONDITION_FAILED,
    "root_is_fixed": HTTPStatus.FORBIDDEN,
    "too_deep": HTTPStatus.FORBIDDEN,
    "region_differs": HTTPStatus.FORBIDDEN,
    "too_many": HTTPStatus.FORBIDDEN,
    "upload_ended": HTTPStatus.FORBIDDEN,  # 409 would say that the folder is missing
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,  # clients try again
}
# RFC 4331 section 6.
_CONDITIONS = {
    "quota_exceeded": "<d:quota-not-exceeded/>",
    "limit_reached": "<d:quota-not-exceeded/>",
    "storage_full": "<d:sufficient-disk-space/>",
    "lock_token_mismatch": "<d:lock-token-matches-request-uri/>",
}
_EXCEPTIONS: dict[int, str] = {
    400: "BadRequest",
    401: "NotAuthenticated",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    411: "LengthRequired",
    412: "PreconditionFailed",
    415: "UnsupportedMediaType",
    416: "RequestedRangeNotSatisfiable",
    423: "Locked",
    501: "NotImplemented",
    503: "ServiceUnavailable",
    507: "InsufficientStorage",
}


def answer(error: Exception, request: HttpRequest) -> HttpResponse:
    """Every error becomes an answer, the unknown ones are logged."""
    found = problems.of(error, request)
    status = status_of(error, found.code)
    condition = error.condition if isinstance(error, DavError) else _CONDITIONS.get(found.code, "")
    headers = {**_again(found.code), "Cache-Control": "private, no-store"}
    if "Retry-After" in found.headers:
        headers["Retry-After"] = found.headers["Retry-After"]
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = f'Basic realm="{REALM}", charset="UTF-8"'
    return HttpResponse(body(status, found.detail, condition), status=status, headers=headers, content_type=XML)


def status_of(error: Exception, code: str) -> int:
    return int(error.status) if isinstance(error, DavError) else int(TABLE[code])


def body(status: int, message: str, condition: str = "") -> str:
    exception = "Sabre\\DAV\\Exception" + (f"\\{_EXCEPTIONS[status]}" if status in _EXCEPTIONS else "")
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="{SABRE}">'
        f"{condition}<s:exception>{exception}</s:exception><s:message>{escape(message)}</s:message></d:error>"
    )


def _again(code: str) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER[code])} if code in RETRY_AFTER else {}
