"""Pieces of an upload straight to the object store, where the pool allows it."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from common import sizes
from files.actions.direct_upload import MAXIMUM_PIECES, DirectPiece, Permit, permit_pieces, register_pieces
from files.api.files_view import FilesView
from files.api.inputs.uploads import PROTOCOL
from files.api.outputs import render, upload_shapes, uploads
from files.queries.uploads import pieces_of
from http_kit.fields import Shape, TextField
from http_kit.rendering import ApiResponse


class _PieceInput(serializers.Serializer[Any]):
    """One 4 MiB block of the whole; the last one is the rest."""

    offset = serializers.IntegerField(min_value=0, max_value=sizes.MAXIMUM)
    length = serializers.IntegerField(min_value=1, max_value=sizes.MAXIMUM)
    sha256 = serializers.RegexField("^[0-9a-fA-F]{64}$", help_text="Hex, of exactly these bytes.")


class DirectInput(serializers.Serializer[Any]):
    pieces = serializers.ListField(child=_PieceInput(), min_length=1, max_length=MAXIMUM_PIECES)


class DirectCompleteInput(serializers.Serializer[Any]):
    tokens = serializers.ListField(child=TextField(maximum=4096), min_length=1, max_length=MAXIMUM_PIECES)


class PermitShape(Shape):
    """Send the block with exactly this method, URL and headers; then send the token to `direct/complete`."""

    offset = serializers.IntegerField()
    length = serializers.IntegerField()
    method = serializers.CharField()
    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField())
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class PermitListShape(Shape):
    items = PermitShape(many=True)


@extend_schema(tags=["uploads"])
class DirectView(FilesView):
    honours_idempotency_key = False  # permits are new each time, and nothing is changed

    @extend_schema(
        operation_id="upload_direct",
        request=DirectInput,
        responses=PermitListShape,
        examples=[
            OpenApiExample(
                "first block", {"pieces": [{"offset": 0, "length": 4194304, "sha256": "9f86d0…"}]}, request_only=True
            )
        ],
    )
    def post(self, request: Request, upload_id: uuid.UUID) -> ApiResponse:
        """Presigned requests for blocks of the upload. `direct_upload_unavailable` where the pool does not do it."""
        wanted = [
            DirectPiece(piece["offset"], piece["length"], bytes.fromhex(piece["sha256"]))
            for piece in self.body(DirectInput)["pieces"]
        ]
        permits = permit_pieces(self.actor, upload_id=upload_id, pieces=wanted, protocol=PROTOCOL)
        return ApiResponse({"items": [_permit(permit) for permit in permits]})


@extend_schema(tags=["uploads"])
class DirectCompleteView(FilesView):
    honours_idempotency_key = False  # again is no error anyway

    @extend_schema(
        operation_id="upload_direct_complete",
        request=DirectCompleteInput,
        responses=upload_shapes.ProgressShape,
        examples=[OpenApiExample("one block", {"tokens": ["WyJhYi9jZC…"]}, request_only=True)],
    )
    def post(self, request: Request, upload_id: uuid.UUID) -> ApiResponse:
        """These blocks have been sent. Each is looked at in the store before it counts."""
        tokens = self.body(DirectCompleteInput)["tokens"]
        upload = register_pieces(self.actor, upload_id=upload_id, tokens=tokens, protocol=PROTOCOL)
        return ApiResponse(uploads.progress(upload, pieces_of(upload)))


def _permit(permit: Permit) -> render.Json:
    return {
        "offset": permit.piece.offset,
        "length": permit.piece.length,
        "method": permit.request.method,
        "url": permit.request.url,
        "headers": dict(permit.request.headers),
        "token": permit.token,
        "expires_at": render.time(permit.expires_at),
    }
