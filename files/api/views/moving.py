"""Moving and copying, one or many."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actor import Actor
from common.paths import join_path
from files.actions.copy import Copied, copy_node, copy_nodes
from files.actions.move import Moved, move_node, move_nodes
from files.api.files_view import FilesView
from files.api.inputs.moving import CopyInput, RelocationInput
from files.api.outputs import render, shapes
from files.api.views.nodes import moved
from files.errors import NotFound, ParentNotFound
from files.queries.many_paths import ids_of_paths
from files.queries.target import Target
from files.queries.tree import LocatedNode, locate_path, split_path
from http_kit.rendering import ApiResponse

_EXAMPLES = [
    OpenApiExample("many by id", {"ids": ["7", "8"], "to": {"parent_id": "42"}}, request_only=True),
    OpenApiExample(
        "many by path",
        {"paths": ["/a.txt", "/b"], "to": {"path": "/Archive"}, "autorename": True},
        request_only=True,
    ),
    OpenApiExample("one, renamed", {"from_path": "/draft.txt", "to_path": "/2026/final.txt"}, request_only=True),
]


@extend_schema(tags=["nodes"])
class MoveView(FilesView):
    @extend_schema(operation_id="move", request=RelocationInput, responses=shapes.MovedList, examples=_EXAMPLES)
    def post(self, request: Request) -> ApiResponse:
        """All of them or none. Between spaces too."""
        fields = self.body(RelocationInput)
        node_ids = _selected(self.actor, fields)
        folder, flags = _folder(self.actor, fields), {"share_versions": fields["share_versions"]}
        results: list[Moved] = _relocate(self.actor, fields, node_ids, folder, move_node, move_nodes, **flags)
        results = [replace(result, place=_seen(result.place, folder)) for result in results]
        return ApiResponse({"items": moved(results, _paths_given(fields, node_ids))})


@extend_schema(tags=["nodes"])
class CopyView(FilesView):
    @extend_schema(
        operation_id="copy",
        request=CopyInput,
        responses={200: shapes.NodeList, 202: shapes.CopyingList},
        examples=_EXAMPLES,
    )
    def post(self, request: Request) -> ApiResponse:
        """All of them or none, with everything below; no byte is copied.

        202: a folder with more than 10,000 nodes is there, and fills up; `/copies/<copy_id>` tells how far it is.
        """
        fields = self.body(CopyInput)
        node_ids, folder = _selected(self.actor, fields), _folder(self.actor, fields)
        results: list[Copied] = _relocate(self.actor, fields, node_ids, folder, copy_node, copy_nodes)
        body: dict[str, Any] = {"items": render.places(_seen(result, folder) for result in results)}
        job = next((copied.job for copied in results if copied.job is not None), None)
        if job is None:
            return ApiResponse(body)
        return ApiResponse({**body, "copy_id": str(job.pk)}, status=status.HTTP_202_ACCEPTED)


def _selected(actor: Actor, fields: dict[str, Any]) -> list[int]:
    if "to_path" in fields:
        return selected(actor, fields, ids="from_id", paths="from_path")
    return selected(actor, fields)


def _paths_given(fields: dict[str, Any], node_ids: list[int]) -> dict[int, str]:
    """By id the paths that the caller has named them by, which may lead through a mount."""
    paths = [fields["from_path"]] if "from_path" in fields else fields.get("paths", [])
    return {pk: join_path(split_path(path)) for pk, path in zip(node_ids, paths, strict=False)}


def _relocate(
    actor: Actor,
    fields: dict[str, Any],
    node_ids: list[int],
    folder: "int | LocatedNode | None",
    one: Callable[..., Any],
    many: Callable[..., list[Any]],
    **flags: bool,
) -> list[Any]:
    flags |= {"autorename": fields["autorename"], "overwrite": fields["overwrite"]}
    if folder is None:
        target = Target(fields["to_path"], None, fields.get("to_space", fields["space"]))
        return [one(actor, node_id=node_ids[0], target=target, **flags)]
    parent_id = folder.node.pk if isinstance(folder, LocatedNode) else folder
    return many(actor, node_ids=node_ids, parent_id=parent_id, **flags)


def _folder(actor: Actor, fields: dict[str, Any]) -> "int | LocatedNode | None":
    """The id of the folder that it goes into, or its place where it is named by its path; None where the new name is in
    the path. Raises ParentNotFound, so that a missing folder is not taken for a missing source.
    """
    if "to_path" in fields:
        return None
    to = fields["to"]
    if "parent_id" in to:
        return int(to["parent_id"])
    try:
        return locate_path(actor, to["path"], space_id=to["space"])
    except NotFound as error:
        raise ParentNotFound(path=to["path"]) from error


def _seen(place: LocatedNode, folder: "int | LocatedNode | None") -> LocatedNode:
    """By the way that the caller has named: through the mount that it leads through."""
    mount = folder.entered.mount if isinstance(folder, LocatedNode) else None
    return place if mount is None or mount.node.target_id not in place.chain_ids else replace(place, mount=mount)


def selected(actor: Actor, fields: dict[str, Any], *, ids: str = "ids", paths: str = "paths") -> list[int]:
    """The node ids that a body names by id or by path."""
    if ids in fields:
        return fields[ids] if isinstance(fields[ids], list) else [fields[ids]]
    wanted = fields[paths] if isinstance(fields[paths], list) else [fields[paths]]
    return ids_of_paths(actor, wanted, space_id=fields["space"])
