"""Webhooks as JSON: what comes in, and what goes out. Ids are strings, times RFC 3339 in UTC."""

from typing import Any

from rest_framework import serializers
from rest_framework.fields import BooleanField, CharField, DateTimeField, IntegerField

from http_kit.fields import IdField, Input, PageInput, Shape, TextField, TimeField
from sharing.actions.webhooks import WebhookSettings
from sharing.api.activity import ActivityPersonShape
from sharing.api.rendering import Json, person, text_id, time
from sharing.models import DeliveryKind, DeliveryState, OffReason, Webhook, WebhookAttempt, WebhookDelivery
from sharing.models.webhook import MAXIMUM_DESCRIPTION, MAXIMUM_URL
from sharing.queries.activity_groups import ActivityKind


class WebhooksQuery(PageInput):
    """All that I have made; with `space_id` those of a space that I manage; with `team` those of my team."""

    space_id = IdField(required=False, default=None, help_text="Of this space, whoever made them.")
    team = serializers.BooleanField(default=False, help_text="true: of my team, whoever made them.")


class KindsField(serializers.ListField):
    """Kinds of events."""

    child = serializers.ChoiceField(ActivityKind.choices)


class WebhookChangeInput(Input):
    """At least one of them. What is left out stays as it is."""

    url = TextField(maximum=MAXIMUM_URL, required=False, help_text="`https://…`, of a public address.")
    description = TextField(maximum=MAXIMUM_DESCRIPTION, required=False)
    kinds = KindsField(required=False, max_length=len(ActivityKind), help_text="Kinds of events; none is all of them.")
    on = serializers.BooleanField(required=False)
    from_now = serializers.BooleanField(
        default=False, help_text="When it is switched on: what happened meanwhile is not sent."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not set(attrs) - {"from_now"}:
            raise serializers.ValidationError("Give at least one of url, description, kinds, on.")
        return attrs


class WebhookInput(Input):
    """Of my home; with `space_id` of a space that I manage; with `team` of all spaces of my team that I see."""

    url = TextField(maximum=MAXIMUM_URL, help_text="`https://…`, of a public address.")
    description = TextField(maximum=MAXIMUM_DESCRIPTION, required=False, default="")
    kinds = KindsField(
        required=False, default=list, max_length=len(ActivityKind), help_text="Kinds of events; none is all of them."
    )
    on = serializers.BooleanField(required=False, default=True)
    space_id = IdField(required=False, default=None)
    team = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["team"] and attrs["space_id"] is not None:
            raise serializers.ValidationError("Give space_id or team, not both.")
        return attrs


class WebhookReplayInput(Input):
    since = TimeField(help_text="All that were made from this time on are sent again, in their order.")


class DeliveriesQuery(PageInput):
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)
    state = serializers.ChoiceField(DeliveryState.choices, required=False, default="", help_text="Only those.")


class WebhookShape(Shape):
    """Of one that somebody else has made, only what its place, its person and its host are."""

    id = CharField()
    is_mine = BooleanField(help_text="false: I can switch it off and delete it, and nothing else.")
    by = ActivityPersonShape(allow_null=True)
    url = CharField(allow_null=True)
    host = CharField()
    description = CharField()
    kinds = serializers.ListField(child=serializers.ChoiceField(ActivityKind.choices))
    space_id = CharField(allow_null=True)
    team_id = CharField(allow_null=True)
    on = BooleanField()
    off_reason = serializers.ChoiceField(
        OffReason.choices, allow_null=True, help_text="Why it was switched off by itself."
    )
    failing_since = DateTimeField(allow_null=True)
    next_try_at = DateTimeField(allow_null=True, help_text="Of one that fails: nothing is tried before.")
    delivered_at = DateTimeField(allow_null=True, help_text="The last success.")
    old_secret_until = DateTimeField(allow_null=True, help_text="Until then the secret before signs as well.")
    created_at = DateTimeField()


class NewWebhookShape(WebhookShape):
    secret = CharField(help_text="`whsec_…`: shown this once.")


class WebhookAttemptShape(Shape):
    at = DateTimeField()
    status = IntegerField(allow_null=True, help_text="Of the answer; null without one.")
    milliseconds = IntegerField()
    error = CharField(allow_blank=True, help_text="`timeout`, `connection`, `certificate`, `name_unknown`, …")
    answer = CharField(allow_blank=True, help_text="The first characters of it.")


class WebhookDeliveryShape(Shape):
    id = CharField()
    message_id = CharField(help_text="The header `webhook-id`: the same whenever it is sent.")
    kind = serializers.ChoiceField(DeliveryKind.choices)
    state = serializers.ChoiceField(DeliveryState.choices)
    space_id = CharField(allow_null=True)
    events = IntegerField(allow_null=True, help_text="In the message as it was sent last; null before.")
    tries = IntegerField(help_text="Since it was made, or asked for again.")
    created_at = DateTimeField()
    replayed_at = DateTimeField(allow_null=True, help_text="When it was asked for again.")
    attempts = WebhookAttemptShape(many=True, help_text="At most ten, the latest first.")


class WebhookReplayShape(Shape):
    deliveries = IntegerField(help_text="How many are sent again. Those that wait already are not counted.")


def settings_of(fields: dict[str, Any]) -> WebhookSettings:
    return WebhookSettings(
        fields.get("url"),
        fields.get("description"),
        fields.get("kinds"),
        fields.get("on"),
        fields.get("from_now", False),
    )


def webhook_json(row: Webhook, *, is_mine: bool) -> Json:
    return {
        "id": str(row.pk),
        "is_mine": is_mine,
        "by": person(row.user),
        "url": row.url if is_mine else None,
        "host": row.host,
        "description": row.description,
        "kinds": row.kinds,
        "space_id": text_id(row.space_id),
        "team_id": text_id(row.team_id),
        "on": row.is_on,
        "off_reason": row.off_reason or None,
        "failing_since": time(row.failing_since),
        "next_try_at": time(row.due_at),
        "delivered_at": time(row.delivered_at),
        "old_secret_until": time(row.old_secret_until),
        "created_at": time(row.created_at),
    }


def delivery_json(row: WebhookDelivery, attempts: list[WebhookAttempt]) -> Json:
    return {
        "id": str(row.pk),
        "message_id": f"msg_{row.pk}",
        "kind": row.kind,
        "state": row.state,
        "space_id": text_id(row.space_id),
        "events": row.events,
        "tries": row.tries,
        "created_at": time(row.created_at),
        "replayed_at": time(row.replayed_at),
        "attempts": [
            {
                "at": time(one.at),
                "status": one.status,
                "milliseconds": one.milliseconds,
                "error": one.error,
                "answer": one.answer,
            }
            for one in attempts
        ],
    }
