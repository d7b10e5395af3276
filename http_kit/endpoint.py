"""The one way from a request to a response, for REST, pages, WebDAV, OCS and tus alike.

Each dialect has hooks for how a visitor is recognised, what is refused or answered before anybody is, and what an
error looks like.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from accounts.request_actor import authenticate_request
from http_kit.problems import in_language_of

P = ParamSpec("P")
Authenticate = Callable[[HttpRequest], Actor]
OnError = Callable[[Exception, HttpRequest], HttpResponseBase]
Before = Callable[[HttpRequest], HttpResponseBase | None]


def respond(
    request: HttpRequest,
    view: Callable[[Actor], HttpResponseBase],
    *,
    on_error: OnError,
    authenticate: Authenticate = authenticate_request,
    before: Before | None = None,
) -> HttpResponseBase:
    """The response of `view` to who sends the request, or that of `on_error` to whatever was raised on the way.

    `before` is called first: it may raise, and what it returns is the response for everybody. All of them speak the
    language of the request.
    """
    with in_language_of(request):
        try:
            early = None if before is None else before(request)
            return view(authenticate(request)) if early is None else early
        except Exception as error:
            return on_error(error, request)


def endpoint(
    *, on_error: OnError, authenticate: Authenticate = authenticate_request, before: Before | None = None
) -> Callable[
    [Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """The same as a decorator: the view gets the actor after the request.

    It is exempt from the middleware's CSRF check, which would read the body: `authenticate_request` checks sessions
    by header and origin alone.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @csrf_exempt
        @wraps(view)
        def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return respond(
                request,
                lambda actor: view(request, actor, *args, **kwargs),
                on_error=on_error,
                authenticate=authenticate,
                before=before,
            )

        return wrapper

    return decorate
