"""Spaces, and how much they hold."""

from collections.abc import Sequence

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.api.outputs import UsageOutput
from accounts.queries import account_of
from files.access.spaces import require_manage_own_team
from files.actions.grants import change_space
from files.actions.space_states import delete_space, restore_space
from files.actions.spaces import create_team_space
from files.api.files_view import FilesView
from files.api.inputs.access import SpaceChangeInput, SpaceDeletionQuery, SpaceRestoreInput
from files.api.inputs.nodes import NewSpaceInput
from files.api.outputs import journal_shapes, render, shapes
from files.api.outputs.render import Json
from files.models import Space
from files.queries.members import deleted_spaces
from files.queries.tree import cover_roots, list_spaces
from http_kit.rendering import ApiResponse


def _all_shown(actor: Actor, spaces: Sequence[Space]) -> list[Json]:
    cover_roots(actor, spaces)
    return [render.space(row) for row in spaces]


def _shown(actor: Actor, space: Space) -> Json:
    (shown,) = _all_shown(actor, [space])
    return shown


@extend_schema(tags=["spaces"])
class SpacesView(FilesView):
    @extend_schema(operation_id="space_list", responses=shapes.SpaceList)
    def get(self, request: Request) -> ApiResponse:
        """My home, and the shared spaces of my team."""
        return ApiResponse({"items": _all_shown(self.actor, list(list_spaces(self.actor)))})

    @extend_schema(
        operation_id="space_create",
        request=NewSpaceInput,
        responses={201: shapes.SpaceShape},
        examples=[OpenApiExample("team space", {"name": "Marketing"}, request_only=True)],
    )
    def post(self, request: Request) -> ApiResponse:
        """A shared space of my team; for its owner and administrators, with a token of scope admin."""
        space = create_team_space(self.actor, name=self.body(NewSpaceInput)["name"])
        return ApiResponse(_shown(self.actor, space), status=status.HTTP_201_CREATED)

    def require_right(self, actor: Actor) -> None:
        require_manage_own_team(actor)


@extend_schema(tags=["spaces"])
class SpaceView(FilesView):
    @extend_schema(
        operation_id="space_change",
        request=SpaceChangeInput,
        responses=shapes.SpaceShape,
        examples=[
            OpenApiExample("close", {"open": False}, request_only=True),
            OpenApiExample("archive", {"archived": True}, request_only=True),
            OpenApiExample("ten gigabytes at most", {"quota_bytes": 10_000_000_000}, request_only=True),
        ],
    )
    def patch(self, request: Request, space_id: int) -> ApiResponse:
        """Rename a space of my team, say whether the whole team edits it, archive it, bring it back: for its managers
        and those of the team. Limit it: for those of the team.

        Who closes a space manages it from then on. Its members are those who are granted a role on its top folder.
        """
        fields = self.body(SpaceChangeInput)
        space = change_space(
            self.actor,
            space_id=space_id,
            name=fields["name"],
            is_open=fields["open"],
            is_archived=fields["archived"],
            limit_bytes=fields.get("quota_bytes", ...),
        )
        return ApiResponse(_shown(self.actor, space))

    @extend_schema(operation_id="space_delete", parameters=[SpaceDeletionQuery], responses=shapes.SpaceShape)
    def delete(self, request: Request, space_id: int) -> ApiResponse:
        """For the owner and administrators of the team. Nobody sees the space from then on; it counts for the quota,
        and can be restored, until it is purged after `TRASH_RETENTION`.
        """
        space = delete_space(self.actor, space_id=space_id, name=self.query(SpaceDeletionQuery)["name"])
        return ApiResponse(_shown(self.actor, space))


@extend_schema(tags=["spaces"])
class DeletedSpacesView(FilesView):
    @extend_schema(operation_id="space_list_deleted", responses=shapes.SpaceList)
    def get(self, request: Request) -> ApiResponse:
        """What can be restored, the last one first; for the owner and administrators of the team."""
        return ApiResponse({"items": _all_shown(self.actor, list(deleted_spaces(self.actor)))})


@extend_schema(tags=["spaces"])
class SpaceRestoreView(FilesView):
    @extend_schema(
        operation_id="space_restore",
        request=SpaceRestoreInput,
        responses=shapes.SpaceShape,
        examples=[OpenApiExample("by another name", {"name": "Marketing 2025"}, request_only=True)],
    )
    def post(self, request: Request, space_id: int) -> ApiResponse:
        """A deleted space, as it was, for the owner and administrators of the team."""
        space = restore_space(self.actor, space_id=space_id, name=self.body(SpaceRestoreInput)["name"])
        return ApiResponse(_shown(self.actor, space))

    def require_right(self, actor: Actor) -> None:
        require_manage_own_team(actor)


@extend_schema(tags=["spaces"])
class UsageView(FilesView):
    @extend_schema(operation_id="usage", responses=journal_shapes.UsageShape)
    def get(self, request: Request) -> ApiResponse:
        """Bytes by line of the ledger, of my account and of my team."""
        account = account_of(self.actor)
        body = {
            "account": UsageOutput(account.quota).data,
            "team": UsageOutput(account.team_quota).data,
            "free_bytes": account.free_bytes,
        }
        return ApiResponse(body)
