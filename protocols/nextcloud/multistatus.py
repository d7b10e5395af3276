"""PROPFIND of what is no node: uploads and their chunks, deleted files, earlier versions, people.

A few properties each, all of them known; the response has those that the client requests.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

from http_kit.long_requests import release_connection
from protocols.dav.body import read_xml
from protocols.dav.errors import XML
from protocols.dav.multistatus import HEAD, TAIL, response_of_properties, tags
from protocols.dav.properties.registry import DAV, Name
from protocols.dav.properties.requested import Requested, requested_by
from protocols.dav.properties.standard import http_date

PAGE = 500
COLLECTION = "<d:collection/>"


@dataclass(frozen=True, slots=True)
class Item:
    """`href` is percent-encoded; `length` None makes it a collection. `more` are further properties, as XML."""

    href: str
    length: int | None = None
    modified_at: datetime | None = None
    etag: str = ""
    more: Mapping[Name, str] = field(default_factory=dict)

    @property
    def properties(self) -> dict[Name, str]:
        found = {(DAV, "resourcetype"): COLLECTION if self.length is None else ""}
        if self.length is not None:
            found[DAV, "getcontentlength"] = str(self.length)
        if self.modified_at is not None:
            found[DAV, "getlastmodified"] = http_date(self.modified_at)
        if self.etag:
            found[DAV, "getetag"] = self.etag
        return {**found, **self.more}


def multistatus(request: HttpRequest, items: Iterable[Item]) -> HttpResponseBase:
    """207. Raises InvalidRequest for a body that asks for nothing."""
    return multistatus_of(requested_by(read_xml(request)), items)


def multistatus_of(requested: Requested, items: Iterable[Item], *, stream: bool = False) -> HttpResponseBase:
    """`stream`: there may be many, so they are written as they come."""
    headers = {"Cache-Control": "private, no-store", "DAV": "1, 3"}
    if stream:
        pieces = _pieces(requested, items)
        return StreamingHttpResponse(pieces, status=207, headers=headers, content_type=XML)
    text = HEAD + "".join(response_of(requested, item) for item in items) + TAIL
    return HttpResponse(text.encode(), status=207, headers=headers, content_type=XML)


def _pieces(requested: Requested, items: Iterable[Item]) -> Iterator[bytes]:
    """A few hundred responses each."""
    text, rest = HEAD, iter(items)
    while page := list(islice(rest, PAGE)):
        text += "".join(response_of(requested, item) for item in page)
        release_connection()
        yield text.encode()
        text = ""
    yield (text + TAIL).encode()


def response_of(requested: Requested, item: Item) -> str:
    """The element of one item."""
    properties = item.properties
    names = list(properties) if requested.names is None else requested.names
    found = [_element(name, properties[name], requested) for name in names if name in properties]
    missing = [tags(name)[2] for name in names if name not in properties]
    return response_of_properties(item.href, found, missing)


def _element(name: Name, value: str, requested: Requested) -> str:
    start, end, empty = tags(name)
    return empty if requested.only_names or not value else start + value + end
