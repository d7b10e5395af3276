"""The two addresses that a client asks before it knows anybody: is this a server, and does the network work."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

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
