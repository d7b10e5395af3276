"""What Django itself refuses, before or beside a view: problems for programs, pages for people."""

import sys
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views import defaults

from http_kit.problem_table import RETRY_AFTER
from http_kit.problems import answer

PREFIX = "/api/"
_UNAVAILABLE = (OperationalError, InterfaceError)  # the database is away, busy or full: no fault of the page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path_info.startswith(PREFIX):
        return answer(exception if isinstance(exception, SuspiciousOperation) else SuspiciousOperation(), request)
    if isinstance(exception, RequestDataTooBig):
        response = defaults.bad_request(request, exception, template_name="413.html")
        response.status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return response
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path_info.startswith(PREFIX):
        return answer(PermissionDenied(), request)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path_info.startswith(PREFIX):
        return answer(Http404(), request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *arguments: Any) -> HttpResponseBase:
    error = sys.exc_info()[1]  # Django calls this while it handles the error
    if request.path_info.startswith(PREFIX):
        return answer(error if isinstance(error, Exception) else RuntimeError("unknown"), request)
    response = defaults.server_error(request, "503.html" if isinstance(error, _UNAVAILABLE) else "500.html")
    if isinstance(error, _UNAVAILABLE):
        response.status_code = 503
        response.headers["Retry-After"] = str(RETRY_AFTER["unavailable"])
    return response
