"""Finding files: SEARCH on /remote.php/dav/, and OCS's unified search, over the search of the core."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from files import errors
from files.queries.tree import LocatedNode, locate, locate_path
from protocols.dav.body import read_xml
from protocols.nextcloud.methods import found_places
from protocols.nextcloud.mounts import FILES, files_mount
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
    mount = files_mount(actor, segment or user_id_of(actor))
    base = locate_path(actor, path, space_id=mount.space_id)
    if not base.node.is_folder:
        raise errors.NotAFolder(id=base.node.pk)
    return found_places(actor, mount, base, _found(actor, wanted, base), wanted.asked)


def _below_files(scope: str) -> str:
    """Clients write the scope relative to /remote.php/dav, or the whole address."""
    for prefix in (FILES, "/files/", "files/"):
        if scope.startswith(prefix):
            return scope[len(prefix) :].strip("/")
    if scope.strip("/") in ("", "files", "remote.php/dav", "remote.php/dav/files"):
        return ""
    raise errors.NotFound(gettext_lazy("Only files can be searched."))


def _found(actor: Actor, wanted: SearchRequest, base: LocatedNode) -> list[LocatedNode]:
    if wanted.file_id is not None:
        try:
            place = locate(actor, wanted.file_id)
        except errors.NotFound:
            return []
        return [place] if base.node.pk in {step.id for step in place.chain} else []
    narrowed = Wanted(
        space_id=base.space.pk,
        under=None if base.is_root else base.node.pk,
        kind=wanted.kind,
        media_types=wanted.media_types,
        modified_after=wanted.modified_after,
        modified_before=wanted.modified_before,
    )
    places: list[LocatedNode] = []
    cursor = None
    while len(places) < wanted.offset + wanted.limit:
        page = search(actor, _in_names(wanted.text), wanted=narrowed, order=wanted.order, cursor=cursor, limit=100)
        places += [hit.place for hit in page.hits]
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
    data: dict[str, Any] = {
        "name": "Files",
        "isPaginated": page.next_cursor is not None,
        "entries": [_entry(hit.place) for hit in page.hits],
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
