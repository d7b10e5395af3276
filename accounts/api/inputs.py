"""What the REST API of accounts takes."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.actions.tokens import SCOPE_ORDER
from accounts.models import Outside, Role
from accounts.models.policy import LONGEST_DAYS, LONGEST_GRACE, MAXIMUM_DOMAINS, MAXIMUM_TOKENS
from accounts.policies import MAXIMUM_DOMAIN
from accounts.support import LONGEST, LONGEST_REASON, SHORTEST
from accounts.teams import MAXIMUM_SEATS
from common import sizes
from http_kit.fields import IdField


class PageInput(serializers.Serializer[None]):
    cursor = serializers.CharField(required=False, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=100)


class TeamEventsInput(PageInput):
    """All that are given must fit."""

    since = serializers.DateTimeField(required=False, help_text="Not before this time.")
    until = serializers.DateTimeField(required=False, help_text="Before this time.")
    kind = serializers.CharField(
        required=False, max_length=50, help_text="Such as `token.create`, or `token` for all that begin so."
    )
    person = serializers.CharField(required=False, max_length=254, help_text="Who acted: an e-mail address or an id.")
    address = serializers.IPAddressField(required=False, help_text="Of the client.")
    target = serializers.CharField(required=False, max_length=200, help_text="A part of it, in any case.")


class EventsInput(TeamEventsInput):
    team_id = IdField(required=False)


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
            raise serializers.ValidationError(_("Give either role or active."))
        return attrs


class QuotaInput(serializers.Serializer[None]):
    limit_bytes = serializers.IntegerField(
        min_value=0, max_value=sizes.MAXIMUM, allow_null=True, help_text="null is no limit."
    )


class SeatsField(serializers.IntegerField):
    """How many people a team may have."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=1, max_value=MAXIMUM_SEATS, allow_null=True, help_text="null is no limit.", **options
        )


class NewTeamInput(serializers.Serializer[None]):
    name = serializers.CharField(max_length=200)
    owner = serializers.EmailField(
        max_length=254,
        help_text="Of an account that is alone in its team, which becomes the new one; else of somebody to be invited.",
    )
    seats = SeatsField(default=1)
    quota_bytes = serializers.IntegerField(
        min_value=0, max_value=sizes.MAXIMUM, allow_null=True, default=None, help_text="null is no limit."
    )
    region = serializers.CharField(max_length=50, allow_blank=True, default="", help_text="Empty: any pool.")


class TeamChangeInput(serializers.Serializer[None]):
    """At least one of the two."""

    name = serializers.CharField(max_length=200, required=False)
    seats = SeatsField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(_("Give name or seats."))
        return attrs


class NameInput(serializers.Serializer[None]):
    name = serializers.CharField(max_length=200, help_text="1 to 100 characters, kept in NFC.")


class InvitationInput(serializers.Serializer[None]):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(Role.choices, default=Role.MEMBER)


class DaysField(serializers.IntegerField):
    """A number of days."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LONGEST_DAYS, allow_null=True, required=False, **options)


class PolicyInput(serializers.Serializer[None]):
    """What is left out stays as it is."""

    external_links = serializers.ChoiceField(
        Outside.choices,
        required=False,
        help_text="Who may make links that open for others than the team; `nobody`: there are none.",
    )
    link_password_required = serializers.BooleanField(required=False)
    link_expiry_required = serializers.BooleanField(required=False)
    link_default_days = DaysField(help_text="After how many days a link ends that is made without an end; null: never.")
    link_longest_days = DaysField(help_text="After how many days every link ends; null: no limit.")
    webhooks = serializers.ChoiceField(
        Outside.choices, required=False, help_text="Whose webhooks are sent; `nobody`: none."
    )
    second_factor_required = serializers.BooleanField(
        required=False, help_text="Pages lead who has none to set one up; their clients are refused after the grace."
    )
    second_factor_grace_days = serializers.IntegerField(min_value=0, max_value=LONGEST_GRACE, required=False)
    tokens_per_person = serializers.IntegerField(
        min_value=1,
        max_value=MAXIMUM_TOKENS,
        allow_null=True,
        required=False,
        help_text="Devices and tokens of one person; what was not used for longest is ended. null: no limit.",
    )
    invitation_domains = serializers.ListField(
        child=serializers.CharField(max_length=MAXIMUM_DOMAIN),
        max_length=MAXIMUM_DOMAINS,
        required=False,
        help_text="Of the addresses that may be invited; empty: all.",
    )
    trash_days = DaysField(help_text="Where that is shorter than what the installation keeps; null: as long as that.")
    version_days = DaysField(help_text="The same for earlier versions.")
    support_by_two_admins = serializers.BooleanField(
        required=False, help_text="A second administrator may agree to a support access, besides the person and owners."
    )


class PolicyChangeInput(PolicyInput):
    confirmation = serializers.CharField(
        max_length=64, required=False, allow_blank=True, help_text="Of the preview, or of 409 `policy_would_end`."
    )


class PolicyPreviewQuery(PageInput):
    kind = serializers.CharField(
        max_length=40, required=False, help_text="One kind of `endings`: `items` is a page of what it ends."
    )


class SupportQuery(PageInput):
    about = serializers.ChoiceField(
        ["me", "mine", "team", "all"],
        default="me",
        help_text="`me`: of which I am the person; `mine`: that I have asked for; `team`: for owners and "
        "administrators of my team; `all`: for administrators of the installation.",
    )


class SupportRequestInput(serializers.Serializer[None]):
    user_id = IdField()
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="What the person, and the record, are told.")
    minutes = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST)
    may_write = serializers.BooleanField(default=False, help_text="To change files too, and not only to look.")


class SupportConsentInput(serializers.Serializer[None]):
    may_write = serializers.BooleanField(
        default=False, help_text="Files may be changed, where that was asked for; else it is to look only."
    )
