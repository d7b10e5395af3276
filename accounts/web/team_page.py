"""What the pages of teams share: who acts, and what each error becomes."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.core.exceptions import ReauthenticationRequired as AskAgain
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.actor import Actor
from accounts.errors import AccountError, ReauthenticationRequired
from accounts.request_actor import require_signed_in

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Actor, Arguments], HttpResponse]
DjangoView = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]

# Answered by a page of their own; every other error of an act is a notice on the page that it came from.
PAGES: dict[str, int] = {
    "account_not_found": 404,
    "invitation_not_found": 404,
    "group_not_found": 404,
    "team_not_found": 404,
    "not_allowed": 403,
    "scope_missing": 403,
    "invalid_credentials": 403,
    "too_many_requests": 429,
}


def team_page(back: str, *kept: str) -> "Callable[[View[Arguments]], DjangoView[Arguments]]":
    """A view for people who are signed in, which gets the actor. What an act of it refuses is told on the page `back`,
    whose address has those arguments of this one that are `kept`.
    """

    def decorate(view: "View[Arguments]") -> "DjangoView[Arguments]":
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
            try:
                return view(request, require_signed_in(request), *args, **kwargs)
            except ReauthenticationRequired as error:
                raise AskAgain from error
            except AccountError as error:
                status = PAGES.get(error.code)
                if status is not None or request.method != "POST":
                    return render(request, f"{status or 400}.html", status=status or 400)
                messages.error(request, str(error))
                return redirect(reverse(back, kwargs={name: kwargs[name] for name in kept}))

        return never_cache(login_required(wrapper))

    return decorate


def is_about_input(error: AccountError) -> bool:
    """Whether the form that was sent can say it."""
    return error.code not in PAGES and not isinstance(error, ReauthenticationRequired)
