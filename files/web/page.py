"""What all views share: who acts, and what each error becomes."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localtime
from django.utils.translation import gettext

from accounts.actor import Actor
from accounts.links import local_part
from accounts.request_actor import require_signed_in
from common.errors import CodedError
from http_kit.endpoint import respond

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Actor, Arguments], HttpResponseBase]
DjangoView = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]

# An error of an action is shown as a notice on the page that it came from. These have a page of their own:
PAGES: dict[str, int] = {
    "not_found": 404,
    "parent_not_found": 404,
    "upload_not_found": 404,
    "subject_not_found": 404,
    "account_not_found": 404,
    "token_not_found": 404,
    "login_flow_not_found": 404,
    "forbidden": 403,
    "scope_missing": 403,
    "not_allowed": 403,
    "csrf_failed": 403,
    "not_authenticated": 403,
    "invalid_credentials": 403,
    "too_many_requests": 429,
    "invalid_cursor": 400,
    "invalid_request": 400,
    "storage_unavailable": 503,
    "mount_unavailable": 503,
    "content_damaged": 503,
    "no_pool": 503,
    "no_pool_in_region": 503,
}


def page(view: "View[Arguments]") -> "DjangoView[Arguments]":
    """A view for people who are signed in; it gets the actor after the request."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        response = respond(
            request,
            lambda actor: view(request, actor, *args, **kwargs),
            authenticate=require_signed_in,
            on_error=_on_error,
        )
        return _kept_by_nobody(response)

    return login_required(wrapper)


def _on_error(error: Exception, request: HttpRequest) -> HttpResponseBase:
    """What is a fault of ours is for the middleware, which logs it and shows the page of errors."""
    if not isinstance(error, CodedError):
        raise error
    return error_response(request, error)


def error_response(request: HttpRequest, error: CodedError) -> HttpResponseBase:
    """An error page, or a notice on the page that the act came from."""
    status = PAGES.get(error.code)
    if status is None and request.method == "POST":
        messages.error(request, message_of(error))
        return redirect(back(request))
    return error_page(request, status or 400)


def message_of(error: CodedError) -> str:
    """The message of an error for a person; of a lock also whose it is."""
    if error.code == "locked" and error.detail.get("holder"):
        until = date_format(localtime(datetime.fromisoformat(error.detail["expires_at"])), "DATETIME_FORMAT")
        return gettext("%(name)s has locked “%(path)s” until %(until)s.") % {
            "name": error.detail["holder"],
            "path": error.detail["path"],
            "until": until,
        }
    return str(error)


def error_page(request: HttpRequest, status: int) -> HttpResponseBase:
    return render(request, f"{status}.html", status=status)


def _kept_by_nobody(response: HttpResponseBase) -> HttpResponseBase:
    """Pages are one person's, and the same address answers htmx with a part of the page."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["HX-Request-Type"])
    return response


def back(request: HttpRequest, default: str | None = None) -> str:
    """Where a form says to go on (`next`), if that is a page of ours; else the page it was on."""
    for url in (request.POST.get("next"), default, request.META.get("HTTP_REFERER")):
        if url and url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return local_part(url)
    return reverse("files:home")
