"""Who did what, latest first."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.actor import Actor
from files.access.compute import Access
from files.api.files_view import FilesView
from files.api.inputs.nodes import JournalQuery
from files.api.outputs import journal as render_journal
from files.api.outputs import journal_shapes as shapes
from files.models import Space
from files.queries import journal, tree
from files.queries.seen_changes import seen_changes
from http_kit.cursors import RowPage, page_of
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
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=f"journal:{space.pk}")
        return _page(self.actor, space, access, page)


@extend_schema(tags=["changes"])
class NodeHistoryView(FilesView):
    @extend_schema(operation_id="node_history", parameters=[PageInput], responses=shapes.JournalPage)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """The journal of one file or folder; of a folder, what happened to itself."""
        query = self.query(PageInput)
        place = tree.locate(self.actor, node_id)
        rows = journal.history_of(place)
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=f"history:{node_id}")
        return _page(self.actor, place.space, place.access, page)


def _page(actor: Actor, space: Space, access: Access, page: RowPage) -> ApiResponse:
    """Only what the actor sees of it: there may be fewer lines than requested."""
    seen = seen_changes(actor, space, access, page.items)
    return ApiResponse({"items": [render_journal.change(row) for row in seen], "next_cursor": page.next_cursor})
