"""PROPFIND (RFC 4918 section 9.1): a constant number of queries for each page of entries, written as they come."""

from collections.abc import Iterator
from dataclasses import replace

from django.http import HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

from accounts.at_once import Streamed, listings
from files.queries.listing import MAXIMUM_PAGE, Row, list_whole
from files.queries.mounts import Mounts
from files.queries.properties import properties_of
from http_kit.long_requests import release_connection
from protocols.dav.body import read_xml
from protocols.dav.call import Call
from protocols.dav.errors import XML, FiniteDepth
from protocols.dav.headers import INFINITY, depth_of
from protocols.dav.multistatus import HEAD, TAIL
from protocols.dav.properties.registry import Context, Entry, Name, entry_of
from protocols.dav.properties.requested import requested_by
from protocols.dav.properties.writing import Writer

MULTI_STATUS = 207
_HEADERS = {"Cache-Control": "private, no-store", "DAV": "1, 2, 3", "Vary": "Brief, Prefer"}


def propfind(call: Call) -> HttpResponseBase:
    """207 with the resource and, at depth 1, what is in it. Raises TooManyRequests for a folder of many pages,
    MountUnavailable rather than leave something out.
    """
    depth = depth_of(call.request)
    requested = requested_by(read_xml(call.request))
    place = call.place()
    call.require_conditions(place)
    if place.node.is_folder and depth == INFINITY:
        raise FiniteDepth
    writer = Writer(requested, call.root.dialect.properties, dead_properties, minimal=wants_minimum(call))
    context = Context(call.actor, call.root, place, [entry_of(place)])
    href = call.href_of(place)
    first = HEAD + writer.response(context, href)
    if depth == "0" or not place.node.is_folder:
        return _whole(first + TAIL)
    folder = place.entered
    pages = list_whole(call.actor, folder)
    page = next(pages)
    members = replace(context, place=folder, of_members=True)
    first += _page(writer, members, page, href)
    if len(page) < MAXIMUM_PAGE:
        return _whole(first + TAIL)
    listings.enter(call.actor.counted_as)
    rest = Streamed(listings, call.actor, _rest(first, writer, members, pages, href))
    return StreamingHttpResponse(rest, status=MULTI_STATUS, headers=_HEADERS, content_type=XML)


def _whole(text: str) -> HttpResponse:
    return HttpResponse(text.encode(), status=MULTI_STATUS, headers=_HEADERS, content_type=XML)


def _page(writer: Writer, context: Context, page: list[Row], href: str) -> str:
    context.entries = [Entry._make(row) for row in page]
    if context.place.mounts is not None:
        _see_mounts(context, context.place.mounts)
    return writer.responses(context, href)


def _see_mounts(context: Context, mounts: Mounts) -> None:
    """Their places, by the ids that are told of them: of a mounted file that of the file."""
    found = {entry.pk: mount for entry in context.entries if (mount := mounts.get(entry.pk))}
    context.elsewhere = {mount.known_as.pk: mount for mount in found.values()}
    context.entries = [
        entry._replace(pk=found[entry.pk].known_as.pk) if entry.pk in found else entry for entry in context.entries
    ]


def _rest(text: str, writer: Writer, context: Context, pages: Iterator[list[Row]], href: str) -> Iterator[bytes]:
    """Page after page; who reads slowly holds no connection of the database meanwhile."""
    release_connection()
    yield text.encode()
    for page in pages:
        text = _page(writer, context, page, href)
        release_connection()
        yield text.encode()
    yield TAIL.encode()


def wants_minimum(call: Call) -> bool:
    """`Prefer: return=minimal` (RFC 8144) and `Brief: t`: missing properties are left out."""
    meta = call.request.META
    return "return=minimal" in meta.get("HTTP_PREFER", "").lower() or meta.get("HTTP_BRIEF", "").lower() == "t"


def dead_properties(context: Context) -> dict[int, dict[Name, str]]:
    """By the ids of the entries; those of a mount are what it stands for has."""
    ids = {context.id_there(entry): entry.pk for entry in context.entries}
    return {ids[node_id]: found for node_id, found in properties_of(list(ids)).items()}
