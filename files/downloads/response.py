"""The answer to a GET or HEAD of a file (RFC 9110): conditions, range, then the bytes by the shortest way.

The shortest way is: a small file from memory, a local file by sendfile, a remote one by a redirect to its
object store where the pool says so, everything else as a stream of pieces.
"""

import base64
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.http import http_date

from accounts.request_actor import actor_in
from common import byte_ranges, etags
from common.byte_ranges import ByteRange
from common.content_disposition import content_disposition
from files import errors
from files.blobs import reader
from files.blobs.pools import storage_at
from files.blobs.reader import Slice
from files.blobs.resuming import PATIENCE
from files.downloads import media_types
from files.downloads.local_file import local_answer
from files.downloads.reads import note_read
from files.queries.file_content import FileContent
from http_kit.long_requests import release_connection, sends
from http_kit.parameters import conditions_of

REDIRECT_EXPIRES = timedelta(minutes=15)
# Nothing that came from a person may run, load or frame anything in our origin. A PDF viewer does not start in
# a sandbox, and shows only itself.
POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
POLICY_PDF = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"


def download(
    request: HttpRequest,
    file: FileContent,
    *,
    inline: bool = False,
    redirect: bool = True,
    before: Callable[[], None] | None = None,
) -> HttpResponseBase:
    """200, 206, 302, 304 or 416. Raises PreconditionFailed, StorageUnavailable, ContentDamaged.

    `inline`: show it in place if it is of a harmless kind; `redirect`: the client follows a redirect. `before` is
    called when bytes are going to leave, before the first; it may refuse that.
    """
    headers = _headers(file)
    conditions = conditions_of(request)
    if conditions:
        method = request.method or "GET"
        outcome = etags.evaluate(conditions, method=method, etag=file.etag, modified=file.modified_at)
        if outcome is etags.Outcome.PRECONDITION_FAILED:
            raise errors.PreconditionFailed
        if outcome is etags.Outcome.NOT_MODIFIED:
            return _without_content(304, headers)
    content_type = _describe(headers, file, inline)
    ranges = None
    if request.method == "GET" and "HTTP_RANGE" in request.META:
        try:
            ranges = _ranges(request, file)
        except byte_ranges.Unsatisfiable:
            return _unsatisfiable(file)
    if request.method == "HEAD":
        headers["Content-Length"] = str(file.size)
        return HttpResponse(headers=headers, content_type=content_type)
    if before is not None:
        before()
    _note(request, file)
    elsewhere = _redirect(request, file, content_type) if redirect and not inline else None
    if elsewhere is not None:
        return elsewhere
    if ranges is not None and len(ranges) > 1:
        response: HttpResponseBase = _several(file, ranges, content_type, headers)
    else:
        response = _one(file, ranges[0] if ranges else None, content_type, headers)
    sends(response, [file.node_id])
    return response


def _note(request: HttpRequest, file: FileContent) -> None:
    if file.shared_in is not None:
        note_read(actor_in(request), space_id=file.shared_in, node_id=file.node_id)


def _headers(file: FileContent) -> dict[str, str]:
    """What a 200 and a 304 have in common."""
    headers = {
        "ETag": file.etag,
        "Last-Modified": _http_date(int(file.modified_at.timestamp())),
        "Cache-Control": "private, no-cache",
        "X-Content-Hash": file.content_hash,
    }
    sha256 = file.checksums.get("sha256")
    if sha256:  # RFC 9530: of the whole, also in the answer to a range
        headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
    return headers


_http_date = lru_cache(4096)(http_date)


def _describe(headers: dict[str, str], file: FileContent, inline: bool) -> str:
    """Adds what a client needs to handle the bytes, and returns their Content-Type."""
    shown = media_types.as_inline(file.name) if inline else None
    headers["Accept-Ranges"] = "bytes"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = POLICY_PDF if shown == "application/pdf" else POLICY
    headers["Content-Disposition"] = content_disposition(file.name, inline=shown is not None)
    return shown or media_types.as_attachment(file.name)


