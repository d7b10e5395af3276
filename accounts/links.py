"""Links that leave the server, in mails and answers to programs: from BASE_URL, never from a header of the request.

Whoever writes the Host header would write the links otherwise: of somebody else's password reset, for one. Without
BASE_URL nobody knows the address by which people reach a server that listens beyond this machine: then what needs such
a link is refused, with a line in the log.
"""

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

logger = logging.getLogger(__name__)

# Pages that mail a link whoever asks. They are refused before anything is looked up: the answer would tell otherwise
# who has an account.
MAILING = frozenset({"account_reset_password", "account_signup", "account_email"})


class LinksUnknown(Exception):
    """BASE_URL is not set, and cannot be guessed."""


def absolute(path: str) -> str:
    """`path` begins with a slash. Raises LinksUnknown."""
    if not settings.LINKS_KNOWN:
        raise LinksUnknown
    return f"{settings.BASE_URL}{path}"


def local_part(url: str) -> str:
    """Path, query and fragment: to be redirected to without leaving the server. A relative one stays as it is."""
    parts = urlsplit(url)
    if not (parts.scheme or parts.netloc):
        return url
    return parts._replace(scheme="", netloc="", path="/" + parts.path.lstrip("/\\")).geturl()


def site() -> SimpleNamespace:
    """What allauth's mails call `current_site`."""
    name = urlsplit(settings.BASE_URL).netloc
    return SimpleNamespace(domain=name, name=name)


def report(what: str) -> None:
    logger.error("%s was refused: without BASE_URL there is no address for its links. Set BASE_URL", what)


class BaseUrlMiddleware:
    """For pages: `request.build_absolute_uri` answers by BASE_URL; and the page that says what is to be set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.__dict__["_current_scheme_host"] = settings.BASE_URL  # a cached property of Django's
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *arguments: Any) -> HttpResponse | None:
        match = request.resolver_match
        if settings.LINKS_KNOWN or match is None or match.view_name not in MAILING:
            return None
        if match.view_name == "account_signup" and settings.SIGNUP != "open":
            return None
        return self._refused(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return self._refused(request) if isinstance(exception, LinksUnknown) else None

    def _refused(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            report("A mail with a link")
        return render(request, "accounts/links_unknown.html", status=503)
