"""PUT with `OC-Chunked: 1`: chunking version 1 of ownCloud, of pyocclient and of sync clients before 2016.

The body is one chunk of a file, and the address says which: `<name>-chunking-<transfer>-<count>-<index>`, index from 0.
There is no request that begins or ends the upload (files/actions/numbered_chunks.py). Without the header such a name is
the name of a file. Source: OC_FileChunking and Connector/Sabre/File.php of ownCloud 10.
"""

import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from files import errors
from files.actions.numbered_chunks import NumberedChunk, write_numbered_chunk
from files.tree.writing import WriteOptions
from http_kit.body import body_of, require_whole
from http_kit.checksum_headers import checksums_of, of_oc_checksum
from protocols.dav.call import Call
from protocols.dav.headers import modified_of, number_of
from protocols.dav.methods import writing
from protocols.dav.methods.writing import done, without_content

_NAME = re.compile(r"(.+)-chunking-([^/]{1,100})-([0-9]{1,9})-([0-9]{1,9})", re.ASCII | re.DOTALL)


def chunk_of(request: HttpRequest, path: str) -> tuple[str, tuple[str, int, int]]:
    """The path of the file; and transfer, count and index of the chunk. Raises InvalidRequest."""
    if request.META["HTTP_OC_CHUNKED"].strip().lower() not in ("1", "true"):
        raise errors.InvalidRequest(_("OC-Chunked is 1, or not there."))
    folder, slash, last = path.rpartition("/")
    match = _NAME.fullmatch(last)
    if match is None:
        raise errors.InvalidRequest(_("A chunk is called <name>-chunking-<transfer>-<count>-<index>."))
    name, transfer, count, index = match.groups()
    return f"{folder}{slash}{name}", (transfer, int(count), int(index))


def put(call: Call) -> HttpResponseBase:
    """A chunk, or a file. 201 for a chunk; with ETag and 201 or 204 for the one that completes the file."""
    if call.chunk is None:
        return writing.put(call)
    request, (transfer, count, index) = call.request, call.chunk
    require_whole(request, chunk=True)
    body = body_of(request)
    size = number_of(request, "OC-Chunk-Size")
    chunk = NumberedChunk(
        transfer,
        count,
        index,
        length=body.length,
        offset=index * size if size else None,
        total=number_of(request, "OC-Total-Length"),
        expected=checksums_of(request, of_body_only=True),
        of_whole=of_oc_checksum(request.META.get("HTTP_OC_CHECKSUM", "")),
    )
    whole = write_numbered_chunk(
        call.actor,
        target=call.target,
        options=WriteOptions(modified_at=modified_of(request), conditions=call.conditions),
        chunk=chunk,
        chunks=body.chunks,
    )
    if whole is None:
        return without_content(201)
    return done(call, whole.written.node, created=whole.written.created, accepted_time=whole.keeps_time)
