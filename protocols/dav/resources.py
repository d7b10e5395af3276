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
from files.queries import tree
from files.queries.file_content import FileContent, file_at_path, file_of_node
from files.queries.mounts import owns
from files.queries.target import Target
from files.queries.tree import LocatedNode, Way
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
    further methods, each of a Call (protocols/dav/call.py), or others in the place of the standard's. `sends` is called
    with a Call and the file before the first byte of it leaves, and may refuse that.
    """

    properties: PropertySet
    written: Callable[[Node], Mapping[str, str]] = _nothing
    fetched: Callable[[FileContent], Mapping[str, str]] = _nothing
    handlers: Mapping[str, Callable[[Any], HttpResponseBase]] = field(default_factory=dict)
    sends: Callable[[Any, FileContent], None] | None = None


@dataclass(frozen=True, slots=True)
class AddressRoot:
    """Where the addresses of a tree begin. `prefix` is percent-encoded and ends in a slash; `space_id` None is the
    actor's home. `top`: the folder or file at which the tree begins for who sees nothing above it. A file is the only
    member of a folder that is nowhere else.
    """

    prefix: str
    dialect: Dialect
    space_id: int | None = None
    top: LocatedNode | None = None

    def locate(self, actor: Actor, path: str) -> LocatedNode:
        """What is at a path. Raises NotFound, ParentNotFound, MountUnavailable."""
        if self.top is None:
            return tree.locate_path(actor, path, space_id=self.space_id)
        if self.top.node.is_folder:
            return tree.locate_below(actor, path, folder_id=self.top.node.pk)
        if tree.split_path(path) != [self.top.node.name]:
            raise errors.NotFound
        return tree.locate(actor, self.top.node.pk)

    def file(self, actor: Actor, path: str) -> FileContent:
        """The file at a path. Raises NotAFile, and like `locate`."""
        if self.top is None:
            return file_at_path(actor, path, space_id=self.space_id)
        place = self.locate(actor, path)
        if place.node.is_folder:
            raise errors.NotAFile(id=place.node.pk)
        return file_of_node(actor, place.node.pk)

    def target(self, path: str) -> Target:
        """Where something is to be put: WebDAV never makes the folders on the way."""
        if self.top is None:
            return Target(path, space_id=self.space_id, make_folders=False)
        if self.top.node.is_folder:
            return Target(path, parent_id=self.top.node.pk, make_folders=False)
        if tree.split_path(path) != [self.top.node.name]:
            raise errors.Forbidden
        return Target(self.top.node.name, parent_id=self.top.node.parent_id, make_folders=False)

    def way(self, actor: Actor, path: str) -> Way:
        """As much of a path as there is."""
        names = tree.split_path(path)
        if self.top is None:
            return tree.way_to(actor, tree.get_space(actor, self.space_id), names)
        top = self.top
        if not top.node.is_folder:
            names = [] if names == [top.node.name] else names
        return tree.way_to(actor, top.space, names, start_id=top.node.pk, above=top.ancestors)

    def require_below(self, place: LocatedNode) -> None:
        """What the tree begins at stays where it is. Raises RootIsFixed."""
        if place.is_root or (self.top is not None and place.node.pk == self.top.node.pk):
            raise errors.RootIsFixed

    def href(self, path: str, *, is_folder: bool) -> str:
        """Of a path as of Place.path (`/` is the root)."""
        inner = quoted_path(path)
        return f"{self.prefix}{inner}/" if is_folder and inner else f"{self.prefix}{inner}"

    def reaches(self, actor: Actor, place: LocatedNode) -> bool:
        """Whether the place has an address here: other spaces have one only through a mount."""
        if place.mount is not None:
            return True
        if self.top is not None:
            return place.is_seen_from(self.top.node.pk)
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
