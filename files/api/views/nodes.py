"""One file or folder: what it is, its name and place, its end."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from files.access.rights import names_of
from files.actions.lock import lock_file, unlock_node
from files.actions.move import Moved, move_node, move_nodes, rename_node
from files.actions.trash import trash_nodes
from files.api.files_view import FilesView
from files.api.inputs.nodes import FileLockInput, MetadataQuery, NodeChangeInput
from files.api.outputs import render, shapes
from files.queries import tree
from files.queries.locks import lock_on
from files.queries.target import Target
from http_kit.parameters import conditions_of
from http_kit.rendering import ApiResponse


@extend_schema(tags=["nodes"])
class MetadataView(FilesView):
    @extend_schema(operation_id="metadata", parameters=[MetadataQuery], responses=shapes.NodeDetailsShape)
    def get(self, request: Request) -> ApiResponse:
        """What is at a path."""
        query = self.query(MetadataQuery)
        found = tree.locate_path(self.actor, query["path"], space_id=query["space"])
        return _node_response(found)


@extend_schema(tags=["nodes"])
class NodeView(FilesView):
    @extend_schema(operation_id="node_get", responses=shapes.NodeDetailsShape)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """A file or folder by its id, which never changes."""
        return _node_response(tree.locate(self.actor, node_id))

    @extend_schema(
        operation_id="node_change",
        request=NodeChangeInput,
        responses=shapes.MovedShape,
        examples=[
            OpenApiExample("rename", {"name": "report 2026.pdf"}, request_only=True),
            OpenApiExample("move", {"parent_id": "42", "autorename": True}, request_only=True),
        ],
    )
    def patch(self, request: Request, node_id: int) -> ApiResponse:
        """Rename, move, or both at once. The id and the ETag of a file stay."""
        return ApiResponse(moved([_change(self, node_id, self.body(NodeChangeInput))])[0])

    @extend_schema(operation_id="node_trash", responses={200: shapes.TrashItemShape, 204: None})
    def delete(self, request: Request, node_id: int) -> ApiResponse:
        """Into the trash, with everything below. `If-Match` and its like are honoured.

        204: it was a mount, which is hidden now; nothing of what it stands for is deleted.
        """
        items = trash_nodes(self.actor, node_ids=[node_id], conditions=conditions_of(request._request))
        if not items:
            return ApiResponse(status=status.HTTP_204_NO_CONTENT)
        return ApiResponse(render.trash_items(items)[0], status=status.HTTP_200_OK)


@extend_schema(tags=["nodes"])
class LockView(FilesView):
    @extend_schema(
        operation_id="node_lock",
        request=FileLockInput,
        responses=shapes.NodeDetailsShape,
        examples=[OpenApiExample("until", {"expires_at": "2026-12-24T18:00:00Z"}, request_only=True)],
    )
    def post(self, request: Request, node_id: int) -> ApiResponse:
        """Lock a file for myself: until then nobody else changes it, by any protocol, and my own programs may.

        Once more, it gives the lock another end. Whoever manages the space may remove it (`POST /nodes/<id>/unlock`).
        """
        lock_file(self.actor, node_id=node_id, until=self.body(FileLockInput)["expires_at"])
        return _node_response(tree.locate(self.actor, node_id))


@extend_schema(tags=["nodes"])
class UnlockView(FilesView):
    @extend_schema(operation_id="node_unlock", request=None, responses=shapes.NodeDetailsShape)
    def post(self, request: Request, node_id: int) -> ApiResponse:
        """Remove the locks on a file or folder: for their holder, and for who owns or manages the space."""
        unlock_node(self.actor, node_id=node_id)
        return _node_response(tree.locate(self.actor, node_id))


def _change(view: FilesView, node_id: int, fields: dict[str, Any]) -> Moved:
    name, parent_id = fields["name"], fields["parent_id"]
    flags = {flag: fields[flag] for flag in ("autorename", "overwrite", "share_versions")}
    if name is None:
        return move_nodes(view.actor, node_ids=[node_id], parent_id=parent_id, **flags)[0]
    if parent_id is None and not fields["overwrite"]:
        return rename_node(view.actor, node_id=node_id, name=name, autorename=fields["autorename"])
    if parent_id is None:
        parent_id = tree.locate(view.actor, node_id).node.parent_id
    target = Target(tree.clean_name(name), parent_id=parent_id)
    return move_node(view.actor, node_id=node_id, target=target, **flags)


def moved(results: list[Moved], named: Mapping[int, str] | None = None) -> list[render.Json]:
    """`named`: paths by which the caller has named them, by id."""
    places = render.places(result.place for result in results)
    before = [(named or {}).get(result.place.node.pk, result.path_before) for result in results]
    return [{**place, "path_before": path} for place, path in zip(places, before, strict=True)]


def _node_response(found: tree.LocatedNode) -> ApiResponse:
    lock, rights = render.lock(lock_on(found.entered), found.entered), names_of(found.entered.access.usable)
    body = {**render.place(found), "lock": lock, "rights": rights}
    return ApiResponse(body, headers={"ETag": found.etag})
