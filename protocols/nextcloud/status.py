"""Small endpoints: whether this is a server and whether the network works, which a client requests before anybody
signs in, and previews and avatars, which do not exist yet (a client then shows an icon of its own).
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.request_actor import authenticate_request
from common.errors import CodedError
from protocols.dav import errors
from protocols.nextcloud.constants import PRODUCT, VERSION, VERSION_STRING

STATUS = {
    "installed": True,
    "maintenance": False,
    "needsDbUpgrade": False,
    "version": ".".join(map(str, VERSION)),
    "versionstring": VERSION_STRING,
    "edition": "",
    "productname": PRODUCT,
    "extendedSupport": False,
}


@csrf_exempt
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """GET /status.php."""
    return JsonResponse(STATUS, headers={"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"})


@csrf_exempt
@require_safe
def no_content(request: HttpRequest) -> HttpResponse:
    """GET /index.php/204: by it the clients find out that no hotel's sign-in page stands in between."""
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


@csrf_exempt
@require_safe
def no_preview(request: HttpRequest, path: str = "") -> HttpResponse:
    """404 to whoever is signed in, whatever it is of: so nobody learns from it what exists."""
    try:
        authenticate_request(request)
    except CodedError as error:
        return errors.answer(error, request)
    return JsonResponse([], safe=False, status=HTTPStatus.NOT_FOUND, headers={"Cache-Control": "private, no-store"})
