"""The registry of live properties.

A property is a function from an entry to the text inside its element: escaped, "" for an empty element, None when
this entry has no such property. What it needs beyond the entry's own columns comes from a *loader*, called once for
each page of entries, whatever their number. Further dialects extend a set: `STANDARD.extended(...)`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from accounts.actor import Actor
from files.models import NodeKind
from files.queries.tree import LocatedNode
from protocols.dav.marked_etags import etag_of, member_etag

DAV = "DAV:"
Name = tuple[str, str]  # namespace and local name
PREFIXES = {
    DAV: "d",
    "http://owncloud.org/ns": "oc",
    "http://nextcloud.org/ns": "nc",
    "http://sabredav.org/ns": "s",
}
_FOLDER = int(NodeKind.FOLDER)


class Entry(NamedTuple):
    """A row of files.queries.listing, in the order of its COLUMNS: times may be text (UTC), `checksums` too."""

    pk: int
    kind: int
    name: str
    size: int
    seq: int | str  # a text where something below is hidden: see files/queries/veil.py
    created_at: Any
    modified_at: Any
    version_id: int | None
    descendants: int
    content_hash: str | None
    media_type: str | None
    checksums: Any
    name_key: str

    @property
    def is_folder(self) -> bool:
        return self.kind == _FOLDER


def entry_of(place: LocatedNode) -> Entry:
    """Of a place as tree.locate_path gives it: a mount has a name of its own, and the rest from what it stands for, one
    of a file also the id.
    """
    node = place.shown
    version = node.version if node.version_id else None
    content = version.content if version else None
    return Entry(
        place.known_as.pk,
        node.kind,
        place.node.name,
        node.size,
        node.seen_state or node.seq,
        node.created_at,
        node.modified_at,
        node.version_id,
        node.descendants,
        content.content_hash if content else None,
        content.media_type if content else None,
        version.known_checksums if version else {},
        place.node.name_key,
    )


class Addresses(Protocol):
    """Of the resources of one tree: protocols.dav.resources.AddressRoot."""

    def href(self, path: str, *, is_folder: bool) -> str: ...


@dataclass(slots=True)
class Context:
    """`place` is what the request is about, and `entries` are it; or it is a folder, and they are a page of what is in
    it (`of_members`). `elsewhere` has the places of those entries that neither is true of: mounts, and what was found.

    `loaded` is what the loaders gave for this page; `memory` is kept from page to page.
    """

    actor: Actor
    root: Addresses
    place: LocatedNode
    entries: Sequence[Entry] = ()
    of_members: bool = False
    elsewhere: Mapping[int, LocatedNode] = field(default_factory=dict)
    loaded: dict["Loader", Any] = field(default_factory=dict)
    memory: dict[Any, Any] = field(default_factory=dict)

    def place_of(self, entry: Entry) -> LocatedNode | None:
        """Its own, or None for a member of the folder `place`."""
        return self.elsewhere.get(entry.pk) if self.of_members or self.elsewhere else self.place

    def is_mount(self, entry: Entry) -> bool:
        place = self.place_of(entry)
        return place is not None and place.is_mount

    def entered(self, entry: Entry) -> LocatedNode:
        """Where its content lies: itself, what it stands for as a mount, or the folder that it is a member of. All that
        is the same for it (the space, what one may do there) is that place's.
        """
        place = self.place_of(entry)
        return self.place if place is None else place.entered

    def id_there(self, entry: Entry) -> int:
        """Of what it stands for, or its own."""
        place = self.place_of(entry)
        return entry.pk if place is None else place.shown.pk

    def own_id(self, entry: Entry) -> int:
        """The other way round: of its row in the home, where it is a mount."""
        place = self.place_of(entry)
        return entry.pk if place is None else place.node.pk

    def etag(self, entry: Entry) -> str:
        """Of a folder."""
        place = self.place_of(entry)
        return member_etag(self.place, entry.pk, entry.seq) if place is None else etag_of(place)


Loader = Callable[[Context], Any]
Render = Callable[[Entry, Context], str | None]
Write = Callable[[Actor, LocatedNode, str | None], None]  # PROPPATCH: the element's text, None to remove it; may raise


@dataclass(frozen=True, slots=True)
class Live:
    """`in_allprop`: also in the response to allprop (RFC 4918 section 9.1). Without `write` it is protected."""

    namespace: str
    local: str
    render: Render
    loader: Loader | None = None
    in_allprop: bool = True
    write: Write | None = None

    @property
    def name(self) -> Name:
        return self.namespace, self.local


class PropertySet:
    """Live properties by name."""

    def __init__(self, properties: Iterable[Live]) -> None:
        self._by_name: Mapping[Name, Live] = {live.name: live for live in properties}

    def extended(self, properties: Iterable[Live]) -> "PropertySet":
        """With these too; one of the same name takes the place of the other."""
        return PropertySet([*self, *properties])

    def get(self, name: Name) -> Live | None:
        return self._by_name.get(name)

    def __iter__(self) -> Iterator[Live]:
        return iter(self._by_name.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_name
