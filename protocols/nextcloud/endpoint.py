"""What addresses below /remote.php/dav/ that are no tree of files share: who asks, a response for every error."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.actor import Actor
from http_kit.endpoint import respond
from http_kit.unhonoured_headers import refuse_unhonoured
from protocols.dav import errors
from protocols.dav.resources import refuse_odd_address


def serve(request: HttpRequest, handle: Callable[[Actor], HttpResponseBase], allow: str) -> HttpResponseBase:
    """`allow` are the methods, for OPTIONS and 405. The view must be csrf_exempt: authenticate_request checks it."""

    def before(request: HttpRequest) -> HttpResponseBase | None:
        if request.method == "OPTIONS":
            return HttpResponse(status=200, headers={"DAV": "1, 3", "Allow": allow, "MS-Author-Via": "DAV"})
        refuse_odd_address(request)
        return None

    def checked(actor: Actor) -> HttpResponseBase:
        if request.method != "PUT":  # of a chunk, which looks itself
            refuse_unhonoured(request)
        return handle(actor)

    def on_error(error: Exception, request: HttpRequest) -> HttpResponseBase:
        response = errors.answer(error, request)
        if response.status_code == 405:
            response.headers["Allow"] = allow
        return response

    return respond(request, checked, before=before, on_error=on_error)
