"""A part of one local file as an answer: small ones from memory, others by the server's sendfile."""

import io
import os
from collections.abc import Iterator

from django.http import HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

from files import errors
from files.blobs import reader
from files.blobs.pools import storage_at
from files.queries.file_content import FileContent
from http_kit.long_requests import release_connection

IN_MEMORY = 32 * 1024  # bytes: up to here one read is quicker than setting up sendfile; 64 KiB are not


class SliceResponse(StreamingHttpResponse):
    """`file` is positioned at the first byte; the Content-Length says how many follow.

    `file_to_stream` is what Django's WSGI handler looks for to use wsgi.file_wrapper; gunicorn sends such a
    file from its position on by sendfile(2). Other servers iterate.
    """

    block_size = 1024 * 1024

    def __init__(
        self, file: io.FileIO, length: int, *, status: int, content_type: str, headers: dict[str, str]
    ) -> None:
        chunks = _chunks(file, length, self.block_size)
        super().__init__(chunks, status=status, content_type=content_type, headers=headers)
        self._resource_closers.append(file.close)  # type: ignore[attr-defined]
        self.file_to_stream = file


def local_answer(
    file: FileContent, offset: int, length: int, status: int, content_type: str, headers: dict[str, str]
) -> HttpResponseBase | None:
    """None when the range is not in one local file."""
    storage = storage_at(file.pool_url)
    if not storage.capabilities.local_path:
        return None
    if file.key is not None:
        path, start = storage.local_path(file.key), file.blob_offset + offset
    else:
        found = reader.local_slice(file.content_id, offset, length)
        if found is None:
            return None
        path, start = found.path, found.offset
    try:
        opened = open(path, "rb", buffering=0)  # noqa: SIM115 (the response closes it)
    except FileNotFoundError as error:
        raise errors.ContentDamaged from error
    except OSError as error:
        raise errors.StorageUnavailable from error
    if length <= IN_MEMORY:
        with opened:
            data = os.pread(opened.fileno(), length, start)
        if len(data) < length:
            raise errors.ContentDamaged
        return HttpResponse(data, status=status, content_type=content_type, headers=headers)
    if os.fstat(opened.fileno()).st_size < start + length:
        opened.close()
        raise errors.ContentDamaged
    opened.seek(start)
    release_connection()
    return SliceResponse(opened, length, status=status, content_type=content_type, headers=headers)


def _chunks(file: io.FileIO, left: int, size: int) -> Iterator[bytes]:
    while left > 0 and (chunk := file.read(min(size, left))):
        left -= len(chunk)
        yield chunk
