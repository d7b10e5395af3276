"""What was moved out of a team's space, and taking it back."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from files.actions.take_back import take_back
from files.api.files_view import FilesView
from files.api.outputs import journal as render_journal
from files.api.outputs import render, shapes
from files.api.outputs.journal_shapes import ChangeShape
from files.queries.moved_out import Whereabouts, moved_out, whereabouts
from http_kit.cursors import page_of
from http_kit.fields import PageInput
from http_kit.rendering import ApiResponse


class MovedOutShape(ChangeShape):
    """A line of the journal, and what has become of what it tells of."""

    state = serializers.ChoiceField(
        [(state.value, state.value) for state in Whereabouts],
        help_text="`elsewhere`: it can be taken back; `back`: it is in the space again; `gone`: it was purged.",
    )


MovedOutPage: Any = shapes.page_shape(MovedOutShape)


@extend_schema(tags=["spaces"])
class MovedOutView(FilesView):
    @extend_schema(operation_id="space_moved_out", parameters=[PageInput], responses=MovedOutPage)
    def get(self, request: Request, space_id: int) -> ApiResponse:
        """What people have moved out of a space of the team, latest first; for its managers."""
        query = self.query(PageInput)
        rows = moved_out(self.actor, space_id)
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=f"moved_out:{space_id}")
        states = whereabouts(page.items)
        items = [{**render_journal.change(row), "state": states[row.seq].value} for row in page.items]
        return ApiResponse({"items": items, "next_cursor": page.next_cursor})


@extend_schema(tags=["spaces"])
class TakeBackView(FilesView):
    @extend_schema(operation_id="space_take_back", request=None, responses=shapes.NodeShape)
    def post(self, request: Request, space_id: int, seq: int) -> ApiResponse:
        """Undo the move that this line of the journal tells of, for managers of the space: what was moved comes back to
        where it was, with everything below it now and all versions, wherever it is and whatever it is called there.
        """
        return ApiResponse(render.places([take_back(self.actor, space_id=space_id, seq=seq)])[0])
