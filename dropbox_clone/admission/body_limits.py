"""Bodies that are too large for their address are refused by what they announce, before CSRF, sessions or forms.

Django's own limit leaves out the parts of a form that are files, and counts when the form is parsed. Bodies in chunks
announce nothing: the server's gate has counted them (`stage`), and pages never read one.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from dropbox_clone.admission.heads import EndpointKind, body_limit, endpoint_of
from files.errors import InvalidRequest, TooLarge
from http_kit import problems
from http_kit.error_pages import PREFIX

GetResponse = Callable[[HttpRequest], HttpResponseBase]
MAXIMUM_DIGITS = 19


class BodyLimitMiddleware:
    """Refuses a body by its announced length."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        limits = settings.CONFIGURATION.admission
        self.anonymous, self.page = limits.anonymous_body_limit, limits.page_body_limit

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        announced = request.META.get("CONTENT_LENGTH")
        if not announced or announced == "0":
            return self.get_response(request)
        endpoint = endpoint_of(request.path_info)
        if endpoint is EndpointKind.STREAM:
            return self.get_response(request)
        anonymous = settings.SESSION_COOKIE_NAME not in request.COOKIES and "HTTP_AUTHORIZATION" not in request.META
        limit = body_limit(endpoint, anonymous=anonymous, anonymous_limit=self.anonymous, page_limit=self.page)
        if not (announced.isascii() and announced.isdigit()):
            return refuse(request, InvalidRequest(_("The Content-Length is not a number.")))
        if limit is not None and (len(announced) > MAXIMUM_DIGITS or int(announced) > limit):
            return refuse(request, TooLarge(limit=limit))
        return self.get_response(request)


def refuse(request: HttpRequest, error: InvalidRequest | TooLarge) -> HttpResponseBase:
    """A page for browsers, a problem for everybody else."""
    answer = problems.answer(error, request)
    if "text/html" in request.META.get("HTTP_ACCEPT", "") and not request.path_info.startswith(PREFIX):
        template = "413.html" if isinstance(error, TooLarge) else "400.html"
        answer.content = render_to_string(template).encode()
        answer.headers["Content-Type"] = "text/html; charset=utf-8"
    return answer


class RefusingUploadHandler(FileUploadHandler):
    """The only one of FILE_UPLOAD_HANDLERS. Raises as soon as a part of a form is a file, before its first byte, which
    Django's handlers would write to the disk, for anybody. Files go to the API, to WebDAV or into pieces.
    """

    def new_file(self, *arguments: Any, **keywords: Any) -> NoReturn:
        raise RequestDataTooBig("Forms take no files: use the API, WebDAV or an upload session.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:
        raise RequestDataTooBig

    def file_complete(self, file_size: int) -> None:
        return None
