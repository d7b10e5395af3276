"""A toy protocol: GET /toy/<path> gives a file, or the names in a folder line by line; PUT writes a file."""

from collections.abc import Iterator
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from rest_framework.exceptions import MethodNotAllowed

from accounts.actor import Actor
from files.actions.write_file import write_file
from files.downloads.response import download
from files.models import NodeKind
from files.queries.file_content import file_at_path
from files.queries.listing import list_whole
from files.queries.target import Target
from files.queries.tree import LocatedNode, locate_path
from files.tree.writing import WriteOptions
from http_kit.body import body_of, require_whole
from http_kit.checksum_headers import checksums_of
from http_kit.endpoint import endpoint
from http_kit.parameters import write_conditions_of
from tests.contributing.protocol import errors


@endpoint(on_error=errors.answer)
def resource(request: HttpRequest, actor: Actor, path: str) -> HttpResponseBase:
    if request.method == "PUT":
        return _put(request, actor, path)
    if request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed(request.method or "")
    place = locate_path(actor, path)
    if place.node.is_folder:
        return StreamingHttpResponse(_lines(actor, place), content_type="text/plain; charset=utf-8")
    return download(request, file_at_path(actor, path))


def _lines(actor: Actor, folder: LocatedNode) -> Iterator[str]:
    """Percent-encoded, since a name may hold a line break; a folder ends in a slash."""
    for page in list_whole(actor, folder):
        for _, kind, name, *_ in page:
            yield quote(name) + ("/\n" if kind == NodeKind.FOLDER else "\n")


def _put(request: HttpRequest, actor: Actor, path: str) -> HttpResponse:
    require_whole(request)
    body = body_of(request)
    written = write_file(
        actor,
        target=Target(path),
        chunks=body.chunks,
        length=body.length,
        options=WriteOptions(conditions=write_conditions_of(request)),
        expected=checksums_of(request),
    )
    return HttpResponse(status=201 if written.created else 204, headers={"ETag": written.node.etag})
