"""The trash: `/remote.php/dav/trashbin/<id>/trash/<name>.d<number>`. MOVE to `…/restore/…` restores, DELETE purges."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from common import ids
from files import errors
from files.access.rights import Right
from files.actions.trash import empty_trash, purge_items, restore_items
from files.models import Space, TrashItem
from files.queries.mounts import mounts_in
from files.queries.trash import list_trash, seen_through, shown_item, trash_items
from files.queries.tree import LocatedNode, get_space
from protocols.dav.body import read_xml
from protocols.dav.errors import MethodNotAllowed
from protocols.dav.escaping import escape
from protocols.dav.headers import depth_of
from protocols.dav.methods.writing import without_content
from protocols.dav.properties.registry import DAV, Name
from protocols.dav.properties.requested import requested_by
from protocols.nextcloud.constants import NC, OC
from protocols.nextcloud.endpoint import serve
from protocols.nextcloud.home import ROOT, require_restore, segment
from protocols.nextcloud.multistatus import Item, multistatus_of
from protocols.nextcloud.properties import oc_id
from protocols.nextcloud.user_ids import require_own

PAGE = 1_000
_NAME = re.compile(rf"([\s\S]+)\.d({ids.WRITTEN})", re.ASCII)


@csrf_exempt
def trashbin(request: HttpRequest, user_id: str, path: str = "") -> HttpResponseBase:
    def handle(actor: Actor) -> HttpResponseBase:
        require_own(actor, user_id)
        names = path.strip("/").split("/")
        if names[0] != "trash" or len(names) > 2:
            if names == [""] and request.method == "PROPFIND":
                return _root(request, user_id)
            raise errors.NotFound
        if len(names) == 1:
            return _whole(request, actor, user_id)
        return _one(request, actor, user_id, _item(actor, names[1]))

    return serve(request, handle, "OPTIONS, PROPFIND, MOVE, DELETE")


def _root(request: HttpRequest, user_id: str) -> HttpResponseBase:
    items = [Item(_href(user_id, part)) for part in ("", "trash/", "restore/")]
    return multistatus_of(requested_by(read_xml(request)), items)


def _whole(request: HttpRequest, actor: Actor, user_id: str) -> HttpResponseBase:
    if request.method == "DELETE":
        empty_trash(actor)
        return without_content(204)
    if request.method != "PROPFIND":
        raise MethodNotAllowed
    requested = requested_by(read_xml(request))
    seen = _Seen(actor, user_id)
    if depth_of(request, default="1") == "0":
        return multistatus_of(requested, [Item(_href(user_id, "trash/"))])
    return multistatus_of(requested, _items(seen), stream=True)


@dataclass
class _Seen:
    """The trash as one person has it: that of their home, and what they deleted themselves in what is mounted there."""

    actor: Actor
    user_id: str
    home: Space = field(init=False)
    mounts: list[LocatedNode] = field(init=False)

    def __post_init__(self) -> None:
        self.home = get_space(self.actor, None)
        found = mounts_in(self.actor, self.home)
        self.mounts = [] if found is None else found.all()

    @property
    def items(self) -> "QuerySet[TrashItem]":
        return list_trash(self.actor, own_in={mount.entered.space.pk for mount in self.mounts})

    def seen_items(self, page: Sequence[TrashItem]) -> Iterator[Item]:
        """Without what lay where the person sees nothing now, with the sums that they see."""
        through = seen_through(self.actor, self.mounts, [item for item in page if item.space_id != self.home.pk])
        for item in page:
            if item.space_id == self.home.pk:
                yield self.item(item, item.path, may_purge=True)
            elif item.pk in through:
                mount, path = through[item.pk].mount, through[item.pk].path
                # Only who manages the space purges what was in it.
                may_purge = mount.entered.is_root and mount.entered.access.allows(Right.MANAGE)
                yield self.item(item, mount.path + path, may_purge=may_purge)

    def item(self, item: TrashItem, path: str, *, may_purge: bool) -> Item:
        node = item.node
        href = _href(self.user_id, f"trash/{segment(f'{node.name}.d{item.pk}')}") + ("/" if node.is_folder else "")
        length = None if node.is_folder else node.size
        return Item(href, length, node.modified_at, node.etag, _properties(item, path, may_purge=may_purge))


def _items(seen: _Seen) -> Iterator[Item]:
    yield Item(_href(seen.user_id, "trash/"))
    start, trash = 0, seen.items
    while page := list(trash[start : start + PAGE]):
        yield from seen.seen_items(page)
        start += PAGE


def _one(request: HttpRequest, actor: Actor, user_id: str, item: TrashItem) -> HttpResponseBase:
    if request.method == "PROPFIND":
        return multistatus_of(requested_by(read_xml(request)), [_item_of(_Seen(actor, user_id), item)])
    if request.method == "DELETE":
        purge_items(actor, item_ids=[item.pk])
        return without_content(204)
    if request.method == "MOVE":
        return _restore(request, actor, user_id, item)
    raise MethodNotAllowed


def _item_of(seen: _Seen, item: TrashItem) -> Item:
    """Also of what somebody else deleted, or what no mount leads to, as long as one sees it."""
    own = next(seen.seen_items([item]), None)
    if own is not None:
        return own
    shown = shown_item(seen.actor, item)
    return seen.item(shown, shown.path, may_purge=False)


def _restore(request: HttpRequest, actor: Actor, user_id: str, item: TrashItem) -> HttpResponseBase:
    """To where it was; the name in the destination is ignored."""
    require_restore(actor, request, "trashbin")
    places: list[LocatedNode] = restore_items(actor, item_ids=[item.pk])
    response = without_content(201)
    response.headers["OC-FileId"] = oc_id(places[0].node.pk)
    return response


def _item(actor: Actor, name: str) -> TrashItem:
    """By the number at the end; the name before it must be right too. Raises NotFound."""
    found = _NAME.fullmatch(name)
    item_id = ids.id_of(found[2]) if found is not None else None
    if found is None or item_id is None:
        raise errors.NotFound
    (item,) = trash_items(actor, [item_id])
    if item.node.name != found[1]:
        raise errors.NotFound
    return item


def _properties(item: TrashItem, path: str, *, may_purge: bool) -> dict[Name, str]:
    """`path`: where it was, as the person has it."""
    node = item.node
    found = {
        (DAV, "displayname"): escape(node.name),
        (OC, "id"): oc_id(node.pk),
        (OC, "fileid"): str(node.pk),
        (OC, "size"): str(node.size),
        (OC, "permissions"): "GD" if may_purge else "G",
        (NC, "has-preview"): "false",
        (NC, "trashbin-filename"): escape(node.name),
        (NC, "trashbin-title"): escape(node.name),
        (NC, "trashbin-original-location"): escape(path.lstrip("/")),
        (NC, "trashbin-deletion-time"): str(int(item.deleted_at.timestamp())),
    }
    if item.deleted_by_id is not None:
        found[NC, "trashbin-deleted-by-id"] = str(item.deleted_by_id)
    return found


def _href(user_id: str, rest: str) -> str:
    return f"{ROOT}trashbin/{segment(user_id)}/{rest}"
