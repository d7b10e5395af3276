"""What changed since: by cursor, with a wait for the next change."""

from time import monotonic
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from common import signing
from files.api.files_view import FilesView
from files.api.inputs.nodes import ChangesQuery
from files.api.outputs import journal as render_journal
from files.api.outputs import journal_shapes as shapes
from files.errors import InvalidCursor
from files.queries.feed import Feed, Position, feed_since, position_now
from files.queries.tree import get_space
from http_kit import long_poll as waiting
from http_kit.fields import SpaceInput
from http_kit.long_requests import Watch
from http_kit.rendering import ApiResponse

PURPOSE = "changes"


@extend_schema(tags=["changes"])
class ChangesView(FilesView):
    @extend_schema(operation_id="changes", parameters=[ChangesQuery], responses=shapes.ChangesShape)
    def get(self, request: Request) -> ApiResponse:
        """The changes after a cursor, in order: of my home and of what is mounted in it, or of one `space` alone.

        With `wait` the answer comes with the next change, or empty. A mount that appears is a line of kind `create`
        with a `target`: list its folder then. One that is gone is a line of kind `trash`.

        Too many waiters get an empty answer at once, with `Retry-After`; too many of one person get 429. `cursor_reset`
        (410): list again from the start.
        """
        query = self.query(ChangesQuery)
        position = _position(query)
        found = self._read(position, query["limit"])
        headers, end = dict[str, str](), monotonic() + query["wait"]
        # Perhaps nothing visible has changed: then it continues to wait.
        while not found.lines and not found.has_more and (left := end - monotonic()) > 0:
            waited = waiting.wait_until(self.actor, found.has_news, seconds=left, request=request._request)
            before = found.position
            found = self._read(found.position, query["limit"])
            # After the reading: what is returned was there while the right was.
            get_space(Watch(self.actor).look(), found.position.space_id)
            if not waited and not found.lines:
                headers["Retry-After"] = str(waiting.RETRY_AFTER)
            if not waited or found.position == before:
                break
        body = {
            "changes": [render_journal.line(line) for line in found.lines],
            "cursor": _cursor(found.position),
            "has_more": found.has_more,
        }
        return ApiResponse(body, headers=headers)

    def _read(self, position: Position, limit: int) -> Feed:
        return feed_since(self.actor, position, limit=limit)


@extend_schema(tags=["changes"])
class LatestCursorView(FilesView):
    @extend_schema(operation_id="changes_cursor", parameters=[SpaceInput], responses=shapes.CursorShape)
    def get(self, request: Request) -> ApiResponse:
        """The cursor of now: to get only what changes from here on, in my home and in what is mounted in it, or in
        one `space` alone.
        """
        query = self.query(SpaceInput)
        with_mounts = "space" not in request.query_params
        return ApiResponse(
            {"cursor": _cursor(position_now(self.actor, space_id=query["space"], with_mounts=with_mounts))}
        )


def _cursor(position: Position) -> str:
    """As the release before made it, where nothing is mounted and nothing is hidden. What tells of something hidden, a
    digest of it or the number of a space that counts it too, is encrypted.
    """
    value: list[Any] = [position.space_id, position.seq]
    mounted, sights = position.mounted, position.sights or {}
    if mounted is None:
        value.append(None)
    elif mounted or sights:
        value.append([number for pair in sorted(mounted.items()) for number in pair])
    if sights:
        value.append([sights.get(space_id, "") for space_id in (position.space_id or 0, *sorted(mounted or {}))])
    return signing.seal(value, purpose=PURPOSE, hide=bool(sights))


def _position(query: dict[str, Any]) -> Position:
    """Raises InvalidCursor."""
    if query["cursor"] is None:
        return Position(query.get("space"), mounted=None if "space" in query else {})
    try:
        space_id, seq, *more = signing.unseal(query["cursor"], purpose=PURPOSE)
        numbers, seen = more[0] if more else [], more[1] if len(more) > 1 else []
        mounted = None if numbers is None else dict(zip(numbers[::2], numbers[1::2], strict=True))
        known = [space_id, *sorted(mounted or {})]
        sights = {pk: one for pk, one in zip(known, seen or [""] * len(known), strict=True) if one}
    except (signing.InvalidCursor, TypeError, ValueError) as error:
        raise InvalidCursor from error
    if query.get("space") not in (None, space_id):
        raise InvalidCursor(_("The cursor is of another space."))
    return Position(space_id, seq, mounted, sights)
