"""The pages of people who are signed in: who acts, and what each error becomes. Accounts, teams, files and search
share it.

An error of an act is a notice on the page that the act came from; some have a page of their own (PAGES). What is a
fault of ours is for the middleware, which logs it and shows the page of errors.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec

from allauth.core.exceptions import ReauthenticationRequired as AskAgain
from django.conf import settings
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
from django.views.decorators.cache import never_cache

from accounts.actor import Actor
from accounts.errors import ReauthenticationRequired, SecondFactorSetupRequired, SupportEnded, SupportReadOnly
from accounts.links import local_part
from accounts.request_actor import leave_support, require_signed_in, second_factor_due_at
from common.errors import CodedError
from http_kit.endpoint import respond

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Actor, Arguments], HttpResponseBase]
DjangoView = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]
Origin = Callable[[HttpRequest, Mapping[str, Any]], str]
"""The address of the page that an act came from, by the request and the arguments of its own address."""

SUPPORT = "accounts:support"  # the page of those who act as others, and of whom others have been
SECOND_FACTOR = "mfa_index"  # allauth's page of second factors
PAGES: dict[str, int] = {
    "not_found": 404,
    "parent_not_found": 404,
    "upload_not_found": 404,
    "subject_not_found": 404,
    "account_not_found": 404,
    "group_not_found": 404,
    "invitation_not_found": 404,
    "login_flow_not_found": 404,
    "team_not_found": 404,
    "token_not_found": 404,
    "support_not_found": 404,
    "link_not_found": 404,
    "forbidden": 403,
    "scope_missing": 403,
    "not_allowed": 403,
    "support_not_allowed": 403,
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
    """A view that gets the actor after the request. What is refused is told where the form says, or where it was."""
    return _signed_in(view, lambda request, arguments: back(request))


def page_back_to(name: str, *kept: str, oneself: bool = False) -> "Callable[[View[Arguments]], DjangoView[Arguments]]":
    """The same, and what is refused is told on the page `name`, whose address has those arguments that are `kept`.

    These pages show other people's accounts: a browser keeps no copy of them. `oneself`: who acts as somebody else gets
    it as who they are.
    """

    def origin(request: HttpRequest, arguments: Mapping[str, Any]) -> str:
        return reverse(name, kwargs={argument: arguments[argument] for argument in kept})

    def decorate(view: "View[Arguments]") -> "DjangoView[Arguments]":
        return never_cache(_signed_in(view, origin, oneself=oneself))

    return decorate


def is_about_input(error: CodedError) -> bool:
    """Whether the form that was sent can say it."""
    return error.code not in PAGES and not isinstance(error, ReauthenticationRequired)


def back(request: HttpRequest, default: str | None = None) -> str:
    """Where a form says to continue (`next`), if that is a page of ours; else the page that it was on."""
    for url in (request.POST.get("next"), default, request.META.get("HTTP_REFERER")):
        if url and url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return local_part(url)
    return str(settings.LOGIN_REDIRECT_URL)


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


def _signed_in(view: "View[Arguments]", origin: Origin, *, oneself: bool = False) -> "DjangoView[Arguments]":
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        response = respond(
            request,
            lambda actor: view(request, actor, *args, **kwargs),
            authenticate=partial(_authenticate, oneself=oneself),
            on_error=partial(_on_error, origin, kwargs),
        )
        return _kept_by_nobody(response)

    return login_required(wrapper)


def _authenticate(request: HttpRequest, *, oneself: bool) -> Actor:
    """Whose team asks for a second factor and who has none is led there by the next page, whichever it is."""
    if second_factor_due_at(request) is not None:
        raise SecondFactorSetupRequired
    return require_signed_in(request, oneself=oneself)


def _on_error(origin: Origin, arguments: Mapping[str, Any], error: Exception, request: HttpRequest) -> HttpResponseBase:
    if isinstance(error, ReauthenticationRequired):
        raise AskAgain from error  # allauth's middleware asks for the password, and comes back
    if isinstance(error, SecondFactorSetupRequired):
        messages.warning(request, gettext("Your team asks for a second factor: set one up to continue."))
        return redirect(SECOND_FACTOR)
    if isinstance(error, SupportEnded):
        leave_support(request)
        messages.warning(request, str(error))
        return redirect(SUPPORT)
    if not isinstance(error, CodedError):
        raise error
    status = PAGES.get(error.code)
    if status is None and request.method == "POST":
        messages.error(request, message_of(error))
        return redirect(origin(request, arguments))
    status = 403 if isinstance(error, SupportReadOnly) else status or 400
    return render(request, f"{status}.html", status=status)


def _kept_by_nobody(response: HttpResponseBase) -> HttpResponseBase:
    """Pages are one person's, and the same address answers htmx with a part of the page."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["HX-Request-Type"])
    return response
