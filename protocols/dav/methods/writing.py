"""PUT, MKCOL and DELETE."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy

from files import errors
from files.actions.create_folder import create_folder
from files.actions.trash import trash_nodes
from files.actions.write_file import write_file
from files.models import Node
from files.tree.writing import Mode, WriteOptions
from http_kit.body import body_of, require_whole
from http_kit.checksum_headers import checksums_of
from protocols.dav.body import read_xml
from protocols.dav.call import Call
from protocols.dav.errors import MethodNotAllowed, UnsupportedBody
from protocols.dav.headers import INFINITY, depth_of, length_of, modified_of, overwrite_of


def put(call: Call) -> HttpResponseBase:
    """201 for a new file, 204 for a new version. Folders are not made."""
    require_whole(call.request)
    if not call.path.strip("/"):
        raise errors.NotAFile
    body, modified_at = body_of(call.request), modified_of(call.request)
    mode = Mode.OVERWRITE if overwrite_of(call.request) else Mode.CREATE
    written = write_file(
        call.actor,
        target=call.target,
        chunks=body.chunks,
        length=length_of(call.request, body.length),
        options=WriteOptions(mode, modified_at=modified_at, conditions=call.conditions),
        expected=checksums_of(call.request),
    )
    return done(call, written.node, created=written.created, accepted_time=modified_at is not None)


def mkcol(call: Call) -> HttpResponseBase:
    """201. What is there already: 405 (RFC 4918 section 9.3.1)."""
    if read_xml(call.request):
        raise UnsupportedBody
    if not call.path.strip("/"):
        raise MethodNotAllowed
    call.require_conditions(None)
    try:
        place, _ = create_folder(call.actor, target=call.target)
    except errors.NameTaken as error:
        raise MethodNotAllowed(gettext_lazy("There is already something with that name.")) from error
    return done(call, place.node, created=True)


def delete(call: Call) -> HttpResponseBase:
    """204; into the trash, with everything below."""
    place = call.place()
    if call.root.top is not None:
        call.root.require_below(place)
    if place.node.is_folder and depth_of(call.request) != INFINITY:
        raise errors.InvalidRequest(gettext_lazy("A folder is deleted with everything in it: Depth is infinity."))
    trash_nodes(call.actor, node_ids=[place.node.pk], conditions=call.conditions)
    return without_content(204)


def done(call: Call, node: Node, *, created: bool, accepted_time: bool = False) -> HttpResponse:
    """201 or 204, with what a client wants to know of the node without asking again."""
    response = without_content(201 if created else 204)
    if not node.is_folder:
        response.headers["ETag"] = node.etag
    if accepted_time:
        response.headers["X-OC-MTime"] = "accepted"
    for name, value in call.root.dialect.written(node).items():
        response.headers[name] = value
    return response


def without_content(status: int) -> HttpResponse:
    response = HttpResponse(status=status, headers={"Cache-Control": "private, no-store"})
    del response.headers["Content-Type"]
    return response
