"""Folders: their pages, also as of a time, and new ones."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from files.actions.create_folder import create_folder
from files.api.files_view import FilesView
from files.api.inputs.nodes import ListingByPathQuery, ListingQuery, NewFolderInput, target_of
from files.api.outputs import journal as render_past
from files.api.outputs import render, shapes
from files.queries import past, tree
from files.queries.listing import ORDERS, list_rows
from files.queries.tree import LocatedNode
from http_kit.cursors import seal, unseal
from http_kit.rendering import ApiResponse


@extend_schema(tags=["folders"])
class ChildrenView(FilesView):
    @extend_schema(operation_id="children", parameters=[ListingQuery], responses=shapes.LISTING)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """A page of a folder, folders first; with `at`, as it was then, even if it has been deleted since."""
        query = self.query(ListingQuery)
        if query["at"]:
            position = _past_position(query)
            return _past_page(past.past_by_id(self.actor, node_id=node_id, moment=query["at"], **position), query)
        return _page(self, tree.locate(self.actor, node_id), query)


@extend_schema(tags=["folders"])
class FoldersView(FilesView):
    @extend_schema(operation_id="folder_list", parameters=[ListingByPathQuery], responses=shapes.LISTING)
    def get(self, request: Request) -> ApiResponse:
        """A page of the folder at a path."""
        query = self.query(ListingByPathQuery)
        path, space_id = query["path"], query["space"]
        if query["at"]:
            position = _past_position(query)
            found = past.past_by_path(self.actor, path=path, space_id=space_id, moment=query["at"], **position)
            return _past_page(found, query)
        return _page(self, tree.locate_path(self.actor, path, space_id=space_id), query)

    @extend_schema(
        operation_id="folder_create",
        request=NewFolderInput,
        responses={201: shapes.NodeShape, 200: shapes.NodeShape},
        examples=[
            OpenApiExample("by path", {"path": "/Photos/2026", "exist_ok": True}, request_only=True),
            OpenApiExample("by id", {"parent_id": "42", "name": "New folder", "autorename": True}, request_only=True),
        ],
    )
    def post(self, request: Request) -> ApiResponse:
        """Make a folder, and those on the way to it. 200 when `exist_ok` found it there."""
        fields = self.body(NewFolderInput)
        place, created = create_folder(
            self.actor, target=target_of(fields), autorename=fields["autorename"], exist_ok=fields["exist_ok"]
        )
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        headers = {"Location": f"/api/v1/nodes/{place.node.pk}", "ETag": place.etag}
        return ApiResponse(render.place(place), status=code, headers=headers)


def _page(view: FilesView, place: LocatedNode, query: dict[str, Any]) -> ApiResponse:
    order, purpose = query["order"], f"children:{place.node.pk}:{query['order']}"
    after = unseal(query["cursor"], purpose=purpose, length=len(ORDERS[order]))
    page = list_rows(view.actor, place, order=order, after=after, limit=query["limit"])
    items = render.rows(page.entries, place)
    body = {"folder": render.place(place), "items": items, "next_cursor": seal(page.after, purpose=purpose)}
    return ApiResponse(body)


def _past_purpose(query: dict[str, Any]) -> str:
    return f"past:{query['at'].isoformat()}"


def _past_position(query: dict[str, Any]) -> dict[str, Any]:
    """The change that the first page was of, and how far it went."""
    position = unseal(query["cursor"], purpose=_past_purpose(query), length=2)
    seq, after = position or (None, 0)
    return {"seq": seq, "after": after, "limit": query["limit"]}


def _past_page(page: past.PastPage, query: dict[str, Any]) -> ApiResponse:
    after = None if page.after is None else [page.seq, page.after]
    items = [render_past.entry(entry, page) for entry in page.entries]
    cursor = seal(after, purpose=_past_purpose(query), hide=not page.is_whole)  # it has the number of the space
    return ApiResponse({"folder": None, "items": items, "next_cursor": cursor})
