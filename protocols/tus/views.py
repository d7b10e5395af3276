"""The two addresses of tus: where uploads are made, and each of them. Those of a link (public.py) answer like them.

A file is finished as soon as all its bytes are there. When that is refused (the quota is full, the name was taken
meanwhile), the bytes stay: a client that requests the offset again, by HEAD or by an empty PATCH, tries once more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import MethodNotAllowed, UnsupportedMediaType

from accounts.actor import Actor
from accounts.request_actor import authenticate_request
from common.clock import now
from common.errors import CodedError
from files.actions.concatenate_uploads import concatenate_uploads
from files.actions.finish_upload import finish_upload
from files.actions.uploads import UploadOptions, abort_upload, declare_length, forget_upload, open_upload
from files.actions.write_file import Written
from files.actions.write_piece import PieceOptions, write_piece
from files.errors import Forbidden, InvalidRequest
from files.models import Upload
from files.queries.uploads import contiguous, get_upload, pieces_of
from http_kit.body import body_of
from http_kit.endpoint import Authenticate, endpoint
from http_kit.errors import BodyBroken
from protocols.tus import errors, parse
from protocols.tus.parse import CHECKSUMS, EXTENSIONS, PIECE, PREFIX, PROTOCOL, VERSION, Creation

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Collection:
    """Where uploads are made: the address, and the `protocol` that keeps them apart from those of other addresses.
    `options` says what becomes of one. `arrived` is told of each file; who sends to others is told nothing of it.
    """

    prefix: str
    protocol: str
    options: Callable[[Creation], UploadOptions]
    arrived: Callable[[Actor, Upload, Written], None] | None = None


def _options_of_own(wanted: Creation) -> UploadOptions:
    return parse.upload_options(wanted, now=now())


OWN = Collection(PREFIX, PROTOCOL, _options_of_own)


def tus_endpoint(
    *, authenticate: Authenticate = authenticate_request
) -> Callable[
    [Callable[Concatenate[HttpRequest, Actor, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Version, who acts, and a response for every error."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        answered = endpoint(before=_before, authenticate=authenticate, on_error=errors.answer)(view)

        @csrf_exempt
        @wraps(view)
        def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            response = answered(request, *args, **kwargs)
            if isinstance(response, HttpResponse) and not response.content:
                del response.headers["Content-Type"]
            response.headers["Tus-Resumable"] = VERSION
            response.headers["Cache-Control"] = "no-store"
            return response

        return wrapper

    return decorate


def _method(request: HttpRequest) -> str:
    override: str = request.META.get("HTTP_X_HTTP_METHOD_OVERRIDE", request.method or "")
    return override.upper()


def _before(request: HttpRequest) -> HttpResponse | None:
    if _method(request) == "OPTIONS":
        return _options()
    return _unsupported_version() if request.META.get("HTTP_TUS_RESUMABLE") != VERSION else None


def _options() -> HttpResponse:
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        "Allow": "OPTIONS, POST, HEAD, PATCH, DELETE",
    }
    if settings.MAX_UPLOAD_SIZE is not None:
        headers["Tus-Max-Size"] = str(settings.MAX_UPLOAD_SIZE)
    return HttpResponse(status=204, headers=headers)


def _unsupported_version() -> HttpResponse:
    response = HttpResponse("This server speaks tus 1.0.0.\n", content_type="text/plain", status=412)
    response.headers["Tus-Version"] = VERSION
    return response


@tus_endpoint()
def uploads(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST: creation, with or without a first piece, whole, partial or final."""
    return create(request, actor, OWN)


@tus_endpoint()
def upload(request: HttpRequest, actor: Actor, upload_id: str) -> HttpResponse:
    """HEAD, PATCH and DELETE of one upload."""
    return serve_upload(request, actor, upload_id, OWN)


