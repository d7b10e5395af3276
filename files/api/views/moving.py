"""Moving and copying, one or many."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actor import Actor
from common.paths import join_path
from files.actions.copy import copy_node, copy_nodes
from files.actions.move import move_node, move_nodes
from files.api.files_view import FilesView
from files.api.inputs.moving import CopyInput, RelocationInput
from files.api.outputs import render, shapes
from files.api.views.nodes import moved
from files.errors import NotFound, ParentNotFound
from files.queries.many_paths import ids_of_paths
from files.queries.target import Target
from files.queries.tree import split_path
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
        node_ids = _selected(self.actor, given)
        flags = {"share_versions": given["share_versions"]}
        results = _relocate(self.actor, given, node_ids, move_node, move_nodes, **flags)
        return ApiResponse({"items": moved(results, _paths_given(given, node_ids))})


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
        given = self.body(CopyInput)
        results = _relocate(self.actor, given, _selected(self.actor, given), copy_node, copy_nodes)
        body: dict[str, Any] = {"items": render.places(results)}
        job = next((copied.job for copied in results if copied.job is not None), None)
        if job is None:
            return ApiResponse(body)
        return ApiResponse({**body, "copy_id": str(job.pk)}, status=status.HTTP_202_ACCEPTED)


def _selected(actor: Actor, given: dict[str, Any]) -> list[int]:
    if "to_path" in given:
        return selected(actor, given, ids="from_id", paths="from_path")
    return selected(actor, given)


def _paths_given(given: dict[str, Any], node_ids: list[int]) -> dict[int, str]:
    """By id the paths that the caller has named them by, which may lead through a mount."""
    paths = [given["from_path"]] if "from_path" in given else given.get("paths", [])
    return {pk: join_path(split_path(path)) for pk, path in zip(node_ids, paths, strict=False)}


def _relocate(
    actor: Actor,
    given: dict[str, Any],
    node_ids: list[int],
    one: Callable[..., Any],
    many: Callable[..., list[Any]],
    **flags: bool,
) -> list[Any]:
    flags |= {"autorename": given["autorename"], "overwrite": given["overwrite"]}
    if "to_path" in given:
        target = Target(given["to_path"], None, given.get("to_space", given["space"]))
        return [one(actor, node_id=node_ids[0], target=target, **flags)]
    return many(actor, node_ids=node_ids, parent_id=_folder(actor, given["to"]), **flags)


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
