"""REST views of comments."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from files.api.files_view import FilesView
from http_kit.rendering import ApiResponse
from sharing.actions.comments import add_comment, delete_comment, edit_comment
from sharing.api import comment_shapes as shapes
from sharing.queries.comments import comment_of, comments_of

EXAMPLE = OpenApiExample("mention", {"text": "@ada@example.com, is this the latest one?"}, request_only=True)


@extend_schema(tags=["comments"])
class NodeCommentsView(FilesView):
    @extend_schema(operation_id="node_comments", parameters=[shapes.CommentsQuery], responses=shapes.CommentPageShape)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """The comments on a file or folder, the latest first, for everybody who sees it."""
        query = self.query(shapes.CommentsQuery)
        found = comments_of(self.actor, node_id=node_id, cursor=query["cursor"], limit=query["limit"])
        return ApiResponse(shapes.page(self.actor, found))

    @extend_schema(
        operation_id="comment_create",
        request=shapes.CommentInput,
        responses={201: shapes.CommentShape},
        examples=[EXAMPLE],
    )
    def post(self, request: Request, node_id: int) -> ApiResponse:
        """Comment on a file or folder, for who may (`comment` in its `rights`).

        Who is mentioned is told of it, if they see it; so are its owner and those who have commented before.
        """
        made = add_comment(self.actor, node_id=node_id, text=self.body(shapes.CommentInput)["text"])
        body = _shown(self, made.pk)
        headers = {"Location": f"/api/v1/comments/{made.pk}"}
        return ApiResponse(body, status=status.HTTP_201_CREATED, headers=headers)


@extend_schema(tags=["comments"])
class CommentView(FilesView):
    @extend_schema(operation_id="comment_get", responses=shapes.CommentShape)
    def get(self, request: Request, comment_id: int) -> ApiResponse:
        """One comment."""
        return ApiResponse(_shown(self, comment_id))

    @extend_schema(
        operation_id="comment_edit",
        request=shapes.CommentInput,
        responses=shapes.CommentShape,
        examples=[EXAMPLE],
    )
    def patch(self, request: Request, comment_id: int) -> ApiResponse:
        """Another text, for its author."""
        edit_comment(self.actor, comment_id=comment_id, text=self.body(shapes.CommentInput)["text"])
        return ApiResponse(_shown(self, comment_id))

    @extend_schema(operation_id="comment_delete", responses={204: None})
    def delete(self, request: Request, comment_id: int) -> ApiResponse:
        """Delete it for good: for its author, and for who manages what it is about."""
        delete_comment(self.actor, comment_id=comment_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


def _shown(view: FilesView, comment_id: int) -> shapes.Json:
    row, place = comment_of(view.actor, comment_id=comment_id)
    return shapes.comment(view.actor, row, place)
