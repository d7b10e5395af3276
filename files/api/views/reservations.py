"""What holds bytes of the quota without being files yet: uploads of every endpoint, and requests in hand."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.permissions import require_scope
from files.actions.uploads import end_reservation
from files.api.files_view import FilesView
from files.api.outputs import upload_shapes, uploads
from files.queries.uploads import list_reservations
from http_kit.cursors import page_of
from http_kit.fields import PageInput
from http_kit.rendering import ApiResponse


class ReservationsInput(PageInput):
    team = serializers.BooleanField(default=False, help_text="Of everybody in my team; for those who manage it.")


@extend_schema(tags=["uploads"])
class ReservationsView(FilesView):
    @extend_schema(
        operation_id="reservation_list", parameters=[ReservationsInput], responses=upload_shapes.ReservationPage
    )
    def get(self, request: Request) -> ApiResponse:
        """Unfinished uploads of every kind, latest first, with the bytes of the quota that each holds."""
        query = self.query(ReservationsInput)
        page = page_of(
            list_reservations(self.actor, of_team=query["team"]),
            cursor=query["cursor"],
            limit=query["limit"],
            purpose="reservations",
            latest_by="created_at",
        )
        items = [uploads.reservation(row, shown=row.user_id == self.actor.user_id) for row in page.items]
        return ApiResponse({"items": items, "next_cursor": page.next_cursor})


@extend_schema(tags=["uploads"])
class ReservationView(FilesView):
    @extend_schema(operation_id="reservation_end", responses={204: None})
    def delete(self, request: Request, upload_id: uuid.UUID) -> ApiResponse:
        """End an upload of mine, or of my team as one who manages it: its bytes are free at once, a request in hand is
        refused.
        """
        end_reservation(self.actor, upload_id=upload_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)

    def require_right(self, actor: Actor) -> None:
        require_scope(actor, "write")
