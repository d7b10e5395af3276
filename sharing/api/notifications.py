"""Notifications over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.fields import CharField, DateTimeField, IntegerField
from rest_framework.request import Request

from files.api.files_view import FilesView
from http_kit.api_view import ApiView
from http_kit.cursors import page_of
from http_kit.fields import Input, PageInput, Shape, id_list, page_shape
from http_kit.rendering import ApiResponse
from sharing.actions.notifications import mark_read, set_preferences
from sharing.api.activity import ActivityPersonShape
from sharing.api.rendering import Json, person, text_id, time
from sharing.models import MailChoice, Notification, NotificationKind
from sharing.queries.notification_texts import text_of
from sharing.queries.notifications import list_notifications, preferences_of


class NotificationsQuery(PageInput):
    """Which of them."""

    unread = serializers.BooleanField(default=False, help_text="Only those that are not read.")


class ReadInput(Input):
    """Exactly one of them."""

    exactly_one = ("ids", "all")
    ids = id_list(required=False, default=None, help_text="Those that were read. What is not one's own is left out.")
    all = serializers.BooleanField(required=False, default=None, allow_null=True, help_text="true: all of them.")

    def validate_all(self, value: bool | None) -> bool | None:
        return value or None


class PreferencesInput(Input):
    """Kinds that are not named stay as they are."""

    mail = serializers.DictField(
        child=serializers.ChoiceField(MailChoice.choices), help_text="By kind: `off`, `once` (at once) or `digest`."
    )

    def validate_mail(self, value: dict[str, str]) -> dict[NotificationKind, MailChoice]:
        if unknown := set(value) - set(NotificationKind.values):
            raise serializers.ValidationError(f"Unknown kinds: {', '.join(sorted(unknown))}.")
        return {NotificationKind(kind): MailChoice(mail) for kind, mail in value.items()}


class NotificationShape(Shape):
    id = CharField()
    kind = serializers.ChoiceField(NotificationKind.choices)
    text = CharField(help_text="A sentence: plain text.")
    by = ActivityPersonShape(allow_null=True)
    node_id = CharField(allow_null=True, help_text="What it is about; one may not see it any more.")
    created_at = DateTimeField()
    read_at = DateTimeField(allow_null=True)


class MarkedShape(Shape):
    marked = IntegerField(help_text="How many were unread until now.")


class PreferencesShape(Shape):
    mail = serializers.DictField(child=serializers.ChoiceField(MailChoice.choices), help_text="Every kind.")


NotificationPage = page_shape(NotificationShape)


@extend_schema(tags=["notifications"])
class NotificationsView(ApiView):
    @extend_schema(operation_id="notifications", parameters=[NotificationsQuery], responses=NotificationPage)
    def get(self, request: Request) -> ApiResponse:
        """What I was told, the latest first."""
        query = self.query(NotificationsQuery)
        rows = list_notifications(self.actor, only_unread=query["unread"])
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=f"notifications:{query['unread']}")
        return ApiResponse({"items": [_notification(row) for row in page.items], "next_cursor": page.next_cursor})


@extend_schema(tags=["notifications"])
class ReadView(FilesView):
    @extend_schema(
        operation_id="notifications_read",
        request=ReadInput,
        responses=MarkedShape,
        examples=[OpenApiExample("all", {"all": True}, request_only=True)],
    )
    def post(self, request: Request) -> ApiResponse:
        """Mark some of my notifications as read, or all of them."""
        fields = self.body(ReadInput)
        return ApiResponse({"marked": mark_read(self.actor, notification_ids=fields["ids"])})


@extend_schema(tags=["notifications"])
class PreferencesView(FilesView):
    @extend_schema(operation_id="notification_preferences", responses=PreferencesShape)
    def get(self, request: Request) -> ApiResponse:
        """Which notifications are mailed to me, and when."""
        return ApiResponse(_preferences(preferences_of(self.actor)))

    @extend_schema(
        operation_id="notification_preferences_change",
        request=PreferencesInput,
        responses=PreferencesShape,
        examples=[OpenApiExample("share", {"mail": {"share": "digest"}}, request_only=True)],
    )
    def patch(self, request: Request) -> ApiResponse:
        """Change when some kinds are mailed to me."""
        set_preferences(self.actor, mails=self.body(PreferencesInput)["mail"])
        return ApiResponse(_preferences(preferences_of(self.actor)))


def _notification(row: Notification) -> Json:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "text": text_of(row),
        "by": person(row.by),
        "node_id": text_id(row.node_id),
        "created_at": time(row.created_at),
        "read_at": time(row.read_at),
    }


def _preferences(found: dict[NotificationKind, MailChoice]) -> dict[str, Any]:
    return {"mail": {kind.value: mail.value for kind, mail in found.items()}}
