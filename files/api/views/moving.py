"""Moving and copying, one or many."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actor import Actor
from files.actions.copy import copy_node, copy_nodes
from files.actions.move import move_node, move_nodes
from files.api.files_view import FilesView
from files.api.inputs.moving import CopyInput, RelocationInput
from files.api.outputs import render, shapes
from files.api.views.nodes import moved
from files.errors import NotFound, ParentNotFound
from files.queries.many_paths import ids_of_paths
from files.queries.target import Target
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
        given = self.body(RelocationInput)
        results = _relocate(self.actor, given, move_node, move_nodes, share_versions=given["share_versions"])
        return ApiResponse({"items": moved(results)})


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
        results = _relocate(self.actor, self.body(CopyInput), copy_node, copy_nodes)
        body: dict[str, Any] = {"items": render.places(results)}
        job = next((copied.job for copied in results if copied.job is not None), None)
        if job is None:
            return ApiResponse(body)
        return ApiResponse({**body, "copy_id": str(job.pk)}, status=status.HTTP_202_ACCEPTED)


def _relocate(
    actor: Actor, given: dict[str, Any], one: Callable[..., Any], many: Callable[..., list[Any]], **flags: bool
) -> list[Any]:
    flags |= {"autorename": given["autorename"], "overwrite": given["overwrite"]}
    if "to_path" in given:
        node_id = selected(actor, given, ids="from_id", paths="from_path")[0]
        target = Target(given["to_path"], None, given.get("to_space", given["space"]))
        return [one(actor, node_id=node_id, target=target, **flags)]
    parent_id = _folder(actor, given["to"])
    return many(actor, node_ids=selected(actor, given), parent_id=parent_id, **flags)


def _folder(actor: Actor, to: dict[str, Any]) -> int:
    """Raises ParentNotFound, so that a missing folder is not taken for a missing source."""
    if "parent_id" in to:
        return int(to["parent_id"])
    try:
        return ids_of_paths(actor, [to["path"]], space_id=to["space"])[0]
    except NotFound as error:
        raise ParentNotFound(**error.detail) from error


def selected(actor: Actor, given: dict[str, Any], *, ids: str = "ids", paths: str = "paths") -> list[int]:
    """The node ids that a body names by id or by path."""
    if ids in given:
        return given[ids] if isinstance(given[ids], list) else [given[ids]]
    wanted = given[paths] if isinstance(given[paths], list) else [given[paths]]
    return ids_of_paths(actor, wanted, space_id=given["space"])