def _ranges(request: HttpRequest, file: FileContent) -> list[ByteRange] | None:
    if not etags.range_applies(request.META.get("HTTP_IF_RANGE"), etag=file.etag, modified=file.modified_at):
        return None
    return byte_ranges.parse_range(request.META["HTTP_RANGE"], file.size)


def _unsatisfiable(file: FileContent) -> HttpResponse:
    headers = {"Content-Range": f"bytes */{file.size}", "ETag": file.etag, "Cache-Control": "no-store"}
    return HttpResponse(status=416, headers=headers, content_type="text/plain")


def _redirect(request: HttpRequest, file: FileContent, content_type: str) -> HttpResponse | None:
    """To the object itself, for a short time, where the pool allows it; None when no single object is this file."""
    if not file.redirect_downloads or "HTTP_IF_RANGE" in request.META:
        return None
    storage = storage_at(file.pool_url)
    if file.key is None or file.blob_size != file.size or not storage.capabilities.presigned_get:
        return None
    url = storage.presigned_get(file.key, expires=REDIRECT_EXPIRES, filename=file.name, content_type=content_type)
    return _without_content(302, {"Location": url, "Cache-Control": "private, no-store", "ETag": file.etag})


def _without_content(status: int, headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response


def _one(file: FileContent, selected: ByteRange | None, content_type: str, headers: dict[str, str]) -> HttpResponseBase:
    status, offset, length = 200, 0, file.size
    if selected is not None:
        status, offset, length = 206, selected.offset, selected.length
        headers["Content-Range"] = selected.content_range(file.size)
    elif "Repr-Digest" in headers:
        headers["Content-Digest"] = headers["Repr-Digest"]
    headers["Content-Length"] = str(length)
    if length == 0:
        return HttpResponse(status=status, headers=headers, content_type=content_type)
    response = local_answer(file, offset, length, status, content_type, headers)
    if response is None:
        chunks = read_file(file, offset, length)
        release_connection()
        response = StreamingHttpResponse(chunks, status=status, headers=headers, content_type=content_type)
    return response


def _several(
    file: FileContent, ranges: list[ByteRange], content_type: str, headers: dict[str, str]
) -> StreamingHttpResponse:
    """multipart/byteranges (RFC 9110 section 14.6), in the order asked for, its length known."""
    boundary = secrets.token_hex(16)
    heads = [
        f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {r.content_range(file.size)}\r\n\r\n".encode()
        for r in ranges
    ]
    end = f"--{boundary}--\r\n".encode()
    total = sum(len(head) + r.length + 2 for head, r in zip(heads, ranges, strict=True)) + len(end)

    def parts(chunks: Iterator[bytes]) -> Iterator[bytes]:
        yield heads[0]
        yield from chunks
        for head, selected in zip(heads[1:], ranges[1:], strict=True):
            yield b"\r\n" + head
            yield from read_file(file, selected.offset, selected.length, begun=True)
        yield b"\r\n" + end

    headers["Content-Length"] = str(total)
    content_type = f"multipart/byteranges; boundary={boundary}"
    first = read_file(file, ranges[0].offset, ranges[0].length)  # now, while the answer can still be another one
    return StreamingHttpResponse(parts(first), status=206, headers=headers, content_type=content_type)


def read_file(file: FileContent, offset: int, length: int, *, begun: bool = False) -> Iterator[bytes]:
    """Opens the first object at once, so that an error comes while the answer can still say so. `begun`: it cannot,
    so the store is waited for, as it is after the first byte.
    """
    if file.key is not None:
        parts = [Slice(file.key, file.blob_offset + offset, length, file.pool_url)]
    else:
        parts = reader.slices(file.content_id, offset, length)
    return reader.read_slices(parts, patience=PATIENCE, begun=begun)
