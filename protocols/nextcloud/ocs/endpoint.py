"""What the views of OCS share: who asks, and what an error becomes."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import MethodNotAllowed

from accounts.actor import Actor
from accounts.errors import CsrfFailed
from http_kit import problems
from http_kit.endpoint import respond
from http_kit.problem_table import TABLE as OF_REST
from http_kit.problems import REALM
from protocols.nextcloud.ocs.envelope import Outcome, render

P = ParamSpec("P")

# code -> status. A test fails when a code of a catalogue is missing.
TABLE: dict[str, int] = {
    **{code: int(status) for code, (status, _) in OF_REST.items()},
    "already_shared": HTTPStatus.FORBIDDEN,  # as Nextcloud says it
}


def public(
    view: Callable[Concatenate[HttpRequest, P], Outcome],
) -> Callable[Concatenate[HttpRequest, int, P], HttpResponse]:
    """For everybody, signed in or not."""

    @csrf_exempt
    @wraps(view)
    def wrapper(request: HttpRequest, version: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            outcome = view(request, *args, **kwargs)
        except Exception as error:
            outcome = of_error(error, request)
        return render(request, version, outcome)

    return wrapper


def ocs_endpoint(
    *methods: str,
    is_plain: bool = False,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Actor, P], Outcome]],
    Callable[Concatenate[HttpRequest, int, P], HttpResponseBase],
]:
    """For who shows credentials, by these methods. `is_plain`: see Outcome."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, Actor, P], Outcome],
    ) -> Callable[Concatenate[HttpRequest, int, P], HttpResponseBase]:
        @csrf_exempt
        @wraps(view)
        def wrapper(request: HttpRequest, version: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            def act(actor: Actor) -> HttpResponse:
                _require_header(request)
                if request.method not in methods:
                    raise MethodNotAllowed(request.method or "")
                return render(request, version, view(request, actor, *args, **kwargs))

            def on_error(error: Exception, request: HttpRequest) -> HttpResponse:
                return render(request, version, replace(of_error(error, request), is_plain=is_plain))

            return respond(request, act, on_error=on_error)

        return wrapper

    return decorate


def of_error(error: Exception, request: HttpRequest) -> Outcome:
    problem = problems.of(error, request)
    status = TABLE[problem.code]
    headers = dict(problem.headers)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = f'Basic realm="{REALM}", charset="UTF-8"'
    return Outcome([], status, str(problem.detail), headers)


def _require_header(request: HttpRequest) -> None:
    """A browser's session counts only with the header that no form and no foreign page can send."""
    by_session = "HTTP_AUTHORIZATION" not in request.META and settings.SESSION_COOKIE_NAME in request.COOKIES
    if by_session and request.META.get("HTTP_OCS_APIREQUEST", "").lower() != "true":
        raise CsrfFailed
