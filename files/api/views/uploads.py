"""Upload sessions: pieces of any size, in any order, at the same time, through any replica."""

import uuid

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request

from files.actions.finish_upload import finish_upload
from files.actions.uploads import abort_upload, declare_length, open_upload
from files.actions.write_piece import PieceOptions, write_piece
from files.api.files_view import FilesView
from files.api.inputs.uploads import PROTOCOL, FinishInput, UploadInput, options_of
from files.api.outputs import shapes, upload_shapes, uploads
from files.queries.uploads import get_upload, list_uploads, pieces_of
from http_kit.body import body_of, require_whole
from http_kit.checksum_headers import checksums_of
from http_kit.cursors import page_of
from http_kit.fields import PageInput
from http_kit.rendering import ApiResponse

_DIGEST = OpenApiParameter(
    "Content-Digest", str, OpenApiParameter.HEADER, description="RFC 9530: `sha-256=:<base64>:`, of this piece."
)


@extend_schema(tags=["uploads"])
class UploadsView(FilesView):
    @extend_schema(operation_id="upload_list", parameters=[PageInput], responses=upload_shapes.UploadPage)
    def get(self, request: Request) -> ApiResponse:
        """My unfinished uploads, latest first."""
        query = self.query(PageInput)
        page = page_of(
            list_uploads(self.actor, protocol=PROTOCOL),
            cursor=query["cursor"],
            limit=query["limit"],
            purpose="uploads",
            latest_by="created_at",
        )
        items = [{**uploads.upload(row), "received_bytes": row.received or 0} for row in page.items]
        return ApiResponse({"items": items, "next_cursor": page.next_cursor})

    @extend_schema(
        operation_id="upload_open",
        request=UploadInput,
        responses={201: upload_shapes.ProgressShape},
        examples=[
            OpenApiExample("new file", {"path": "/Videos/a.mp4", "length": 3221225472}, request_only=True),
            OpenApiExample(
                "new version of a known one",
                {"path": "/a.txt", "length": 12, "mode": "update", "base_version": "7"},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> ApiResponse:
        """Begin. What cannot succeed (rights, name, conflict, quota) is refused now; the length is reserved."""
        upload = open_upload(self.actor, wanted=options_of(self.body(UploadInput)))
        headers = {"Location": f"/api/v1/uploads/{upload.pk}"}
        return ApiResponse(uploads.progress(upload, []), status=status.HTTP_201_CREATED, headers=headers)


@extend_schema(tags=["uploads"])
class UploadView(FilesView):
    @extend_schema(operation_id="upload_get", responses=upload_shapes.ProgressShape)
    def get(self, request: Request, upload_id: uuid.UUID) -> ApiResponse:
        """What has arrived, what is missing, and where a sequential client goes on (`offset`)."""
        upload = get_upload(self.actor, upload_id, protocol=PROTOCOL)
        return ApiResponse(uploads.progress(upload, pieces_of(upload)))

    @extend_schema(operation_id="upload_abort", responses={204: None})
    def delete(self, request: Request, upload_id: uuid.UUID) -> ApiResponse:
        """Give it up: the reserved bytes are free at once."""
        abort_upload(self.actor, upload_id=upload_id, protocol=PROTOCOL)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["uploads"])
class PieceView(FilesView):
    honours_idempotency_key = False  # the same piece again replaces nothing anyway

    @extend_schema(
        operation_id="upload_piece",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[_DIGEST],
        responses=upload_shapes.ProgressShape,
    )
    def put(self, request: Request, upload_id: uuid.UUID, offset: int) -> ApiResponse:
        """The raw bytes that begin at `offset`; all of them are stored, or none. The same piece again is no error; of
        other bytes in its place it is 409 `piece_overlaps`.
        """
        require_whole(request._request)
        body = body_of(request._request)
        piece = PieceOptions(offset, body.length, expected=checksums_of(request._request))
        upload = write_piece(self.actor, upload_id=upload_id, chunks=body.chunks, piece=piece, protocol=PROTOCOL)
        return ApiResponse(uploads.progress(upload, pieces_of(upload)))


@extend_schema(tags=["uploads"])
class FinishView(FilesView):
    @extend_schema(
        operation_id="upload_finish",
        request=FinishInput,
        responses=shapes.WrittenShape,
        examples=[OpenApiExample("with a checksum", {"checksums": {"sha256": "9f86d0…"}}, request_only=True)],
    )
    def post(self, request: Request, upload_id: uuid.UUID) -> ApiResponse:
        """Make it the file. No byte is copied, whatever the size; doing it again gives the same answer."""
        fields = self.body(FinishInput)
        if "length" in fields and get_upload(self.actor, upload_id, protocol=PROTOCOL).finished_at is None:
            declare_length(self.actor, upload_id=upload_id, length=fields["length"], protocol=PROTOCOL)
        written = finish_upload(self.actor, upload_id=upload_id, expected=fields["checksums"], protocol=PROTOCOL)
        return ApiResponse(uploads.written(written), headers={"ETag": written.node.etag})
