"""Who reaches a node and why, and giving and taking rights."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.fields import CharField, DateTimeField
from rest_framework.request import Request

from accounts.actor import SHARE, Actor
from accounts.permissions import require_scope
from files.access.explain import Reach, Reason, SubjectKind, is_shown_with, missing_rights, who_reaches
from files.access.rights import Role, names_of
from files.actions.grants import remove_grant, set_grant
from files.actions.restrictions import is_restricted, restrict, unrestrict
from files.api.files_view import FilesView
from files.api.inputs.access import GrantInput, subject_of
from files.api.outputs.render import text_id, time
from files.api.outputs.shapes import RIGHT, ROLE
from files.models import Grant
from files.queries.tree import LocatedNode, locate
from http_kit.fields import Shape
from http_kit.rendering import ApiResponse


class ReachShape(Shape):
    """One of those who reach the node. `grant_id` is null for what nobody has to grant."""

    kind = serializers.ChoiceField([(kind.value, kind.value) for kind in SubjectKind])
    id = CharField()
    name = CharField()
    role = serializers.ChoiceField(ROLE)
    rights = serializers.ListField(child=serializers.ChoiceField(RIGHT))
    node_id = CharField(help_text="The folder that the role was granted on.")
    path = CharField(allow_null=True, help_text="Its path; null where one may not see so far up.")
    grant_id = CharField(allow_null=True)
    expires_at = DateTimeField(allow_null=True)


class MissingShape(Shape):
    right = serializers.ChoiceField(RIGHT)
    reason = serializers.ChoiceField([(reason.value, reason.value) for reason in Reason])


class AccessShape(Shape):
    rights = serializers.ListField(child=serializers.ChoiceField(RIGHT), help_text="One's own.")
    missing = MissingShape(many=True, help_text="What one may not do, and why.")
    expires_at = DateTimeField(allow_null=True, help_text="When the first of one's own grants ends.")
    restricted = serializers.BooleanField(help_text="What is granted above ends here.")
    reached_by = ReachShape(many=True, allow_null=True, help_text="null for who may neither share nor manage it.")


class RestrictionShape(Shape):
    node_id = CharField()
    restricted = serializers.BooleanField()


class GrantShape(Shape):
    id = CharField()
    node_id = CharField()
    user_id = CharField(allow_null=True)
    group_id = CharField(allow_null=True)
    team_id = CharField(allow_null=True)
    role = serializers.ChoiceField(ROLE)
    can_download = serializers.BooleanField()
    expires_at = DateTimeField(allow_null=True)


@extend_schema(tags=["access"])
class AccessView(FilesView):
    @extend_schema(operation_id="node_access", responses=AccessShape)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """What I may do with a file or folder and why not more; for who may share it, also who else reaches it."""
        place = locate(self.actor, node_id).entered
        reached = who_reaches(place.space, place.chain_ids) if is_shown_with(place.access) else None
        body = {
            "rights": names_of(place.access.usable),
            "missing": [
                {"right": names_of(right)[0], "reason": reason.value}
                for right, reason in missing_rights(place.access).items()
            ],
            "expires_at": time(place.access.expires_at),
            "restricted": is_restricted(place),
            "reached_by": None if reached is None else [_reach(found, place) for found in reached],
        }
        return ApiResponse(body)


@extend_schema(tags=["access"])
class GrantsView(FilesView):
    @extend_schema(
        operation_id="grant_set",
        request=GrantInput,
        responses={201: GrantShape},
        examples=[OpenApiExample("editor", {"user_id": "42", "role": "editor"}, request_only=True)],
    )
    def post(self, request: Request, node_id: int) -> ApiResponse:
        """Give a user, a group or the whole team a role on a file or folder, or change the one that they have.

        On the top folder of a team's space it makes them members of the space.
        """
        fields = self.body(GrantInput)
        grant = set_grant(
            self.actor,
            node_id=node_id,
            subject=subject_of(fields),
            role=Role(fields["role"]),
            can_download=fields["can_download"],
            expires_at=fields["expires_at"],
        )
        return ApiResponse(_grant(grant), status=status.HTTP_201_CREATED)

    def require_right(self, actor: Actor) -> None:
        require_scope(actor, SHARE)


@extend_schema(tags=["access"])
class RestrictionView(FilesView):
    @extend_schema(operation_id="restrict", request=None, responses=RestrictionShape)
    def put(self, request: Request, node_id: int) -> ApiResponse:
        """Restrict a folder of a team's space: what is granted above it ends there, except for the space's managers.

        Others see nothing of it from then on. Who may not manage the whole space stays manager of the folder.
        """
        place = restrict(self.actor, node_id=node_id)
        return ApiResponse({"node_id": str(place.node.pk), "restricted": True})

    @extend_schema(operation_id="unrestrict", responses={204: None})
    def delete(self, request: Request, node_id: int) -> ApiResponse:
        """Let what is granted above hold there again."""
        unrestrict(self.actor, node_id=node_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)

    def require_right(self, actor: Actor) -> None:
        require_scope(actor, SHARE)


@extend_schema(tags=["access"])
class GrantView(FilesView):
    @extend_schema(operation_id="grant_remove", responses={204: None})
    def delete(self, request: Request, grant_id: int) -> ApiResponse:
        """Take a role away; one's own, whoever gave it."""
        remove_grant(self.actor, grant_id=grant_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


def _reach(found: Reach, place: LocatedNode) -> dict[str, Any]:
    return {
        "kind": found.kind.value,
        "id": str(found.subject_id),
        "name": found.name,
        "role": found.role.value,
        "rights": names_of(found.rights),
        "node_id": str(found.node_id),
        "path": place.path_of_ancestor(found.node_id),
        "grant_id": text_id(found.grant_id),
        "expires_at": time(found.expires_at),
    }


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "id": str(grant.pk),
        "node_id": str(grant.node_id),
        "user_id": text_id(grant.user_id),
        "group_id": text_id(grant.group_id),
        "team_id": text_id(grant.team_id),
        "role": grant.role,
        "can_download": grant.can_download,
        "expires_at": time(grant.expires_at),
    }
