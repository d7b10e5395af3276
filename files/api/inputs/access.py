"""Who is given what."""

from typing import Any

from rest_framework import serializers

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
    """A new name, or whether the whole team edits it."""

    name = NameField(required=False, default=None)
    open = serializers.BooleanField(required=False, default=None, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["name"] is None and attrs["open"] is None:
            raise serializers.ValidationError("Give a name, open or both.")
        return attrs


def subject_of(given: dict[str, Any]) -> Subject:
    name = next(name for name in _SUBJECTS if given[name] is not None)
    return Subject(SubjectKind(name.removesuffix("_id")), given[name])
