"""Reminders over REST."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.fields import CharField, DateTimeField
from rest_framework.request import Request

from files.api.files_view import FilesView
from http_kit.fields import Input, PageInput, Shape, TextField, TimeField, page_shape
from http_kit.rendering import ApiResponse
from sharing.actions.reminders import remove_reminder, set_reminder
from sharing.api.rendering import Json, text_id, time
from sharing.models import MAXIMUM_NOTE, Reminder
from sharing.queries.reminders import Planned, reminder_of, reminders_of


class ReminderInput(Input):
    """When, and what about it."""

    at = TimeField(help_text="Within five years.")
    note = TextField(maximum=MAXIMUM_NOTE, required=False, default="", help_text="One line.")


class RemindersQuery(PageInput):
    """Which of them."""


class ReminderShape(Shape):
    id = CharField()
    node_id = CharField()
    name = CharField(allow_null=True, help_text="null while I do not see it, or it is in the trash.")
    path = CharField(allow_null=True, help_text="Where I find it.")
    at = DateTimeField()
    note = CharField()
    created_at = DateTimeField()


ReminderPage = page_shape(ReminderShape)


@extend_schema(tags=["reminders"])
class RemindersView(FilesView):
    @extend_schema(operation_id="reminders", parameters=[RemindersQuery], responses=ReminderPage)
    def get(self, request: Request) -> ApiResponse:
        """What I am going to be reminded of."""
        query = self.query(RemindersQuery)
        found = reminders_of(self.actor, cursor=query["cursor"], limit=query["limit"])
        return ApiResponse({"items": [_planned(one) for one in found.items], "next_cursor": found.next_cursor})


@extend_schema(tags=["reminders"])
class NodeRemindersView(FilesView):
    @extend_schema(
        operation_id="reminder_create",
        request=ReminderInput,
        responses={201: ReminderShape},
        examples=[OpenApiExample("friday", {"at": "2026-12-18T09:00:00Z", "note": "sign it"}, request_only=True)],
    )
    def post(self, request: Request, node_id: int) -> ApiResponse:
        """Remind me of a file or folder at a time: by a notification, and by mail as I wish."""
        fields = self.body(ReminderInput)
        made = set_reminder(self.actor, node_id=node_id, at=fields["at"], note=fields["note"])
        body = _planned(reminder_of(self.actor, reminder_id=made.pk))
        headers = {"Location": f"/api/v1/reminders/{made.pk}"}
        return ApiResponse(body, status=status.HTTP_201_CREATED, headers=headers)


@extend_schema(tags=["reminders"])
class ReminderView(FilesView):
    @extend_schema(operation_id="reminder_get", responses=ReminderShape)
    def get(self, request: Request, reminder_id: int) -> ApiResponse:
        """One of mine."""
        return ApiResponse(_planned(reminder_of(self.actor, reminder_id=reminder_id)))

    @extend_schema(operation_id="reminder_delete", responses={204: None})
    def delete(self, request: Request, reminder_id: int) -> ApiResponse:
        """Take back one of mine."""
        remove_reminder(self.actor, reminder_id=reminder_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


def _planned(one: Planned) -> Json:
    row: Reminder = one.reminder
    place = one.place
    return {
        "id": str(row.pk),
        "node_id": text_id(row.node_id),
        "name": None if place is None else place.outer.node.name or place.space.name,
        "path": None if place is None else place.path,
        "at": time(row.at),
        "note": row.note,
        "created_at": time(row.created_at),
    }
