"""The home of somebody who was removed from the team goes to another member."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.actor import ADMIN, Actor
from accounts.permissions import require_scope
from files.actions.hand_over import hand_over
from files.api.files_view import FilesView
from files.api.outputs.shapes import Shape
from http_kit.fields import IdField, Input, NameField
from http_kit.rendering import ApiResponse


class HandOverInput(Input):
    to_user_id = IdField(help_text="A member of the team who is active.")
    as_space = serializers.BooleanField(
        default=False,
        help_text="Into a new space that this member manages, which counts for the team alone; "
        "otherwise into their home, which it counts for.",
    )
    name = NameField(required=False, default=None, help_text="Of the folder, and of the space.")


class HandedOverShape(Shape):
    space_id = serializers.CharField()
    node_id = serializers.CharField(help_text="The folder that the home has become.")
    path = serializers.CharField(help_text="In that space.")
    size = serializers.IntegerField()


@extend_schema(tags=["team"])
class HandOverView(FilesView):
    @extend_schema(
        operation_id="team_member_hand_over",
        request=HandOverInput,
        responses=HandedOverShape,
        examples=[OpenApiExample("into a home", {"to_user_id": "42"}, request_only=True)],
    )
    def post(self, request: Request, user_id: int) -> ApiResponse:
        """All files of somebody who was removed, with versions and trash, before the account is deleted; for owners."""
        fields = self.body(HandOverInput)
        handed = hand_over(
            self.actor,
            user_id=user_id,
            to_user_id=fields["to_user_id"],
            as_space=fields["as_space"],
            name=fields["name"],
        )
        body: dict[str, Any] = {
            "space_id": str(handed.space.pk),
            "node_id": str(handed.node.pk),
            "path": handed.path,
            "size": handed.node.size,
        }
        return ApiResponse(body)

    def require_right(self, actor: Actor) -> None:
        require_scope(actor, ADMIN)
