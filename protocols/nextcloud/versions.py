"""Versions: `/remote.php/dav/versions/<id>/versions/<fileid>/<version>`. MOVE to `…/restore/…` brings one back."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from common.etags import file_etag
from common.ids import id_of
from files import errors
from files.actions.versions import delete_versions, restore_version
from files.downloads import media_types
from files.downloads.response import download
from files.models import Version
from files.queries.file_content import file_of_node
from files.queries.tree import LocatedNode, locate
from files.queries.versions import get_version, list_versions
from protocols.dav.body import read_xml
from protocols.dav.errors import MethodNotAllowed
from protocols.dav.headers import depth_of
from protocols.dav.methods.writing import without_content
from protocols.dav.properties.registry import DAV, Name
from protocols.dav.properties.requested import requested_by
from protocols.nextcloud.constants import NC
from protocols.nextcloud.endpoint import serve
from protocols.nextcloud.home import ROOT, require_restore, segment
from protocols.nextcloud.multistatus import Item, multistatus_of
from protocols.nextcloud.user_ids import require_own

MAXIMUM = 1_000  # versions listed, the latest; retention keeps far fewer


@csrf_exempt
def versions(request: HttpRequest, user_id: str, path: str = "") -> HttpResponseBase:
    def handle(actor: Actor) -> HttpResponseBase:
        require_own(actor, user_id)
        names = path.strip("/").split("/")
        if names[0] != "versions" or len(names) not in (2, 3):
            raise errors.NotFound
        place = locate(actor, _number(names[1]))
        if place.node.is_folder:
            raise errors.NotFound
        if len(names) == 2:
            return _list(request, user_id, place)
        return _one(request, actor, user_id, place, _number(names[2]))

    return serve(request, handle, "OPTIONS, PROPFIND, GET, HEAD, MOVE, DELETE")


def _list(request: HttpRequest, user_id: str, place: LocatedNode) -> HttpResponseBase:
    if request.method != "PROPFIND":
        raise MethodNotAllowed
    requested = requested_by(read_xml(request))
    items = [Item(_href(user_id, place))]
    if depth_of(request, default="1") != "0":
        items += [_item_of(user_id, place, version) for version in list_versions(place)[:MAXIMUM]]
    return multistatus_of(requested, items)


def _one(request: HttpRequest, actor: Actor, user_id: str, place: LocatedNode, version_id: int) -> HttpResponseBase:
    if request.method in ("GET", "HEAD"):
        return download(request, file_of_node(actor, place.node.pk, version_id=version_id), redirect=False)
    if request.method == "PROPFIND":
        item = _item_of(user_id, place, get_version(place, version_id))
        return multistatus_of(requested_by(read_xml(request)), [item])
    if request.method == "MOVE":
        return _restore(request, actor, place, version_id)
    if request.method == "DELETE":
        delete_versions(actor, node_id=place.node.pk, version_ids=[version_id])
        return without_content(204)
    raise MethodNotAllowed


def _restore(request: HttpRequest, actor: Actor, place: LocatedNode, version_id: int) -> HttpResponseBase:
    """A new version with the old bytes; the name in the destination is ignored."""
    require_restore(actor, request, "versions")
    put = restore_version(actor, node_id=place.node.pk, version_id=version_id)
    response = without_content(204)
    response.headers["OC-ETag"] = response.headers["ETag"] = put.node.etag
    return response


def _item_of(user_id: str, place: LocatedNode, version: Version) -> Item:
    more: dict[Name, str] = {
        (DAV, "getcontenttype"): media_types.as_attachment(place.node.name),
        (NC, "version-label"): "",
        (NC, "has-preview"): "false",
    }
    if version.author_id is not None:
        more[NC, "version-author"] = str(version.author_id)
    etag = file_etag(place.node.pk, version.pk)
    return Item(_href(user_id, place) + str(version.pk), version.size, version.modified_at, etag, more)


def _href(user_id: str, place: LocatedNode) -> str:
    return f"{ROOT}versions/{segment(user_id)}/versions/{place.node.pk}/"


def _number(text: str) -> int:
    number = id_of(text)
    if number is None:
        raise errors.NotFound
    return number
