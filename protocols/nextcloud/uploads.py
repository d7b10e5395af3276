"""Chunked upload, version 2: `/remote.php/dav/uploads/<id>/<upload>/<chunk>`, over the core's named chunks.

A client makes the upload (MKCOL), sends chunks in any order and several at once (PUT), asks what has arrived when it
continues (PROPFIND), and moves `.file` to where the whole belongs (MOVE). Nothing is visible before that.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from accounts.actor import Actor
from files import errors
from files.actions import chunks
from files.actions.chunks import Chunk
from files.models import Upload
from files.queries.target import Target
from files.queries.tree import clean_name
from files.queries.uploads import get_named_upload, list_uploads, pieces_of
from files.tree.writing import Mode, WriteOptions
from http_kit.body import body_of, require_whole
from http_kit.checksum_headers import checksums_of
from http_kit.parameters import write_conditions_of
from protocols.dav.body import read_xml
from protocols.dav.errors import MethodNotAllowed, UnsupportedBody
from protocols.dav.headers import depth_of, modified_of, number_of, overwrite_of
from protocols.dav.methods.writing import without_content
from protocols.nextcloud.constants import PROTOCOL
from protocols.nextcloud.endpoint import serve
from protocols.nextcloud.home import ROOT, destination_in_files, segment
from protocols.nextcloud.multistatus import Item, multistatus
from protocols.nextcloud.user_ids import require_own

FUTURE = ".file"
METHODS = "OPTIONS, PROPFIND, MKCOL, PUT, DELETE, MOVE"


@dataclass(frozen=True, slots=True)
class _Call:
    """`upload` and `chunk` are "" where the address ends before them."""

    request: HttpRequest
    actor: Actor
    user_id: str
    upload: str = ""
    chunk: str = ""

    @property
    def href(self) -> str:
        return f"{ROOT}uploads/{segment(self.user_id)}/"


@csrf_exempt
def uploads(request: HttpRequest, user_id: str, path: str = "") -> HttpResponseBase:
    def handle(actor: Actor) -> HttpResponseBase:
        require_own(actor, user_id)
        names = path.strip("/").split("/") if path.strip("/") else []
        if len(names) > 2:
            raise errors.NotFound
        call = _Call(request, actor, user_id, *map(clean_name, names))
        handler = _HANDLERS.get((request.method or "", len(names)))
        if handler is None:
            raise MethodNotAllowed
        return handler(call)

    return serve(request, handle, METHODS)


def _make(call: _Call) -> HttpResponse:
    """`OC-Total-Length` reserves the bytes at once; a `Destination` is looked at already."""
    if read_xml(call.request):
        raise UnsupportedBody
    target = _target(call) if "HTTP_DESTINATION" in call.request.META else None
    length = number_of(call.request, "OC-Total-Length")
    try:
        chunks.open_chunked_upload(call.actor, name=call.upload, protocol=PROTOCOL, length=length, target=target)
    except errors.NameTaken as error:
        raise MethodNotAllowed(_("There is already an upload of that name.")) from error
    return without_content(201)


def _put(call: _Call) -> HttpResponse:
    """201, or 204 when it took the place of one of the same name."""
    if call.chunk == FUTURE:
        raise MethodNotAllowed
    require_whole(call.request)
    body = body_of(call.request)
    offset = number_of(call.request, "OC-Chunk-Offset")
    chunk = Chunk(call.chunk, body.length, offset, checksums_of(call.request))
    created = chunks.write_chunk(call.actor, name=call.upload, protocol=PROTOCOL, chunk=chunk, chunks=body.chunks)
    return without_content(201 if created else 204)


def _delete_upload(call: _Call) -> HttpResponse:
    chunks.abort_chunked_upload(call.actor, name=call.upload, protocol=PROTOCOL)
    return without_content(204)


def _delete_chunk(call: _Call) -> HttpResponse:
    chunks.remove_chunk(call.actor, name=call.upload, protocol=PROTOCOL, chunk=call.chunk)
    return without_content(204)


def _move(call: _Call) -> HttpResponse:
    """The end: 201 for a new file, 204 for a new version."""
    if call.chunk != FUTURE:
        raise errors.Forbidden(_("Only .file can be moved out of an upload."))
    root, path = destination_in_files(call.actor, call.request)
    modified_at = modified_of(call.request)
    written = chunks.finish_chunked_upload(
        call.actor,
        name=call.upload,
        protocol=PROTOCOL,
        target=Target(path, space_id=root.space_id, make_folders=False),
        options=WriteOptions(
            Mode.OVERWRITE if overwrite_of(call.request) else Mode.CREATE,
            modified_at=modified_at,
            conditions=write_conditions_of(call.request),
        ),
        length=number_of(call.request, "OC-Total-Length"),
        expected=checksums_of(call.request),
    )
    response = without_content(201 if written.created else 204)
    response.headers["ETag"] = written.node.etag
    if modified_at is not None:
        response.headers["X-OC-MTime"] = "accepted"
    for name, value in root.dialect.written(written.node).items():
        response.headers[name] = value
    return response


def _list_all(call: _Call) -> HttpResponseBase:
    items = [Item(call.href)]
    if depth_of(call.request, default="1") != "0":
        for upload in list_uploads(call.actor, protocol=PROTOCOL)[:1000]:
            items.append(Item(f"{call.href}{segment(upload.name)}/", modified_at=upload.created_at))
    return multistatus(call.request, items)


def _list(call: _Call) -> HttpResponseBase:
    """The upload, and each chunk with its size: by these a client continues."""
    upload = _unfinished(call)
    href = f"{call.href}{segment(call.upload)}/"
    items = [Item(href, modified_at=upload.created_at)]
    if depth_of(call.request, default="1") != "0":
        items += [
            Item(href + segment(piece.name), piece.length, piece.created_at, f'"{piece.pk}"')
            for piece in pieces_of(upload)
        ]
    return multistatus(call.request, items)


def _list_chunk(call: _Call) -> HttpResponseBase:
    for piece in pieces_of(_unfinished(call)):
        if piece.name == call.chunk:
            href = f"{call.href}{segment(call.upload)}/{segment(piece.name)}"
            return multistatus(call.request, [Item(href, piece.length, piece.created_at, f'"{piece.pk}"')])
    raise errors.UploadNotFound


def _unfinished(call: _Call) -> Upload:
    upload = get_named_upload(call.actor, call.upload, protocol=PROTOCOL)
    if upload.finished_at is not None:
        raise errors.UploadNotFound
    return upload


def _target(call: _Call) -> Target:
    root, path = destination_in_files(call.actor, call.request)
    return Target(path, space_id=root.space_id, make_folders=False)


_Handler = Callable[[_Call], HttpResponseBase]
_HANDLERS: dict[tuple[str, int], _Handler] = {  # by method, and how many names follow the person's
    ("PROPFIND", 0): _list_all,
    ("PROPFIND", 1): _list,
    ("PROPFIND", 2): _list_chunk,
    ("MKCOL", 1): _make,
    ("DELETE", 1): _delete_upload,
    ("PUT", 2): _put,
    ("DELETE", 2): _delete_chunk,
    ("MOVE", 2): _move,
}
