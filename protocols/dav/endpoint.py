"""One request: who acts, which method, and a response for every error. Serves any tree at any prefix."""

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.actor import Actor
from accounts.request_actor import authenticate_request
from files import errors as file_errors
from http_kit.endpoint import Authenticate, respond
from http_kit.unhonoured_headers import refuse_unhonoured
from protocols.dav import errors
from protocols.dav.call import Call
from protocols.dav.conditions import require_if
from protocols.dav.if_header import only_etag, parse_if, tokens_in
from protocols.dav.lock_paths import address_of_lock
from protocols.dav.methods import chunked, locking, moving, propfind, proppatch, reading, writing
from protocols.dav.resources import AddressRoot, refuse_odd_address

Handler = Callable[[Call], HttpResponseBase]
HANDLERS: dict[str, Handler] = {
    "GET": reading.get,
    "HEAD": reading.get,
    "PUT": chunked.put,
    "DELETE": writing.delete,
    "MKCOL": writing.mkcol,
    "COPY": moving.copy,
    "MOVE": moving.move,
    "PROPFIND": propfind.propfind,
    "PROPPATCH": proppatch.proppatch,
    "LOCK": locking.lock,
    "UNLOCK": locking.unlock,
    "REPORT": reading.report,
}


def serve(
    request: HttpRequest,
    path: str,
    root_of: Callable[[Actor], AddressRoot],
    *,
    authenticate: Authenticate = authenticate_request,
) -> HttpResponseBase:
    """The response to a request for `path` (decoded) below the root that `root_of` gives for the actor.

    `root_of` may raise what files.errors or accounts.errors know (NotFound for a foreign tree). The view must be
    csrf_exempt: authenticate_request checks it.
    """
    return respond(
        request,
        lambda actor: _handle(request, actor, path, root_of(actor)),
        authenticate=authenticate,
        before=_before,
        on_error=_answer,
    )


def _before(request: HttpRequest) -> HttpResponseBase | None:
    if request.method == "OPTIONS":
        return reading.options()
    refuse_odd_address(request)
    return None


def _handle(request: HttpRequest, actor: Actor, path: str, root: AddressRoot) -> HttpResponseBase:
    if request.method != "PUT":  # which looks itself: a chunk is something else
        refuse_unhonoured(request)
    handler = root.dialect.handlers.get(request.method or "") or HANDLERS.get(request.method or "")
    if handler is None:
        raise errors.MethodNotAllowed
    lists = parse_if(request.META["HTTP_IF"]) if "HTTP_IF" in request.META else []
    if lists:
        actor = replace(actor, lock_tokens=tokens_in(lists))
    call = Call(request, actor, root, path)
    try:
        if "HTTP_OC_CHUNKED" in request.META:
            call.path, call.chunk = chunked.chunk_of(request, path)
        if lists:
            require_if(call, lists)
            call.etag_in_if = only_etag(lists)  # so that it is looked at once more, under the lock of the space
        return handler(call)
    except file_errors.Locked as error:
        raise errors.TokenMissing(address_of_lock(call, error), error) from error


def _answer(error: Exception, request: HttpRequest) -> HttpResponseBase:
    if isinstance(error, file_errors.ParentNotFound) and request.method in ("GET", "HEAD", "PROPFIND", "DELETE"):
        error = file_errors.NotFound()
    response = errors.answer(error, request)
    if response.status_code == 405:
        response.headers["Allow"] = reading.ALLOW
    return response
