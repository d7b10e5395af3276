"""The versions of a file, and a folder as it was."""

from dataclasses import asdict

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from files.actions.rewind import rewind
from files.actions.versions import delete_versions, restore_version
from files.api.files_view import FilesView
from files.api.inputs.nodes import RewindInput
from files.api.outputs import render, shapes, uploads
from files.api.outputs.journal_shapes import RewoundShape
from files.queries import tree
from files.queries.versions import list_versions
from http_kit.cursors import page_of
from http_kit.fields import PageInput
from http_kit.rendering import ApiResponse


@extend_schema(tags=["versions"])
class VersionsView(FilesView):
    @extend_schema(operation_id="version_list", parameters=[PageInput], responses=shapes.VersionPage)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """The current one first, then the earlier ones."""
        query = self.query(PageInput)
        place = tree.locate(self.actor, node_id)
        page = page_of(
            list_versions(place), cursor=query["cursor"], limit=query["limit"], purpose=f"versions:{node_id}"
        )
        items = [render.version(row, place.shown.version_id) for row in page.items]
        return ApiResponse({"items": items, "next_cursor": page.next_cursor})


@extend_schema(tags=["versions"])
class VersionView(FilesView):
    @extend_schema(operation_id="version_delete", responses={204: None})
    def delete(self, request: Request, node_id: int, version_id: int) -> ApiResponse:
        """Permanently remove an earlier version."""
        delete_versions(self.actor, node_id=node_id, version_ids=[version_id])
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["versions"])
class RestoreVersionView(FilesView):
    @extend_schema(operation_id="version_restore", request=None, responses=shapes.WrittenShape)
    def post(self, request: Request, node_id: int, version_id: int) -> ApiResponse:
        """Make an earlier version the current one again, as a new version: nothing in between is lost."""
        written = restore_version(self.actor, node_id=node_id, version_id=version_id)
        render.load([written.node])
        return ApiResponse(uploads.written(written), headers={"ETag": written.node.etag})


@extend_schema(tags=["versions"])
class RewindView(FilesView):
    @extend_schema(
        operation_id="rewind",
        request=RewindInput,
        responses=RewoundShape,
        examples=[
            OpenApiExample("to a time", {"to": "2026-01-02T03:04:05Z"}, request_only=True),
            OpenApiExample("undo", {"seq": 1234}, request_only=True),
        ],
    )
    def post(self, request: Request, node_id: int) -> ApiResponse:
        """Make everything below a folder what it was. Itself undoable: rewind again to `undo_seq`."""
        fields = self.body(RewindInput)
        result = rewind(self.actor, node_id=node_id, moment=fields.get("to"), seq=fields.get("seq"))
        return ApiResponse({**asdict(result), "lost": result.lost[:1000]})
