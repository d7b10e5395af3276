"""What changed since: by cursor, with a wait for the next change."""

from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from common.signing import InvalidCursor as InvalidSeal
from common.signing import seal
from common.signing import unseal as unseal_value
from files.access.compute import Access
from files.api.files_view import FilesView
from files.api.inputs.changes import ChangesQuery
from files.api.outputs import journal as render_journal
from files.api.outputs import journal_shapes as shapes
from files.errors import CursorReset, InvalidCursor
from files.models import Change, Space
from files.queries import journal
from files.queries.seen_changes import seen_changes, sight
from files.queries.tree import get_space, root_of
from http_kit import long_poll as waiting
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
        space_id, seq, seen_before = _position(query)
        found = self._read(space_id, seq, query["limit"], seen_before)
        headers, end = dict[str, str](), monotonic() + query["wait"]
        while not found.changes and not found.has_more and (left := end - monotonic()) > 0:
            waited = waiting.wait_until(self.actor, partial(_is_behind, found), seconds=left, request=request._request)
            before = found.last
            found = self._read(found.space.pk, found.last, query["limit"], sight(found.access))
            # After the reading: what is told was there while the right was.
            get_space(Watch(self.actor).look(), found.space.pk)
            if not waited and not found.changes:
                headers["Retry-After"] = str(waiting.RETRY_AFTER)
            if not waited or found.last == before:
                break
        body = {
            "changes": [render_journal.change(row) for row in found.changes],
            "cursor": seal([found.space.pk, found.last, *sight(found.access)], purpose=PURPOSE),
            "has_more": found.has_more,
        }
        return ApiResponse(body, headers=headers)

    def _read(self, space_id: int | None, seq: int, limit: int, seen_before: list[str] | None) -> "_Found":
        """Raises CursorReset when the cursor is of what somebody saw who saw something else."""
        space, access = root_of(self.actor, space_id)
        if seen_before is not None and seen_before != sight(access):
            raise CursorReset
        rows = journal.changes_of(space, seq=seq, limit=limit)
        last = rows[-1].seq if rows else seq
        return _Found(space, access, seen_changes(self.actor, space, access, rows), last)


@dataclass(frozen=True, slots=True)
class _Found:
    """The changes that the actor sees, up to number `last`."""

    space: Space
    access: Access
    changes: list[Change]
    last: int

    @property
    def has_more(self) -> bool:
        return self.last < self.space.seq


def _is_behind(found: _Found) -> bool:
    return journal.last_seq(found.space.pk) > found.last


@extend_schema(tags=["changes"])
class LatestCursorView(FilesView):
    @extend_schema(operation_id="changes_cursor", parameters=[SpaceInput], responses=shapes.CursorShape)
    def get(self, request: Request) -> ApiResponse:
        """The cursor of now: to hear only of what changes from here on."""
        space, access = root_of(self.actor, self.query(SpaceInput)["space"])
        return ApiResponse({"cursor": seal([space.pk, space.seq, *sight(access)], purpose=PURPOSE)})


def _position(query: dict[str, Any]) -> tuple[int | None, int, list[str] | None]:
    """The space, the number of the last change that is known, and what was seen then. Raises InvalidCursor."""
    if query["cursor"] is None:
        return query.get("space"), 0, None
    try:
        space_id, seq, *seen_before = unseal_value(query["cursor"], purpose=PURPOSE)
    except (InvalidSeal, TypeError, ValueError) as error:
        raise InvalidCursor from error
    if query.get("space") not in (None, space_id):
        raise InvalidCursor("The cursor is of another space.")
    return space_id, seq, seen_before
