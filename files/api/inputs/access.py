"""Who is given what."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common import sizes
from files.access.explain import SubjectKind
from files.actions.grants import Subject
from files.api.outputs.shapes import ROLE
from http_kit.fields import IdField, Input, NameField, TimeField

_SUBJECTS = ("user_id", "group_id", "team_id")


class GrantInput(Input):
    """To exactly one of a user, a group and the whole team."""

    exactly_one = _SUBJECTS
    user_id = IdField(required=False, default=None)
    group_id = IdField(required=False, default=None)
    team_id = IdField(required=False, default=None)
    role = serializers.ChoiceField(ROLE)
    can_download = serializers.BooleanField(default=True)
    expires_at = TimeField(required=False, default=None, allow_null=True, help_text="Until when; null: no end.")


class SpaceChangeInput(Input):
    """At least one of them."""

    name = NameField(required=False, default=None)
    open = serializers.BooleanField(required=False, default=None, allow_null=True)
    archived = serializers.BooleanField(
        required=False, default=None, allow_null=True, help_text="true: everybody reads on, nobody changes anything."
    )
    quota_bytes = serializers.IntegerField(
        min_value=0,
        max_value=sizes.MAXIMUM,
        required=False,
        allow_null=True,
        help_text="How much of the team's quota it may use; null is no limit. For who manages the team.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "quota_bytes" not in attrs and attrs["name"] is attrs["open"] is attrs["archived"] is None:
            raise serializers.ValidationError(_("Give at least one of name, open, archived, quota_bytes."))
        return attrs


class SpaceDeletionQuery(Input):
    name = NameField(help_text="That of the space, so that it is the one that is meant.")


class SpaceRestoreInput(Input):
    name = NameField(required=False, default=None, help_text="Another one, where its own is taken meanwhile.")


def subject_of(fields: dict[str, Any]) -> Subject:
    name = next(name for name in _SUBJECTS if fields[name] is not None)
    return Subject(SubjectKind(name.removesuffix("_id")), fields[name])
