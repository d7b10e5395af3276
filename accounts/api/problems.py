"""How the REST door answers the errors of accounts: one table, RFC 9457 problem details."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import Http404
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from accounts.api.authentication import REALM
from accounts.errors import AccountError

STATUS: dict[str, HTTPStatus] = {
    "account_error": HTTPStatus.BAD_REQUEST,
    "quota_exceeded": HTTPStatus.INSUFFICIENT_STORAGE,
    "limit_reached": HTTPStatus.INSUFFICIENT_STORAGE,
    "not_authenticated": HTTPStatus.UNAUTHORIZED,
    "invalid_credentials": HTTPStatus.UNAUTHORIZED,
    "second_factor_required": HTTPStatus.UNAUTHORIZED,
    "too_many_attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "reauthentication_required": HTTPStatus.FORBIDDEN,
    "too_many_requests": HTTPStatus.TOO_MANY_REQUESTS,
    "csrf_failed": HTTPStatus.FORBIDDEN,
    "scope_missing": HTTPStatus.FORBIDDEN,
    "not_allowed": HTTPStatus.FORBIDDEN,
    "account_not_found": HTTPStatus.NOT_FOUND,
    "token_not_found": HTTPStatus.NOT_FOUND,
    "login_flow_not_found": HTTPStatus.NOT_FOUND,
    "invalid_email": HTTPStatus.BAD_REQUEST,
    "email_taken": HTTPStatus.CONFLICT,
    "password_refused": HTTPStatus.BAD_REQUEST,
    "unknown_scope": HTTPStatus.BAD_REQUEST,
    "scope_too_wide": HTTPStatus.FORBIDDEN,
    "invalid_expiry": HTTPStatus.BAD_REQUEST,
    "invalid_name": HTTPStatus.BAD_REQUEST,
    "invalid_quota": HTTPStatus.BAD_REQUEST,
    "unknown_role": HTTPStatus.BAD_REQUEST,
    "last_owner": HTTPStatus.CONFLICT,
    "team_full": HTTPStatus.CONFLICT,
    "setup_closed": HTTPStatus.NOT_FOUND,
    "invalid_seats": HTTPStatus.BAD_REQUEST,
    "unknown_region": HTTPStatus.BAD_REQUEST,
    "team_not_found": HTTPStatus.NOT_FOUND,
    "in_another_team": HTTPStatus.CONFLICT,
    "already_member": HTTPStatus.CONFLICT,
    "already_invited": HTTPStatus.CONFLICT,
    "invitation_not_found": HTTPStatus.NOT_FOUND,
    "invited_address_differs": HTTPStatus.FORBIDDEN,
    "too_many_invitations": HTTPStatus.TOO_MANY_REQUESTS,
    "mail_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "group_not_found": HTTPStatus.NOT_FOUND,
    "group_exists": HTTPStatus.CONFLICT,
}


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"


def headers_for(error: AccountError) -> dict[str, str]:
    """What the status needs beside the body: RFC 9110, sections 11.6.1 and 10.2.3."""
    if STATUS[error.code] == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": f'Bearer realm="{REALM}"'}
    if "retry_after" in error.detail:
        return {"Retry-After": str(error.detail["retry_after"])}
    return {}


def problem(status: int, code: str, detail: str, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body; `extra` never hides the standard members."""
    title = HTTPStatus(status).phrase
    return {
        **(extra or {}),
        "type": "about:blank",
        "title": title,
        "status": int(status),
        "code": code,
        "detail": detail,
    }


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """For REST_FRAMEWORK["EXCEPTION_HANDLER"]; None lets anything unknown become a server error."""
    if isinstance(error, AccountError):
        body = problem(STATUS[error.code], error.code, str(error), error.detail)
        return _response(body, headers_for(error))
    if isinstance(error, Http404):
        return _response(problem(HTTPStatus.NOT_FOUND, "not_found", "There is nothing here."), {})
    if isinstance(error, exceptions.ValidationError):
        body = problem(error.status_code, "invalid_request", "The input is not valid.", {"errors": error.detail})
        return _response(body, {})
    if isinstance(error, exceptions.APIException):
        code = error.get_codes()
        body = problem(error.status_code, code if isinstance(code, str) else "error", str(error.detail))
        return _response(body, _framework_headers(error))
    return None


def _framework_headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    return headers


def _response(body: dict[str, Any], headers: dict[str, str]) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=ProblemRenderer.media_type)
