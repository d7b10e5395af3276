"""Who did what, latest first."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.actor import Actor
from files.access.compute import Access
from files.api.files_view import FilesView
from files.api.inputs.nodes import JournalQuery
from files.api.outputs import journal as render_journal
from files.api.outputs import journal_shapes as shapes
from files.models import Change, Space
from files.queries import journal, tree
from files.queries.seen_changes import seen_changes
from http_kit.cursors import page_of
from http_kit.fields import PageInput
from http_kit.rendering import ApiResponse


@extend_schema(tags=["changes"])
class JournalView(FilesView):
    @extend_schema(operation_id="journal", parameters=[JournalQuery], responses=shapes.JournalPage)
    def get(self, request: Request) -> ApiResponse:
        """The journal of a space."""
        query = self.query(JournalQuery)
        space, access = tree.root_of(self.actor, query["space"])
        rows = journal.history(self.actor, space)
        return _page(self.actor, space, access, rows, query, f"journal:{space.pk}")


@extend_schema(tags=["changes"])
class NodeHistoryView(FilesView):
    @extend_schema(operation_id="node_history", parameters=[PageInput], responses=shapes.JournalPage)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """The journal of one file or folder; of a folder, what happened to itself."""
        query = self.query(PageInput)
        place = tree.locate(self.actor, node_id)
        rows = journal.history_of(place)
        return _page(self.actor, place.space, place.access, rows, query, f"history:{node_id}")


def _page(
    actor: Actor, space: Space, access: Access, rows: "QuerySet[Change]", query: dict[str, Any], purpose: str
) -> ApiResponse:
    """Only what the actor sees of it: there may be fewer lines than requested."""
    hide = not access.sees_all(space.root_id)
    page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=purpose, hide=hide)
    seen = seen_changes(actor, space, access, page.items)
    return ApiResponse({"items": [render_journal.change(row) for row in seen], "next_cursor": page.next_cursor})
