"""What the REST API of accounts gives. Ids are strings, as everywhere in the API."""

from typing import Any

from rest_framework import serializers

from accounts.actions.create_token import SCOPE_ORDER
from accounts.models import AccessToken, Membership, Role
from accounts.queries import Account


class UsageOutput(serializers.Serializer[Any]):
    """By line of the ledger."""

    limit_bytes = serializers.IntegerField(allow_null=True)
    used_bytes = serializers.IntegerField()
    free_bytes = serializers.IntegerField(allow_null=True)
    live_bytes = serializers.IntegerField()
    versions_bytes = serializers.IntegerField()
    trash_bytes = serializers.IntegerField()
    uploads_bytes = serializers.IntegerField()
    nodes = serializers.IntegerField(help_text="Files and folders, in the trash too.")
    properties = serializers.IntegerField(help_text="Characters of WebDAV's dead properties.")


class TeamOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    seats = serializers.IntegerField(allow_null=True)


class AccountOutput(serializers.Serializer[Account]):
    """`free_bytes` is what can still be stored: the tighter of the account's and the team's limits."""

    id = serializers.CharField(source="user.pk")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    is_administrator = serializers.BooleanField(source="user.is_staff")
    team = TeamOutput()
    role = serializers.ChoiceField(Role.choices, source="actor.role")
    scopes = serializers.SerializerMethodField()
    usage = UsageOutput(source="quota")
    team_usage = UsageOutput(source="team_quota")
    free_bytes = serializers.IntegerField(allow_null=True)

    def get_scopes(self, account: Account) -> list[str]:
        return [scope for scope in SCOPE_ORDER if account.actor.may(scope)]


class TokenOutput(serializers.ModelSerializer[AccessToken]):
    id = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(SCOPE_ORDER))

    class Meta:
        model = AccessToken
        fields = ("id", "kind", "name", "hint", "scopes", "created_at", "expires_at", "last_used_at")


class NewTokenOutput(TokenOutput):
    """`token` is the secret; it is shown only in this answer."""

    token = serializers.CharField()

    class Meta:
        model = AccessToken
        fields = (*TokenOutput.Meta.fields, "token")


class TokenPageOutput(serializers.Serializer[Any]):
    items = TokenOutput(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class MemberOutput(serializers.Serializer[Membership]):
    id = serializers.CharField(source="user_id")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(Role.choices)
    active = serializers.BooleanField(source="user.is_active")
    joined_at = serializers.DateTimeField()
    usage = UsageOutput(source="user.quota")


class MemberPageOutput(serializers.Serializer[Any]):
    items = MemberOutput(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class TeamDetailOutput(TeamOutput):
    usage = UsageOutput(source="quota")
