"""Who shares what with whom."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.actor import Actor
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Subject
from files.queries.tree import locate_path
from http_kit.fields import IdField, Input, PageInput, PathField, SpaceInput, TextField, TimeField
from sharing.models import MAXIMUM_MESSAGE
from sharing.roles import OFFERED

SHARED_ROLE = [(role.value, role.value) for role in OFFERED]
_SUBJECTS = ("user_id", "group_id", "team_id")


class NodeInput(SpaceInput):
    """What is shared: by its id, or by its path (in `space`; the home without it)."""

    exactly_one = ("node_id", "path")
    node_id = IdField(required=False, default=None)
    path = PathField(required=False, default=None)


class GranteeInput(Input):
    """With whom: exactly one of them. An address of nobody in the team is invited, by those who may invite."""

    exactly_one = ("email", *_SUBJECTS)
    email = TextField(maximum=254, required=False, default=None)
    user_id = IdField(required=False, default=None)
    group_id = IdField(required=False, default=None)
    team_id = IdField(required=False, default=None)


class ShareInput(NodeInput):
    grantee = GranteeInput()
    role = serializers.ChoiceField(SHARED_ROLE)
    can_download = serializers.BooleanField(default=True)
    can_share = serializers.BooleanField(default=True, help_text="false: an editor who gives nobody else access.")
    expires_at = TimeField(required=False, default=None, allow_null=True, help_text="Until when; null: no end.")
    message = TextField(maximum=MAXIMUM_MESSAGE, required=False, default="")
    notify = serializers.BooleanField(default=True, help_text="Tell them by mail, too.")


class ShareChangeInput(Input):
    """At least one of them. What is left out stays as it is; `expires_at` null takes the end away."""

    role = serializers.ChoiceField(SHARED_ROLE, required=False)
    can_download = serializers.BooleanField(required=False)
    can_share = serializers.BooleanField(required=False)
    expires_at = TimeField(required=False, allow_null=True)
    message = TextField(maximum=MAXIMUM_MESSAGE, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(
                _("Give at least one of role, can_download, can_share, expires_at, message.")
            )
        return attrs


class SharesQuery(PageInput, SpaceInput):
    """Of one file or folder, by `node_id` or `path`; without either what I have shared."""

    node_id = IdField(required=False, default=None)
    path = PathField(required=False, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["node_id"] is not None and attrs["path"] is not None:
            raise serializers.ValidationError(_("Give node_id or path, not both."))
        return attrs


class OpeningQuery(NodeInput):
    """Of a share that is yet to be made."""

    exactly_one = ("node_id", "path")
    email = TextField(maximum=254, required=False, default=None)
    user_id = IdField(required=False, default=None)
    group_id = IdField(required=False, default=None)
    team_id = IdField(required=False, default=None)
    role = serializers.ChoiceField(SHARED_ROLE, default=Role.VIEWER.value)
    can_download = serializers.BooleanField(default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if sum(attrs[name] is not None for name in ("email", *_SUBJECTS)) != 1:
            raise serializers.ValidationError(_("Give exactly one of email, user_id, group_id, team_id."))
        return attrs


def node_of(actor: Actor, fields: dict[str, Any]) -> int:
    """The id of what is named; of a mount its own."""
    if fields["node_id"] is not None:
        return int(fields["node_id"])
    return locate_path(actor, fields["path"], space_id=fields["space"]).node.pk


def grantee_of(fields: dict[str, Any]) -> Subject | str:
    if fields["email"] is not None:
        return str(fields["email"])
    name = next(name for name in _SUBJECTS if fields[name] is not None)
    return Subject(SubjectKind(name.removesuffix("_id")), fields[name])
