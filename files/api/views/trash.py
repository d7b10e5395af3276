"""The trash: putting in, listing, taking out, emptying."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from files.actions.trash import empty_trash, purge_items, restore_items, trash_nodes
from files.api.files_view import FilesView
from files.api.inputs.moving import RestoreInput, SelectionInput, TrashItemsInput
from files.api.inputs.nodes import SpacePageQuery
from files.api.outputs import render, shapes
from files.api.views.moving import selected
from files.queries.trash import seen_items, trash_of
from files.queries.tree import root_of
from http_kit.cursors import page_of
from http_kit.fields import SpaceInput
from http_kit.rendering import ApiResponse


@extend_schema(tags=["trash"])
class TrashView(FilesView):
    @extend_schema(operation_id="trash_list", parameters=[SpacePageQuery], responses=shapes.TrashItemPage)
    def get(self, request: Request) -> ApiResponse:
        """A page of the trash of a space, latest first."""
        query = self.query(SpacePageQuery)
        space, access = root_of(self.actor, query["space"])
        rows = trash_of(space)
        purpose = f"trash:{query['space']}"
        page = page_of(
            rows,
            cursor=query["cursor"],
            limit=query["limit"],
            purpose=purpose,
            latest_by="deleted_at",
            hide=not access.sees_all(space.root_id),
        )
        items = seen_items(self.actor, space, access, page.items)
        return ApiResponse({"items": render.trash_items(items), "next_cursor": page.next_cursor})

    @extend_schema(
        operation_id="trash",
        request=SelectionInput,
        responses=shapes.TrashItemList,
        examples=[
            OpenApiExample("by id", {"ids": ["7", "8"]}, request_only=True),
            OpenApiExample("by path", {"paths": ["/old", "/b.txt"]}, request_only=True),
        ],
    )
    def post(self, request: Request) -> ApiResponse:
        """All of them or none, each with everything below it. What lies below another one goes with it.

        A mount is hidden, and has no item.
        """
        items = trash_nodes(self.actor, node_ids=selected(self.actor, self.body(SelectionInput)))
        return ApiResponse({"items": render.trash_items(items)})


@extend_schema(tags=["trash"])
class RestoreView(FilesView):
    @extend_schema(
        operation_id="trash_restore",
        request=RestoreInput,
        responses=shapes.NodeList,
        examples=[OpenApiExample("where they were", {"ids": ["3"]}, request_only=True)],
    )
    def post(self, request: Request) -> ApiResponse:
        """Back to where they were: missing folders are made again, taken names get a number."""
        fields = self.body(RestoreInput)
        places = restore_items(self.actor, item_ids=fields["ids"], parent_id=fields["parent_id"])
        return ApiResponse({"items": render.places(places)})


@extend_schema(tags=["trash"])
class PurgeView(FilesView):
    @extend_schema(
        operation_id="trash_purge",
        request=TrashItemsInput,
        responses=shapes.PurgedShape,
        examples=[OpenApiExample("two items", {"ids": ["3", "4"]}, request_only=True)],
    )
    def post(self, request: Request) -> ApiResponse:
        """Permanently remove items."""
        return ApiResponse({"purged": purge_items(self.actor, item_ids=self.body(TrashItemsInput)["ids"])})


@extend_schema(tags=["trash"])
class EmptyView(FilesView):
    @extend_schema(
        operation_id="trash_empty",
        request=SpaceInput,
        responses=shapes.PurgedShape,
        examples=[OpenApiExample("of the home", {"space": "home"}, request_only=True)],
    )
    def post(self, request: Request) -> ApiResponse:
        """Permanently remove everything in the trash of a space."""
        return ApiResponse({"purged": empty_trash(self.actor, space_id=self.body(SpaceInput)["space"])})
