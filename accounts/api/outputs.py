"""What the REST API of accounts gives. Ids are strings, as everywhere in the API."""

from datetime import datetime
from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.actions.tokens import SCOPE_ORDER
from accounts.invitations import state_of
from accounts.models import (
    AccessToken,
    AuditEvent,
    Group,
    GroupMember,
    Invitation,
    Membership,
    Role,
    SupportAccess,
    SupportConsent,
    SupportEnd,
    TeamPolicy,
    User,
)
from accounts.policies import SETTINGS
from accounts.queries import Account, last_seen_at
from accounts.support import state_of as support_state_of
from http_kit.fields import page_shape


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


class DeviceOutput(serializers.ModelSerializer[AccessToken]):
    """A device or token of somebody in the team, as its owners and administrators see it: nothing of the secret."""

    id = serializers.CharField()

    class Meta:
        model = AccessToken
        fields = ("id", "kind", "name", "client", "created_at", "expires_at", "last_used_at")


DevicePageOutput = page_shape(DeviceOutput)


class MemberOutput(serializers.Serializer[Membership]):
    id = serializers.CharField(source="user_id")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(Role.choices)
    active = serializers.BooleanField(source="user.is_active")
    joined_at = serializers.DateTimeField()
    last_seen_at = serializers.SerializerMethodField(help_text="Last sign-in or use of a token or device.")
    deleted_after = serializers.SerializerMethodField(help_text="Of who was removed: when the account is deleted.")
    usage = UsageOutput(source="user.quota")

    def get_last_seen_at(self, member: Membership) -> datetime | None:
        return last_seen_at(member)

    def get_deleted_after(self, member: Membership) -> datetime | None:
        return None if member.removed_at is None else member.removed_at + settings.ACCOUNT_DELETION_GRACE


class TeamDetailOutput(TeamOutput):
    usage = UsageOutput(source="quota")


class InvitationOutput(serializers.Serializer[Invitation]):
    """Nothing of it says whether there is an account with the address."""

    id = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(Role.choices)
    state = serializers.SerializerMethodField(help_text="open, expired, accepted, declined or withdrawn.")
    invited_by = serializers.EmailField(source="invited_by.email", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    def get_state(self, invitation: Invitation) -> str:
        return state_of(invitation)


class ManagedTeamOutput(TeamDetailOutput):
    """As administrators of the installation see it; `people` are active."""

    region = serializers.CharField()
    people = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class NewTeamOutput(serializers.Serializer[Any]):
    """`owner_id`, or the invitation of who becomes the owner."""

    team = TeamOutput()
    owner_id = serializers.CharField(source="owner.pk", default=None, allow_null=True)
    invitation = InvitationOutput(allow_null=True)


class GroupOutput(serializers.Serializer[Group]):
    id = serializers.CharField()
    name = serializers.CharField()
    people = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class GroupMemberOutput(serializers.Serializer[GroupMember]):
    id = serializers.CharField(source="user_id")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    active = serializers.BooleanField(source="user.is_active")
    added_at = serializers.DateTimeField()


class TeamEventOutput(serializers.Serializer[AuditEvent]):
    """`by`: team, link (who has one), visitor (nobody was signed in), installation (an administrator or a command; no
    more is told of them). Without an id: those are counted over all teams.
    """

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    target = serializers.CharField()
    detail = serializers.JSONField()
    by = serializers.CharField()
    actor_id = serializers.SerializerMethodField()
    actor_email = serializers.SerializerMethodField()
    client = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()

    def get_actor_id(self, event: AuditEvent) -> str | None:
        return str(event.actor_id) if event.by == "team" else None

    def get_actor_email(self, event: AuditEvent) -> str | None:
        return event.actor.email if event.by == "team" and event.actor else None

    def get_client(self, event: AuditEvent) -> str | None:
        return None if event.by == "installation" else event.client

    def get_address(self, event: AuditEvent) -> str | None:
        return None if event.by == "installation" else event.address


class AuditEventOutput(serializers.Serializer[AuditEvent]):
    """`principal`: user, link, nobody, or system:name. `position`, `digest` and `origin` are of the chain; null and
    empty until the job has sealed the act. `origin`: ours, earlier (written by the release before), foreign (not
    written by the product).
    """

    id = serializers.CharField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    target = serializers.CharField()
    detail = serializers.JSONField()
    principal = serializers.CharField()
    actor_id = serializers.CharField(allow_null=True)
    actor_email = serializers.EmailField(source="actor.email", default=None, allow_null=True)
    link_id = serializers.CharField(allow_null=True)
    grant_id = serializers.CharField(allow_null=True)
    team_id = serializers.CharField(allow_null=True)
    client = serializers.CharField()
    address = serializers.IPAddressField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    digest = serializers.CharField()
    origin = serializers.CharField()


TokenPageOutput = page_shape(TokenOutput)
MemberPageOutput = page_shape(MemberOutput)
InvitationPageOutput = page_shape(InvitationOutput)
ManagedTeamPageOutput = page_shape(ManagedTeamOutput)
GroupPageOutput = page_shape(GroupOutput)
GroupMemberPageOutput = page_shape(GroupMemberOutput)
TeamEventPageOutput = page_shape(TeamEventOutput)
AuditEventPageOutput = page_shape(AuditEventOutput)


class PolicyOutput(serializers.ModelSerializer[TeamPolicy]):
    """The policies of a team; null is no limit."""

    invitation_domains = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = TeamPolicy
        fields = (*SETTINGS, "second_factor_due_at")


class EndingOutput(serializers.Serializer[Any]):
    """How many things of one kind a change ends."""

    kind = serializers.CharField()
    title = serializers.CharField()
    count = serializers.IntegerField()
    comes_back = serializers.BooleanField(help_text="Loosening the policy brings them back.")


class AffectedOutput(serializers.Serializer[Any]):
    """One of them: whose, and what it is called, as far as that is no secret of theirs."""

    id = serializers.CharField()
    whose = serializers.CharField()
    what = serializers.CharField()


# `confirmation` is empty where the change ends nothing. `items` are of the `kind` that was asked for.
PolicyPreviewOutput = page_shape(
    AffectedOutput, endings=EndingOutput(many=True), confirmation=serializers.CharField(allow_blank=True)
)


class SupportPersonOutput(serializers.Serializer[User]):
    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()


class SupportAccessOutput(serializers.Serializer[SupportAccess]):
    """An administrator (`by`) asks to act as a person, acts, or has acted."""

    id = serializers.CharField()
    state = serializers.SerializerMethodField(help_text="asked, consented, running or over.")
    person = SupportPersonOutput()
    by = SupportPersonOutput()
    reason = serializers.CharField()
    minutes = serializers.IntegerField()
    may_write = serializers.BooleanField()
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="Until when it has to be answered, and then begun.")
    consent = serializers.ChoiceField(SupportConsent.choices, allow_blank=True)
    consented_by = SupportPersonOutput(allow_null=True)
    consented_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end = serializers.ChoiceField(SupportEnd.choices, allow_blank=True, help_text="Why it is over.")

    def get_state(self, access: SupportAccess) -> str:
        return support_state_of(access)


SupportAccessPageOutput = page_shape(SupportAccessOutput)
