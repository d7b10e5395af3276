"""What lies above the trees: the root of WebDAV, and the current user (RFC 3744, RFC 5397), as far as clients ask."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from accounts.queries import name_of
from protocols.dav.body import read_xml
from protocols.dav.errors import MethodNotAllowed
from protocols.dav.escaping import escape
from protocols.dav.headers import depth_of
from protocols.dav.properties.registry import DAV, Name
from protocols.dav.properties.requested import requested_by
from protocols.nextcloud.endpoint import serve
from protocols.nextcloud.home import FILES, ROOT
from protocols.nextcloud.multistatus import COLLECTION, Item, multistatus_of
from protocols.nextcloud.searching import search_dav
from protocols.nextcloud.user_ids import require_own, user_id_of

ALLOW = "OPTIONS, PROPFIND"
PRINCIPALS = ROOT + "principals/users/"


@csrf_exempt
def root(request: HttpRequest) -> HttpResponseBase:
    """/remote.php/dav/: by it a client finds out who it is. And finds files, by SEARCH."""

    def handle(actor: Actor) -> HttpResponseBase:
        if request.method == "SEARCH":
            return search_dav(request, actor)
        return _answer(request, actor, [ROOT, FILES, f"{ROOT}principals/"])

    return serve(request, handle, "OPTIONS, PROPFIND, SEARCH")


@csrf_exempt
def all_files(request: HttpRequest) -> HttpResponseBase:
    """/remote.php/dav/files/: of all homes only that of the current user."""
    return serve(
        request, lambda actor: _answer(request, actor, [FILES, f"{FILES}{user_id_of(actor)}/"]), "OPTIONS, PROPFIND"
    )


@csrf_exempt
def principals(request: HttpRequest) -> HttpResponseBase:
    return serve(request, lambda actor: _answer(request, actor, [f"{ROOT}principals/", PRINCIPALS]), ALLOW)


@csrf_exempt
def users(request: HttpRequest) -> HttpResponseBase:
    return serve(
        request, lambda actor: _answer(request, actor, [PRINCIPALS, f"{PRINCIPALS}{user_id_of(actor)}/"]), ALLOW
    )


@csrf_exempt
def user(request: HttpRequest, user_id: str) -> HttpResponseBase:
    def handle(actor: Actor) -> HttpResponseBase:
        require_own(actor, user_id)
        return _answer(request, actor, [f"{PRINCIPALS}{user_id_of(actor)}/"])

    return serve(request, handle, ALLOW)


def _answer(request: HttpRequest, actor: Actor, hrefs: list[str]) -> HttpResponseBase:
    """The first href, and at depth 1 the others, which are in it."""
    if request.method != "PROPFIND":
        raise MethodNotAllowed
    requested = requested_by(read_xml(request))
    shown = hrefs[:1] if depth_of(request, default="0") == "0" else hrefs
    own = f"{PRINCIPALS}{user_id_of(actor)}/"
    return multistatus_of(requested, [Item(href, more=_properties(href, own, actor)) for href in shown])


def _properties(href: str, own: str, actor: Actor) -> dict[Name, str]:
    found = {(DAV, "current-user-principal"): f"<d:href>{own}</d:href>"}
    if href == own:
        found |= {
            (DAV, "resourcetype"): f"<d:principal/>{COLLECTION}",
            (DAV, "displayname"): escape(name_of(actor)),
            (DAV, "principal-URL"): f"<d:href>{own}</d:href>",
        }
    return found
