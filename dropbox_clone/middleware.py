"""Middleware. Endpoints of programs (settings.PROGRAM_PREFIXES) skip what only pages need."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, ResponseHeaders
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, ResolverMatch, get_resolver
from django.utils.deprecation import MiddlewareMixin

from common import log_context
from common.client_address import client_address, is_trusted, parse_address

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """A name for each request, in every log line and in X-Request-ID of the answer. One that comes with the request is
    kept when TRUSTED_PROXIES sent it and it can stand in a log; anybody else's would let them write into our logs.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.trusted = tuple(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        received = request.META.get("HTTP_X_REQUEST_ID", "")
        if received and not (self.trusted and is_trusted(request.META.get("REMOTE_ADDR"), self.trusted)):
            received = ""
        identifier = log_context.begin(received)
        response = self.get_response(request)
        response.headers._store["x-request-id"] = ("X-Request-ID", identifier)  # AnswerHeadersMiddleware says why
        return response


class TrustedProxyMiddleware:
    """Believes X-Forwarded-For and X-Forwarded-Proto only when they come from TRUSTED_PROXIES.

    Afterwards REMOTE_ADDR and the scheme are the client's, for everyone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.trusted = tuple(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (
            self.trusted
            and "HTTP_X_FORWARDED_FOR" in request.META
            and is_trusted(request.META.get("REMOTE_ADDR"), self.trusted)
        ):
            self._believe(request.META)
        return self.get_response(request)

    def _believe(self, meta: dict[str, Any]) -> None:
        forwarded = meta["HTTP_X_FORWARDED_FOR"]
        if parse_address(forwarded.rpartition(",")[2]) is None:
            return  # no proxy wrote this
        meta["REMOTE_ADDR"] = client_address(meta["REMOTE_ADDR"], forwarded, self.trusted)
        protocol = meta.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        if protocol in ("http", "https"):
            meta["wsgi.url_scheme"] = protocol


class AnswerHeadersMiddleware:
    """Security headers and the length, for every answer; what an endpoint set itself stays."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "X-Frame-Options": "SAMEORIGIN",
        }
        if settings.STRICT_TRANSPORT_SECURITY:
            headers["Strict-Transport-Security"] = settings.STRICT_TRANSPORT_SECURITY
        policy = {"Content-Security-Policy": settings.CONTENT_SECURITY_POLICY}
        admin_policy = {"Content-Security-Policy": settings.CONTENT_SECURITY_POLICY_ADMIN}
        self.headers = ResponseHeaders({**headers, **policy})
        self.admin_headers = ResponseHeaders({**headers, **admin_policy})

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        ours = self.admin_headers if request.path_info.startswith("/admin/") else self.headers
        # `_store` is lower-case name -> (name, value). Setting the same constant headers through the mapping's own
        # methods checks and encodes them again for every answer, which costs more than all other middleware.
        response.headers._store = {**ours._store, **response.headers._store}
        if isinstance(response, HttpResponse) and response.status_code not in (204, 304):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


class DirectDoorMiddleware:
    """Straight to the endpoints of programs for who shows credentials in a header.

    Such a request needs no session, no language and no messages; asking for them costs more than many an endpoint
    itself. With a session cookie the same address goes the usual way, to the same view. Content and WebDAV, whose
    addresses are people's paths, are found without the table of addresses; so is `/` for WebDAV, where a browser finds
    a page.
    """

    CONTENT, DAV = "/api/v1/content/", "/dav/"
    ROOTS = ("/", "*")  # the second by OPTIONS only, RFC 9110 section 9.3.7
    PREFIXES = ("/api/", "/tus/", "/dav/", "/remote.php/", "/public.php/", "/ocs/")

    def __init__(self, get_response: GetResponse) -> None:
        from files.api.content import content_at_path
        from protocols.dav.urls import home
        from protocols.nextcloud.server_root import METHODS, server_root

        self.get_response = get_response
        self.content, self.dav = content_at_path, home
        self.root, self.root_methods = server_root, METHODS

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path in self.ROOTS and request.method in self.root_methods:
            return self.root(request)
        if "HTTP_AUTHORIZATION" not in request.META or not path.startswith(self.PREFIXES):
            return self.get_response(request)
        if path.startswith(self.CONTENT):
            return self.content(request, path=path[len(self.CONTENT) :])
        if path.startswith(self.DAV):
            return self.dav(request, path=path[len(self.DAV) :])
        try:
            match = _resolve(path)
        except Resolver404:
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if isinstance(response, SimpleTemplateResponse):  # as the base handler does for views
            response.render()
        return response


@lru_cache(1024)
def _resolve(path: str) -> ResolverMatch:
    return get_resolver().resolve(path)


class _PagesOnly(MiddlewareMixin):
    """A mixin before one of Django's middleware: requests to endpoints of programs pass it by."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.prefixes = tuple(settings.PROGRAM_PREFIXES)

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(self.prefixes):
            return self.get_response(request)
        return super().__call__(request)

    def process_view(self, request: HttpRequest, *arguments: Any) -> Any:
        parent = getattr(super(), "process_view", None)
        if parent is None or request.path_info.startswith(self.prefixes):
            return None
        return parent(request, *arguments)


class PageLocaleMiddleware(_PagesOnly, LocaleMiddleware):
    """The language that the browser asks for; programs get the language of the installation."""


class PageCommonMiddleware(_PagesOnly, CommonMiddleware):
    """Refuses unknown hosts, which pages build their links from, and sets Content-Length."""


class PageCsrfMiddleware(_PagesOnly, CsrfViewMiddleware):
    """Cross-site request forgery; the API checks it itself for requests with a session."""


class PageMessageMiddleware(_PagesOnly, MessageMiddleware):
    """One-time notices."""
