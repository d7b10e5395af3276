"""What a link leads to, as WebDAV at Nextcloud's addresses: /public.php/dav/files/<token>/, and /public.php/webdav with
the token as user name. The password of the link is that of Basic authentication. Paths begin at the link's root.

A file that is linked alone is the only member of a folder that is nowhere else. The folder of a file request looks
empty, and what is sent to it never takes the place of anything.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from accounts.errors import NotAuthenticated
from accounts.request_actor import acts_for, basic_credentials, visitor_of
from files import errors
from files.actions.write_file import write_file
from files.queries.file_content import FileContent
from files.queries.tree import split_path
from files.tree.writing import Mode, WriteOptions
from http_kit.body import body_of, require_whole
from http_kit.checksum_headers import checksums_of
from protocols.dav.body import read_xml
from protocols.dav.call import Call
from protocols.dav.endpoint import HANDLERS, serve
from protocols.dav.errors import XML, FiniteDepth, MethodNotAllowed
from protocols.dav.headers import INFINITY, depth_of, length_of, modified_of
from protocols.dav.methods.propfind import dead_properties, propfind
from protocols.dav.methods.writing import without_content
from protocols.dav.multistatus import HEAD, TAIL
from protocols.dav.properties.registry import DAV, Context, PropertySet, entry_of
from protocols.dav.properties.requested import requested_by
from protocols.dav.properties.writing import Writer
from protocols.dav.resources import AddressRoot, Dialect, decode
from protocols.nextcloud.constants import NC, OC
from protocols.nextcloud.home import NEXTCLOUD, fetched, segment, written
from protocols.nextcloud.multistatus import Item, multistatus_of, response_of
from sharing.actions.link_passwords import try_password
from sharing.actions.link_uses import count_download, count_upload
from sharing.errors import LinkPasswordRequired
from sharing.guesses import open_for
from sharing.naming import name_from_sender
from sharing.queries.link_access import OpenLink, is_late

PUBLIC = "/public.php/"
FILES = PUBLIC + "dav/files/"
WEBDAV = PUBLIC + "webdav/"
# Of the owner, their team and its people, which is nothing for visitors.
_PRIVATE = frozenset(
    {
        *((DAV, name) for name in ("quota-used-bytes", "quota-available-bytes")),
        *((OC, name) for name in ("favorite", "owner-id", "owner-display-name")),
        *((NC, name) for name in ("lock-owner", "lock-owner-displayname", "lock-token")),
    }
)
_READING = frozenset({"GET", "HEAD", "PROPFIND", "REPORT"})


@csrf_exempt
def files(request: HttpRequest, slug: str, path: str = "") -> HttpResponseBase:
    """/public.php/dav/files/<token>/<path>; a user name, if a client sends one, says nothing."""
    return _serve(request, path, f"{FILES}{segment(slug)}/", slug)


@csrf_exempt
def webdav(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """/public.php/webdav/<path>: the address of before there was one for each link."""
    return _serve(request, path, WEBDAV, None)


def _serve(request: HttpRequest, path: str, prefix: str, slug: str | None) -> HttpResponseBase:
    """`slug` None: it is the user name."""
    opened: list[OpenLink] = []

    def authenticate(request: HttpRequest) -> Actor:
        opened.append(_open(request, slug))
        return opened[0].actor

    return serve(request, path, lambda actor: _root(opened[0], prefix), authenticate=authenticate)


def _open(request: HttpRequest, slug: str | None) -> OpenLink:
    """Raises NotAuthenticated, InvalidCredentials, TooManyAttempts, and what the opening of a link raises."""
    user, password = "", ""
    if "HTTP_AUTHORIZATION" in request.META:
        user, password = basic_credentials(request)
    slug = user if slug is None else slug
    if not slug:
        raise NotAuthenticated
    visitor = visitor_of(request)
    try:
        opened = open_for(visitor, slug)
    except LinkPasswordRequired:
        if not password:
            raise
        opened = open_for(visitor, slug, proof=try_password(slug, visitor, password=password))
    acts_for(request, opened.actor)
    return opened


def _root(opened: OpenLink, prefix: str) -> AddressRoot:
    handlers: dict[str, Callable[[Call], HttpResponseBase]] = {"REPORT": HANDLERS["REPORT"]}
    if opened.link.is_request:
        handlers |= dict.fromkeys([*HANDLERS], _refused) | {"PROPFIND": _empty, "PUT": _sender(opened)}
    elif not opened.place.node.is_folder:
        handlers["PROPFIND"] = _only_member
    dialect = Dialect(_PROPERTIES, written, fetched, handlers, _count)
    return AddressRoot(prefix, dialect, top=opened.place)


_PROPERTIES = PropertySet(live for live in NEXTCLOUD.properties if live.name not in _PRIVATE)


def _count(call: Call, file: FileContent) -> None:
    """Raises LinkUsedUp."""
    count_download(call.actor, node_id=file.node_id, etag=file.etag)


def _refused(call: Call) -> HttpResponseBase:
    """Of a file request nothing is seen, and nothing changes in it."""
    raise errors.NotFound if call.request.method in _READING else errors.Forbidden


def _empty(call: Call) -> HttpResponseBase:
    """Its folder; there is nothing in it for who sends."""
    if split_path(call.path):
        raise errors.NotFound
    if depth_of(call.request) == INFINITY:
        raise FiniteDepth
    return multistatus_of(requested_by(read_xml(call.request)), [Item(call.root.prefix)])


def _only_member(call: Call) -> HttpResponseBase:
    """The folder that is nowhere else, and at depth 1 the file in it; or the file alone."""
    if split_path(call.path):
        return propfind(call)
    depth = depth_of(call.request)
    if depth == INFINITY:
        raise FiniteDepth
    if depth == "0":
        return multistatus_of(requested_by(read_xml(call.request)), [Item(call.root.prefix)])
    root, requested = call.root, requested_by(read_xml(call.request))
    place = root.locate(call.actor, _name(call))
    writer = Writer(requested, root.dialect.properties, dead_properties)
    context = Context(call.actor, root, place, [entry_of(place)])
    member = writer.response(context, root.href(place.path, is_folder=False))
    text = HEAD + response_of(requested, Item(root.prefix)) + member + TAIL
    headers = {"Cache-Control": "private, no-store", "DAV": "1, 2, 3"}
    return HttpResponse(text.encode(), status=207, headers=headers, content_type=XML)


def _name(call: Call) -> str:
    assert call.root.top is not None
    return call.root.top.node.name


def _sender(opened: OpenLink) -> Callable[[Call], HttpResponseBase]:
    """PUT of a file request: always another file. X-NC-Nickname is who sends it, as Nextcloud's page has it."""

    def put(call: Call) -> HttpResponseBase:
        require_whole(call.request)
        names = split_path(call.path)
        if len(names) != 1 or call.chunk is not None:
            raise errors.Forbidden if names else MethodNotAllowed
        sender = decode(call.request.META.get("HTTP_X_NC_NICKNAME", ""))
        name = name_from_sender(opened.link, names[0], sender)
        body, modified_at = body_of(call.request), modified_of(call.request)
        made = write_file(
            call.actor,
            target=call.root.target(name),
            chunks=body.chunks,
            length=length_of(call.request, body.length),
            options=WriteOptions(Mode.CREATE, autorename=True, modified_at=modified_at, conditions=call.conditions),
            expected=checksums_of(call.request),
        )
        count_upload(call.actor, node_id=made.node.pk, name=made.node.name, is_late=is_late(opened.link))
        return without_content(201)

    return put
