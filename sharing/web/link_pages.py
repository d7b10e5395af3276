"""What all pages of a link share: the view of one that is open, and what people are told when it does not open.

Nothing here sets a cookie.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from common.errors import CodedError
from http_kit import problems
from http_kit.endpoint import respond
from http_kit.problem_table import TABLE
from sharing.queries.link_access import OpenLink
from sharing.visitors import opened

Arguments = ParamSpec("Arguments")
_ASK = frozenset({"link_password_required", "link_password_wrong"})
_OF_LINKS = frozenset({"link_not_found", "not_found"})  # nothing more is said of what is not there


def link_page(
    view: Callable[Concatenate[HttpRequest, OpenLink, Arguments], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, str, Arguments], HttpResponseBase]:
    """A view of a link that is open, which it gets after the request. All errors become pages."""

    @csrf_exempt
    @wraps(view)
    def wrapper(request: HttpRequest, slug: str, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        found: list[OpenLink] = []

        def authenticate(request: HttpRequest) -> Actor:
            found.append(opened(request, slug))
            return found[0].actor

        return kept_by_nobody(
            respond(
                request,
                lambda actor: view(request, found[0], *args, **kwargs),
                authenticate=authenticate,
                on_error=partial(refusal, slug),
            )
        )

    return wrapper


def refusal(slug: str, error: Exception, request: HttpRequest) -> HttpResponseBase:
    """Renders sharing/public/closed.html, or the question for the password. Context: slug, code, status, message, asks,
    signs_in, retry_after.
    """
    found = problems.describe(error)
    if found is None:
        raise error
    status = int(TABLE[found.code][0])
    detail = error.detail if isinstance(error, CodedError) else {}
    context: dict[str, Any] = {
        "slug": slug,
        "code": "link_not_found" if found.code in _OF_LINKS else found.code,
        "status": status,
        "message": found.detail,
        "asks": found.code in _ASK or (found.code == "too_many_attempts" and request.path.endswith("/password")),
        "signs_in": found.code == "link_sign_in_required",
        "retry_after": detail.get("retry_after"),
    }
    response = render(request, "sharing/public/closed.html", context, status=status)
    if context["retry_after"]:
        response.headers["Retry-After"] = str(context["retry_after"])
    return response


def kept_by_nobody(response: HttpResponseBase) -> HttpResponseBase:
    """No cache keeps such a page, and no search engine lists it."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        patch_cache_control(response, private=True, no_store=True)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
