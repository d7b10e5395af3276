"""Large copies: how far they are, and ending one."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.fields import CharField, ChoiceField, DateTimeField, IntegerField, ListField
from rest_framework.request import Request

from files.actions.large_copy import end_copy
from files.api.files_view import FilesView
from files.api.outputs.render import Json, time
from files.models import CopyJob
from files.models.job import CopyState
from files.queries.copies import get_copy, list_copies
from http_kit.cursors import page_of
from http_kit.fields import PageInput, Shape, page_shape
from http_kit.rendering import ApiResponse


class CopyShape(Shape):
    id = CharField()
    node_ids = ListField(child=CharField(), help_text="The new folders, which fill up.")
    state = ChoiceField(CopyState.values)
    done = IntegerField(help_text="Nodes.")
    total = IntegerField(help_text="Nodes that there were when it began.")
    error = CharField(allow_null=True, help_text="A code, where it has failed; what was copied stays.")
    created_at = DateTimeField()
    updated_at = DateTimeField()


CopyPage = page_shape(CopyShape)


def rendered(job: CopyJob) -> Json:
    return {
        "id": str(job.pk),
        "node_ids": [str(pk) for pk in job.targets],
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "error": job.error_code or None,
        "created_at": time(job.created_at),
        "updated_at": time(job.updated_at),
    }


@extend_schema(tags=["nodes"])
class CopiesView(FilesView):
    @extend_schema(operation_id="copy_list", parameters=[PageInput], responses=CopyPage)
    def get(self, request: Request) -> ApiResponse:
        """My copies that are too large for one request, latest first."""
        query = self.query(PageInput)
        page = page_of(
            list_copies(self.actor),
            cursor=query["cursor"],
            limit=query["limit"],
            purpose="copies",
            latest_by="created_at",
        )
        return ApiResponse({"items": [rendered(job) for job in page.items], "next_cursor": page.next_cursor})


@extend_schema(tags=["nodes"])
class LargeCopyView(FilesView):
    honours_idempotency_key = False  # ending what has ended is no error

    @extend_schema(operation_id="copy_get", responses=CopyShape)
    def get(self, request: Request, copy_id: uuid.UUID) -> ApiResponse:
        """How far it is."""
        return ApiResponse(rendered(get_copy(self.actor, copy_id)))

    @extend_schema(operation_id="copy_end", responses={204: None})
    def delete(self, request: Request, copy_id: uuid.UUID) -> ApiResponse:
        """Stop it. What was copied stays."""
        end_copy(self.actor, copy_id=copy_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)
