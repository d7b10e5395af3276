"""Addresses: the prefix at which a tree begins, from an address to a path below it, and back to an href."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from files import errors
from files.models import Node
from files.queries.file_content import FileContent
from files.queries.mounts import owns
from files.queries.tree import LocatedNode
from protocols.dav.errors import BadGateway
from protocols.dav.escaping import quoted_path
from protocols.dav.properties.registry import PropertySet
from protocols.dav.servers import is_this_server


def _nothing(_: object) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one family of clients gets beyond the standard.

    `written` and `fetched` give further headers of answers to PUT (MOVE, COPY, MKCOL) and to GET. `handlers` are
    further methods, each of a Call (protocols/dav/call.py), or others in the place of the standard's.
    """

    properties: PropertySet
    written: Callable[[Node], Mapping[str, str]] = _nothing
    fetched: Callable[[FileContent], Mapping[str, str]] = _nothing
    handlers: Mapping[str, Callable[[Any], HttpResponseBase]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AddressRoot:
    """Where the addresses of a tree begin. `prefix` is percent-encoded and ends in a slash; `space_id` None is the
    actor's home.
    """

    prefix: str
    dialect: Dialect
    space_id: int | None = None

    def href(self, path: str, *, is_folder: bool) -> str:
        """Of a path as of Place.path (`/` is the root)."""
        inner = quoted_path(path)
        return f"{self.prefix}{inner}/" if is_folder and inner else f"{self.prefix}{inner}"

    def reaches(self, actor: Actor, place: LocatedNode) -> bool:
        """Whether the place has an address here: other spaces have one only through a mount."""
        if place.mount is not None:
            return True
        return owns(actor, place.space) if self.space_id is None else place.space.pk == self.space_id

    def path_of(self, address: str, request: HttpRequest) -> str:
        """The decoded path that an address names (RFC 4918 section 8.3): absolute, or a path only.

        Raises BadGateway for another server or another tree, InvalidRequest, InvalidName.
        """
        parts = require_this_server(address, request)
        if parts.fragment or "#" in address or parts.query:
            raise errors.InvalidRequest(_("An address of a file has no query and no fragment."))
        if not parts.path.startswith("/"):
            raise errors.InvalidRequest(_("The address is neither absolute nor a path."))
        path, prefix = decode(parts.path), decode(self.prefix)
        if path + "/" == prefix:
            return ""
        if not path.startswith(prefix):
            raise BadGateway
        return path[len(prefix) :]


def decode(path: str) -> str:
    """From a path as it is sent (a header's bytes come as Latin-1) to characters. Raises InvalidName."""
    try:
        return unquote_to_bytes(path.encode("latin-1")).decode()
    except UnicodeError as error:
        raise errors.InvalidName(reason="not_utf8") from error


def address_path(address: str) -> str:
    """The decoded path of an address, whichever server it names. Raises InvalidRequest, InvalidName."""
    try:
        path = urlsplit(address).path
    except ValueError as error:
        raise errors.InvalidRequest(_("That is not an address.")) from error
    return decode(path)


def own_path(address: str, request: HttpRequest) -> str:
    """The decoded path of an address of this server. Raises BadGateway, InvalidRequest, InvalidName."""
    return decode(require_this_server(address, request).path)


def require_this_server(address: str, request: HttpRequest) -> SplitResult:
    """The parts of an address, absolute or a path only. Raises BadGateway for another server, InvalidRequest."""
    try:
        parts = urlsplit(address.strip())
        server = parts.netloc.rpartition("@")[2]
    except ValueError as error:
        raise errors.InvalidRequest(_("That is not an address.")) from error
    if (parts.scheme and parts.scheme.lower() not in ("http", "https")) or (parts.scheme and not server):
        raise errors.InvalidRequest(_("That is not an address of HTTP."))
    if server and not is_this_server(server, request):
        raise BadGateway
    return parts


def refuse_odd_address(request: HttpRequest) -> None:
    """A fragment never belongs into a request (RFC 9112 section 3.2), and a name is UTF-8.

    gunicorn keeps what was sent.

    Raises InvalidRequest, InvalidName.
    """
    sent = request.META.get("RAW_URI", "")
    if "#" in sent:
        raise errors.InvalidRequest(_("The address has a fragment."))
    if "%" in sent or not sent.isascii():
        decode(sent.partition("?")[0])
