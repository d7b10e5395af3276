"""What the REST API of accounts takes."""

from typing import Any

from rest_framework import serializers

from accounts.actions.create_token import SCOPE_ORDER
from accounts.models import Role
from common import sizes


class PageInput(serializers.Serializer[None]):
    cursor = serializers.CharField(required=False, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=100)


class NewTokenInput(serializers.Serializer[None]):
    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.ChoiceField(SCOPE_ORDER), allow_empty=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class NewMemberInput(serializers.Serializer[None]):
    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    role = serializers.ChoiceField(Role.choices, default=Role.MEMBER)
    password = serializers.CharField(
        max_length=4096,
        required=False,
        allow_null=True,
        default=None,
        trim_whitespace=False,
        write_only=True,
        help_text="Without one, the person sets it by the password reset.",
    )


class MemberChangeInput(serializers.Serializer[None]):
    """One of the two."""

    role = serializers.ChoiceField(Role.choices, required=False)
    active = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give either role or active.")
        return attrs


class QuotaInput(serializers.Serializer[None]):
    limit_bytes = serializers.IntegerField(
        min_value=0, max_value=sizes.MAXIMUM, allow_null=True, help_text="null is no limit."
    )
