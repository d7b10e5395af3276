"""`/` as WebDAV sees it: Windows requests it, with OPTIONS and PROPFIND, before it maps any folder below.

It answers as /dav/ does, and lists what can be mounted. To a browser `/` is a page; that is another method.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.errors import NotAuthenticated
from accounts.request_actor import actor_from_header
from protocols.dav import errors
from protocols.dav.body import read_xml
from protocols.dav.errors import FiniteDepth, MethodNotAllowed
from protocols.dav.headers import INFINITY, depth_of
from protocols.dav.methods import reading
from protocols.dav.properties.requested import requested_by
from protocols.dav.resources import refuse_odd_address
from protocols.dav.urls import PREFIX as DAV
from protocols.nextcloud.home import ROOT, WEBDAV
from protocols.nextcloud.multistatus import Item, multistatus_of

METHODS = frozenset({"OPTIONS", "PROPFIND"})
REMOTE = "/remote.php/"
_HEADERS = {"DAV": "1, 2, 3", "MS-Author-Via": "DAV"}


@csrf_exempt
def server_root(request: HttpRequest) -> HttpResponseBase:
    """The middleware sends METHODS here, whatever else is at `/`."""
    return _answer(request, ["/", DAV, REMOTE])


@csrf_exempt
def remote(request: HttpRequest) -> HttpResponseBase:
    """/remote.php/, which is listed there."""
    return _answer(request, [REMOTE, ROOT, WEBDAV])


def _answer(request: HttpRequest, hrefs: list[str]) -> HttpResponseBase:
    """The first href, and at depth 1 the others, which are in it. Who asks must show it in a header: a page's session
    is not enough, so that other sites learn nothing by it.
    """
    if request.method == "OPTIONS":
        return reading.options()
    try:
        refuse_odd_address(request)
        if request.method != "PROPFIND":
            raise MethodNotAllowed
        if "HTTP_AUTHORIZATION" not in request.META:
            raise NotAuthenticated
        actor_from_header(request)
        depth = depth_of(request)
        requested = requested_by(read_xml(request))
        if depth == INFINITY:
            raise FiniteDepth
        shown = hrefs if depth == "1" else hrefs[:1]
        response: HttpResponseBase = multistatus_of(requested, [Item(href) for href in shown])
    except Exception as error:
        response = errors.answer(error, request)
        if response.status_code == 405:
            response.headers["Allow"] = "OPTIONS, PROPFIND"
    for name, value in _HEADERS.items():
        response.headers[name] = value
    return response
