"""How this endpoint answers errors: one table, code -> status; the body is `<d:error>` (RFC 4918 section 16).

Sync clients read `s:exception` and `s:message`, which come from sabre/dav, the server library that most of them were
written against. A test fails when a code of a catalogue is missing.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from common.errors import CodedError
from http_kit import problems
from http_kit.problem_table import RETRY_AFTER
from http_kit.problem_table import TABLE as OF_REST
from http_kit.problems import REALM
from protocols.dav.escaping import escape

XML = "application/xml; charset=utf-8"
SABRE = "http://sabredav.org/ns"


class DavError(CodedError):
    """What only WebDAV can get wrong; some of it has a code that other dialects have too."""


class BadGateway(DavError):
    code = "other_tree"
    message = _("The destination is on another server, or in another tree.")


class FiniteDepth(DavError):
    code = "finite_depth"
    message = _("Ask with Depth 0 or 1.")


class UnsupportedBody(DavError):
    code = "unsupported_media_type"
    message = _("This method takes no body of that kind.")


class MethodNotAllowed(DavError):
    code = "method_not_allowed"
    message = _("That cannot be done here.")


class SameResource(DavError):
    code = "same_resource"
    message = _("Source and destination are the same.")


class LockedAt(DavError):
    """Something is locked; `href` is the address of the lock, which the element of RFC 4918 section 16 names."""

    code = "locked"
    element = ""

    def __init__(self, href: str, locked: CodedError) -> None:
        super().__init__(locked.message, **locked.detail)
        self.condition = f"<d:{self.element}><d:href>{href}</d:href></d:{self.element}>"


class NoConflictingLock(LockedAt):
    """Another lock stands against the one that is wanted."""

    element = "no-conflicting-lock"


class TokenMissing(LockedAt):
    """The token of the lock was not submitted."""

    element = "lock-token-submitted"


class UnknownReport(DavError):
    code = "unknown_report"
    message = _("There is no such report.")


TABLE: dict[str, int] = {
    **{code: int(status) for code, (status, title) in OF_REST.items()},
    # RFC 4918 section 9: an ancestor that is missing is a conflict; a missing resource itself is Not Found.
    "parent_not_found": HTTPStatus.CONFLICT,
    "not_a_file": HTTPStatus.METHOD_NOT_ALLOWED,
    "name_taken": HTTPStatus.PRECONDITION_FAILED,
    "version_conflict": HTTPStatus.PRECONDITION_FAILED,
    "root_is_fixed": HTTPStatus.FORBIDDEN,
    "mount_stays_home": HTTPStatus.FORBIDDEN,
    "too_deep": HTTPStatus.FORBIDDEN,
    "region_differs": HTTPStatus.FORBIDDEN,
    "space_archived": HTTPStatus.FORBIDDEN,
    "too_many": HTTPStatus.FORBIDDEN,
    "upload_ended": HTTPStatus.FORBIDDEN,  # 409 would say that the folder is missing
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,  # clients try again
    # Codes of this dialect alone.
    "other_tree": HTTPStatus.BAD_GATEWAY,
    "finite_depth": HTTPStatus.FORBIDDEN,
    "same_resource": HTTPStatus.FORBIDDEN,
    "unknown_report": HTTPStatus.FORBIDDEN,
}
# The elements that say it: RFC 4918 section 16, RFC 3253 section 3.6, RFC 4331 section 6.
_CONDITIONS = {
    "finite_depth": "<d:propfind-finite-depth/>",
    "unknown_report": "<d:supported-report/>",
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
    status = int(TABLE[found.code])
    condition = error.condition if isinstance(error, LockedAt) else _CONDITIONS.get(found.code, "")
    headers = {**_again(found.code), "Cache-Control": "private, no-store"}
    if "Retry-After" in found.headers:
        headers["Retry-After"] = found.headers["Retry-After"]
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = f'Basic realm="{REALM}", charset="UTF-8"'
    return HttpResponse(body(status, found.detail, condition), status=status, headers=headers, content_type=XML)


def body(status: int, message: str, condition: str = "") -> str:
    exception = "Sabre\\DAV\\Exception" + (f"\\{_EXCEPTIONS[status]}" if status in _EXCEPTIONS else "")
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="{SABRE}">'
        f"{condition}<s:exception>{exception}</s:exception><s:message>{escape(message)}</s:message></d:error>"
    )


def _again(code: str) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER[code])} if code in RETRY_AFTER else {}