def create(request: HttpRequest, actor: Actor, here: Collection) -> HttpResponse:
    """201. Raises MethodNotAllowed for another method, and what stands against the upload."""
    method = _method(request)
    if method != "POST":
        raise MethodNotAllowed(method)
    wanted = parse.creation(request)
    has_body = request.content_type == PIECE
    expected = parse.checksum(request) if has_body else None
    upload = open_upload(actor, wanted=here.options(wanted))
    try:
        if wanted.concatenation.part_ids is not None:
            upload = concatenate_uploads(
                actor, upload_id=upload.pk, part_ids=wanted.concatenation.part_ids, protocol=here.protocol
            )
        elif has_body:
            body = body_of(request)
            piece = PieceOptions(0, body.length, sequential=True, expected=expected)
            upload = write_piece(actor, upload_id=upload.pk, chunks=body.chunks, piece=piece, protocol=here.protocol)
    except (CodedError, BodyBroken):
        forget_upload(upload)  # it must not hold its bytes until it expires
        raise
    response = HttpResponse(status=201)
    response.headers["Location"] = f"{here.prefix}{upload.pk}"
    try:
        _progress(response, actor, upload, here)
    except CodedError as error:
        response = errors.answer(error, request)
        response.headers["Location"] = f"{here.prefix}{upload.pk}"
    return response


def serve_upload(request: HttpRequest, actor: Actor, upload_id: str, here: Collection) -> HttpResponse:
    """HEAD, PATCH and DELETE of one upload of the actor. Raises UploadNotFound, MethodNotAllowed and others."""
    method = _method(request)
    if method == "HEAD":
        return _head(actor, upload_id, here)
    if method == "PATCH":
        return _patch(request, actor, upload_id, here)
    if method == "DELETE":
        abort_upload(actor, upload_id=upload_id, protocol=here.protocol)
        return HttpResponse(status=204)
    raise MethodNotAllowed(method)


def _head(actor: Actor, upload_id: str, here: Collection) -> HttpResponse:
    found = get_upload(actor, upload_id, protocol=here.protocol)
    response = HttpResponse(status=200)
    if found.length is None:
        response.headers["Upload-Defer-Length"] = "1"
    else:
        response.headers["Upload-Length"] = str(found.length)
    if found.metadata.get("raw"):
        response.headers["Upload-Metadata"] = found.metadata["raw"]
    if found.is_partial:
        response.headers["Upload-Concat"] = "partial"
    elif found.metadata.get("concat"):
        response.headers["Upload-Concat"] = found.metadata["concat"]
    return _progress(response, actor, found, here)


def _patch(request: HttpRequest, actor: Actor, upload_id: str, here: Collection) -> HttpResponse:
    if request.content_type != PIECE:
        raise UnsupportedMediaType(request.content_type or "")
    offset, length = parse.number(request, "Upload-Offset"), parse.number(request, "Upload-Length")
    if offset is None:
        raise InvalidRequest(_("Send Upload-Offset."))
    if get_upload(actor, upload_id, protocol=here.protocol).metadata.get("concat"):
        raise Forbidden(_("A final upload takes no bytes of its own."))
    if length is not None:
        declare_length(actor, upload_id=upload_id, length=length, protocol=here.protocol)
    body = body_of(request)
    piece = PieceOptions(offset, body.length, sequential=True, keep_partial=True, expected=parse.checksum(request))
    changed = write_piece(actor, upload_id=upload_id, chunks=body.chunks, piece=piece, protocol=here.protocol)
    return _progress(HttpResponse(status=204), actor, changed, here)


def _progress(response: HttpResponse, actor: Actor, found: Upload, here: Collection) -> HttpResponse:
    """How far it is; finishes it when all its bytes are there."""
    if found.finished_at is not None:
        offset = found.length or 0
        node_id, version_id = found.finished_node_id, found.finished_version_id
    else:
        offset, node_id, version_id = contiguous(pieces_of(found)), None, None
        if offset == found.length and not found.is_partial:
            written = finish_upload(actor, upload_id=found.pk, protocol=here.protocol)
            node_id, version_id = written.node.pk, written.version.pk
            if here.arrived is not None:
                here.arrived(actor, found, written)
    response.headers["Upload-Offset"] = str(offset)
    response.headers["Upload-Expires"] = http_date(found.expires_at.timestamp())
    if node_id is not None and here.arrived is None:
        response.headers["X-Node-Id"] = str(node_id)
        response.headers["X-Version-Id"] = str(version_id)
    return response
