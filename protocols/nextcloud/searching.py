"""Finding files: SEARCH on /remote.php/dav/, and OCS's unified search, over the search of the core."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from files import errors
from files.queries.mounts import Mounts, mounts_in
from files.queries.tree import LocatedNode, get_space, locate, locate_path
from protocols.dav.body import read_xml
from protocols.dav.resources import AddressRoot
from protocols.nextcloud.home import FILES, files_root
from protocols.nextcloud.methods import found_places
from protocols.nextcloud.ocs.endpoint import ocs_endpoint
from protocols.nextcloud.ocs.envelope import Outcome
from protocols.nextcloud.search_request import SearchRequest, search_request
from protocols.nextcloud.user_ids import user_id_of
from search.queries import Wanted, search

PROVIDER = "files"
LARGEST_PAGE = 50


def search_dav(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """207 with what is found below the scope, which is `/files/<id>/…`."""
    wanted = search_request(read_xml(request))
    segment, _, path = _below_files(wanted.scope).partition("/")
    root = files_root(actor, segment or user_id_of(actor))
    base = locate_path(actor, path, space_id=root.space_id)
    if not base.node.is_folder:
        raise errors.NotAFolder(id=base.node.pk)
    seen = _Seen(root, actor, mounts_in(actor, get_space(actor, root.space_id)), base)
    return found_places(actor, root, base, _found(seen, wanted), wanted.requested)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is found, as it is seen below the folder `base` of a home with these mounts."""

    root: AddressRoot
    actor: Actor
    mounts: Mounts | None
    base: LocatedNode

    def place(self, found: LocatedNode) -> LocatedNode | None:
        """None for what is not below the folder, or in a space that is not mounted."""
        place = found if self.mounts is None or found.mount is not None else self.mounts.seen(found)
        top = self.base.path.rstrip("/")
        below = place.path == self.base.path or place.path.startswith(f"{top}/")
        return place if below and self.root.reaches(self.actor, place) else None


def _below_files(scope: str) -> str:
    """Clients write the scope relative to /remote.php/dav, or the whole address."""
    for prefix in (FILES, "/files/", "files/"):
        if scope.startswith(prefix):
            return scope[len(prefix) :].strip("/")
    if scope.strip("/") in ("", "files", "remote.php/dav", "remote.php/dav/files"):
        return ""
    raise errors.NotFound(gettext_lazy("Only files can be searched."))


def _found(seen: _Seen, wanted: SearchRequest) -> list[LocatedNode]:
    actor, base = seen.actor, seen.base
    if wanted.file_id is not None:
        try:
            place = seen.place(locate(actor, wanted.file_id))
        except errors.NotFound:
            place = None
        return [] if place is None else [place]
    there = base.entered
    # What is mounted below the folder lies in other spaces: then everything is searched, and the paths tell.
    is_wide = base.mounts is not None and base.mounts.has_below(base.node.pk)
    is_whole = not is_wide and there.is_root
    narrowed = Wanted(
        space_id=there.space.pk if is_whole else None,
        under=None if is_wide or is_whole else there.node.pk,
        kind=wanted.kind,
        media_types=wanted.media_types,
        modified_after=wanted.modified_after,
        modified_before=wanted.modified_before,
    )
    places: list[LocatedNode] = []
    cursor = None
    while len(places) < wanted.offset + wanted.limit:
        page = search(actor, _in_names(wanted.text), wanted=narrowed, order=wanted.order, cursor=cursor, limit=100)
        places += [place for hit in page.hits if (place := seen.place(hit.place)) is not None]
        cursor = page.next_cursor
        if cursor is None:
            break
    return places[wanted.offset : wanted.offset + wanted.limit]


def _in_names(text: str) -> str:
    """Each word in the name, as the search of the core reads it."""
    return " ".join(f'name:"{word}"' for word in text.replace('"', " ").split())


@ocs_endpoint("GET", "HEAD")
def providers(request: HttpRequest, actor: Actor) -> Outcome:
    """What can be searched: files."""
    return Outcome([{"id": PROVIDER, "appId": "files", "name": "Files", "icon": "", "order": 5, "filters": {}}])


@ocs_endpoint("GET", "HEAD")
def unified(request: HttpRequest, actor: Actor, provider: str) -> Outcome:
    """`term`, `limit` and `cursor`; names and contents."""
    if provider != PROVIDER:
        raise errors.NotFound(gettext_lazy("There is no such provider."))
    limit = request.GET.get("limit", "")
    size = min(int(limit), LARGEST_PAGE) if limit.isascii() and limit.isdigit() and len(limit) < 6 else 20
    cursor = request.GET.get("cursor") or None
    page = search(actor, request.GET.get("term", ""), cursor=cursor, limit=max(1, size))
    root, home = files_root(actor, user_id_of(actor)), locate_path(actor, "")
    seen = _Seen(root, actor, home.mounts, home)
    data: dict[str, Any] = {
        "name": "Files",
        "isPaginated": page.next_cursor is not None,
        "entries": [_entry(place) for hit in page.hits if (place := seen.place(hit.place)) is not None],
        "cursor": page.next_cursor,
    }
    return Outcome(data)


def _entry(place: LocatedNode) -> dict[str, Any]:
    folder = place.path.rpartition("/")[0]
    return {
        "thumbnailUrl": "",
        "title": place.node.name,
        "subline": f"in {folder[1:]}" if folder else "",
        "resourceUrl": f"{settings.BASE_URL if settings.LINKS_KNOWN else ''}/files/{place.node.pk}/",
        "icon": "",
        "rounded": False,
        "attributes": {"fileId": str(place.node.pk), "path": place.path},
    }
