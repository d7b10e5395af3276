"""The bytes of files under /api/v1/: by path and by id. Plain Django views, because they are the hot endpoint.

GET and HEAD are conditional and take ranges; PUT takes a raw body of any length, announced or chunked; DELETE
puts the file into the trash. Errors are problem details (problems.py). The schema is in content_schema.py.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from files import errors
from files.actions.trash import trash_nodes
from files.actions.write_file import Written, write_file, write_node
from files.api.outputs import render
from files.downloads.response import download
from files.queries import tree
from files.queries.file_content import file_at_path, file_of_node
from files.queries.target import Target
from files.tree.writing import Mode, WriteOptions
from http_kit import problems
from http_kit.body import RequestBody, body_of, require_whole
from http_kit.checksum_headers import checksums_of
from http_kit.endpoint import endpoint
from http_kit.errors import InvalidRequest
from http_kit.parameters import conditions_of, flag_of, id_of, modified_of, space_of, value_of, write_conditions_of
from http_kit.problems import in_language_of

METHODS = "GET, HEAD, PUT, DELETE, OPTIONS"

rest_endpoint = endpoint(on_error=problems.answer)


@rest_endpoint
def content_at_path(request: HttpRequest, actor: Actor, path: str = "") -> HttpResponseBase:
    """/api/v1/content/<path>, in the home or in `?space=`."""
    if "%" in path:
        _require_utf8(request)
    if request.method in ("GET", "HEAD"):
        file = file_at_path(actor, path, space_id=space_of(request))
        return download(request, file, inline=flag_of(request, "inline"))
    if request.method == "PUT":
        target = Target(path, space_id=space_of(request))
        return _put(request, lambda **body: write_file(actor, target=target, **body))
    if request.method == "DELETE":
        return _trash(request, actor, tree.locate_path(actor, path, space_id=space_of(request)))
    return other_method(request, METHODS)


@rest_endpoint
def content_of_node(request: HttpRequest, actor: Actor, node_id: int) -> HttpResponseBase:
    """/api/v1/nodes/<id>/content, of this version or of `?version=`."""
    if request.method in ("GET", "HEAD"):
        file = file_of_node(actor, node_id, version_id=id_of(request, "version"))
        return download(request, file, inline=flag_of(request, "inline"))
    if request.method == "PUT":
        return _put(request, lambda **body: write_node(actor, node_id=node_id, **body))
    if request.method == "DELETE":
        return _trash(request, actor, tree.locate(actor, node_id))
    return other_method(request, METHODS)


@rest_endpoint
def content_of_version(request: HttpRequest, actor: Actor, node_id: int, version_id: int) -> HttpResponseBase:
    """/api/v1/nodes/<id>/versions/<id>/content."""
    if request.method in ("GET", "HEAD"):
        file = file_of_node(actor, node_id, version_id=version_id)
        return download(request, file, inline=flag_of(request, "inline"))
    return other_method(request, "GET, HEAD, OPTIONS")


def _require_utf8(request: HttpRequest) -> None:
    """Django escapes again what is not UTF-8 in a path; it would become a name that nobody has sent. gunicorn keeps
    what has been sent.
    """
    sent = request.META.get("RAW_URI", "").partition("?")[0]
    try:
        unquote_to_bytes(sent).decode()
    except UnicodeDecodeError as error:
        raise errors.InvalidName(reason="not_utf8") from error


def _put(request: HttpRequest, write: Callable[..., Written]) -> HttpResponse:
    """201 for a new file, 200 for a new version; the same bytes again are no new version."""
    require_whole(request)
    body: RequestBody = body_of(request)
    written = write(chunks=body.chunks, length=body.length, options=options_of(request), expected=checksums_of(request))
    answer: dict[str, Any] = render.place(written.place)
    headers = {"ETag": written.node.etag, "Cache-Control": "private, no-store"}
    if written.created:
        headers["Location"] = f"/api/v1/nodes/{written.node.pk}/content"
    return JsonResponse(answer, status=201 if written.created else 200, headers=headers)


def _trash(request: HttpRequest, actor: Actor, place: tree.LocatedNode) -> HttpResponse:
    if place.node.is_folder:
        raise errors.NotAFile(id=place.node.pk)
    items = trash_nodes(actor, node_ids=[place.node.pk], conditions=conditions_of(request))
    if not items:  # a mount is hidden
        return HttpResponse(status=204, headers={"Cache-Control": "private, no-store"})
    return JsonResponse(render.trash_items(items)[0], headers={"Cache-Control": "private, no-store"})


def other_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """204 to OPTIONS, 405 to what is not allowed."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": allowed})
    with in_language_of(request):
        detail = gettext("This address does not do that.")
        return problems.render(problems.Problem("method_not_allowed", detail, headers={"Allow": allowed}))


def options_of(request: HttpRequest) -> WriteOptions:
    """`?mode=`, `?autorename=`, `?base_version=`, `?modified_at=` and the If-* headers. Raises InvalidRequest."""
    base_version = id_of(request, "base_version")
    default = Mode.OVERWRITE if base_version is None else Mode.UPDATE
    text = value_of(request, "mode")
    if text is not None and text not in list(Mode):
        raise InvalidRequest(_("mode is create, overwrite or update."), parameter="mode")
    mode = default if text is None else Mode(text)
    if mode is Mode.UPDATE and base_version is None:
        raise InvalidRequest(_("mode=update needs base_version."), parameter="base_version")
    return WriteOptions(
        mode,
        flag_of(request, "autorename"),
        base_version if mode is Mode.UPDATE else None,
        modified_of(request),
        write_conditions_of(request),
    )
