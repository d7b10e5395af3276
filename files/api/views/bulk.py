"""Many small files in one request."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from files.actions.bulk_write import MAXIMUM_BODY, MAXIMUM_FILES, SmallFile, bulk_write, check_bulk
from files.api.bulk import Part, parse_multipart, parse_tar
from files.api.files_view import FilesView
from files.api.inputs.uploads import BulkQuery
from files.api.outputs import bulk as render_bulk
from files.api.outputs.bulk import BulkShape
from files.errors import TooMany
from files.queries.many_paths import ids_of_paths
from files.queries.target import Target
from files.tree.writing import Mode, WriteOptions, WriteOutcome
from http_kit.body import body_of
from http_kit.body_memory import Share, memory
from http_kit.json_body import read_body
from http_kit.parameters import boundary_of
from http_kit.rendering import ApiResponse


@extend_schema(tags=["uploads"])
class BulkView(FilesView):
    honours_idempotency_key = False  # the same files again are no new versions

    @extend_schema(
        operation_id="bulk_upload",
        parameters=[BulkQuery],
        request={
            "multipart/form-data": {"type": "object", "additionalProperties": {"type": "string", "format": "binary"}},
            "application/x-tar": OpenApiTypes.BINARY,
        },
        responses=BulkShape,
    )
    def post(self, request: Request) -> ApiResponse:
        """Up to 1000 files and 32 MiB below a folder, one result for each, in order. A refused file holds up none.

        multipart/form-data: the name of a part is the file's path below the folder; `X-Modified-At` among the
        part's headers is its time. With `manifest=true` the first part is JSON that says it instead:
        `{"files": [{"path": "a/b.txt", "modified_at": "2026-01-02T03:04:05Z", "checksums": {"sha256": "…"}}]}`,
        one entry for each following part, in order. application/x-tar: plain files with their times.
        """
        query = self.query(BulkQuery)
        folder = self._folder(query)
        check_bulk(self.actor, folder=folder, length=body_of(request._request).length)
        with memory.share() as share:
            parts = list(islice(_parts(request._request, query["manifest"], share), MAXIMUM_FILES + 1))
            if len(parts) > MAXIMUM_FILES:
                raise TooMany(limit=MAXIMUM_FILES)
            puts = iter(self._write(folder, [part for part in parts if part.error is None], query))
            outcomes = [next(puts) if part.error is None else WriteOutcome(error=part.error) for part in parts]
            return ApiResponse({"items": [render_bulk.result(*pair) for pair in zip(parts, outcomes, strict=True)]})

    def _write(self, folder: Target, parts: list[Part], query: dict[str, Any]) -> list[WriteOutcome]:
        mode, autorename = Mode(query["mode"]), query["autorename"]
        files = [
            SmallFile(part.path, part.data, WriteOptions(mode, autorename, None, part.modified_at), part.checksums)
            for part in parts
        ]
        return bulk_write(self.actor, folder=folder, files=files)[1] if files else []

    def _folder(self, query: dict[str, Any]) -> Target:
        if query["parent_id"] is not None:
            return Target(parent_id=query["parent_id"])
        if not query["path"].strip("/"):
            return Target(space_id=query["space"])
        return Target(parent_id=ids_of_paths(self.actor, [query["path"]], space_id=query["space"])[0])


def _parts(request: HttpRequest, manifest: bool, share: Share) -> Iterator[Part]:
    media_type = (request.content_type or "").lower()
    if media_type == "application/x-tar":
        return parse_tar(read_body(request, MAXIMUM_BODY, admit=share.take, hurry=False))
    if media_type == "multipart/form-data":
        boundary = boundary_of(request.META["CONTENT_TYPE"])
        return parse_multipart(
            read_body(request, MAXIMUM_BODY, admit=share.take, hurry=False), boundary, manifest=manifest
        )
    raise UnsupportedMediaType(media_type or "none")
