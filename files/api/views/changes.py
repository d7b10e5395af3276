"""What changed since: by cursor, with a wait for the next change."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from common.signing import seal
from files.api.files_view import FilesView
from files.api.inputs.changes import ChangesQuery
from files.api.outputs import journal as render_journal
from files.api.outputs import journal_shapes as shapes
from files.errors import InvalidCursor
from files.models import Change, Space
from files.queries import journal
from files.queries.tree import get_space
from http_kit import long_poll as waiting
from http_kit.cursors import unseal
from http_kit.fields import SpaceInput
from http_kit.long_requests import Watch
from http_kit.rendering import ApiResponse

PURPOSE = "changes"


@extend_schema(tags=["changes"])
class ChangesView(FilesView):
    @extend_schema(operation_id="changes", parameters=[ChangesQuery], responses=shapes.ChangesShape)
    def get(self, request: Request) -> ApiResponse:
        """The changes after a cursor, in order. With `wait` the answer comes with the next change, or empty.

        Too many waiters get an empty answer at once, with `Retry-After`; too many of one person get 429.
        `cursor_reset` (410): list again from the start.
        """
        query = self.query(ChangesQuery)
        space_id, seq = _position(query)
        space, rows = self._read(space_id, seq, query["limit"])
        headers = {}
        if not rows and query["wait"]:
            waited = waiting.wait_until(
                self.actor,
                lambda: journal.last_seq(space.pk) > seq,
                seconds=query["wait"],
                request=request._request,
            )
            space, rows = self._read(space.pk, seq, query["limit"])
            # After the reading: what is told was there while the right was.
            get_space(Watch(self.actor).look(), space.pk)
            if not waited and not rows:
                headers["Retry-After"] = str(waiting.RETRY_AFTER)
        last = rows[-1].seq if rows else seq
        body = {
            "changes": [render_journal.change(row) for row in rows],
            "cursor": seal([space.pk, last], purpose=PURPOSE),
            "has_more": last < space.seq,
        }
        return ApiResponse(body, headers=headers)

    def _read(self, space_id: int | None, seq: int, limit: int) -> tuple[Space, list[Change]]:
        return journal.changes_since(self.actor, space_id=space_id, seq=seq, limit=limit)


@extend_schema(tags=["changes"])
class LatestCursorView(FilesView):
    @extend_schema(operation_id="changes_cursor", parameters=[SpaceInput], responses=shapes.CursorShape)
    def get(self, request: Request) -> ApiResponse:
        """The cursor of now: to hear only of what changes from here on."""
        space = get_space(self.actor, self.query(SpaceInput)["space"])
        return ApiResponse({"cursor": seal([space.pk, space.seq], purpose=PURPOSE)})


def _position(query: dict[str, Any]) -> tuple[int | None, int]:
    """The space and the number of the last change that is known. Raises InvalidCursor."""
    position = unseal(query["cursor"], purpose=PURPOSE, length=2)
    if position is None:
        return query.get("space"), 0
    space_id, seq = position
    if query.get("space") not in (None, space_id):
        raise InvalidCursor(_("The cursor is of another space."))
    return space_id, seq
