"""The shapes of uploads, for the schema."""

from rest_framework import serializers
from rest_framework.fields import CharField, DateTimeField, IntegerField

from files.api.inputs.uploads import MODES
from http_kit.fields import Shape, page_shape


class UploadBase(Shape):
    id = CharField()
    space_id = CharField()
    parent_id = CharField(allow_null=True)
    path = CharField(help_text="Relative to the parent.")
    length = IntegerField(allow_null=True)
    mode = serializers.ChoiceField(MODES)
    created_at = DateTimeField()
    expires_at = DateTimeField(help_text="A new piece moves it on.")
    finished_at = DateTimeField(allow_null=True)
    finished_node_id = CharField(allow_null=True)


class UploadShape(UploadBase):
    """An upload with what has arrived, in bytes."""

    received_bytes = IntegerField()


class ReservationShape(Shape):
    id = CharField()
    space_id = CharField(allow_null=True, help_text="Null in closed spaces, unless the upload is mine.")
    kind = CharField(help_text="By which endpoint: `api`, `tus`, …; `request`: one request that is in hand.")
    user_id = CharField(allow_null=True)
    email = CharField(allow_null=True)
    path = CharField(
        allow_null=True, help_text="Null in the homes of others and in closed spaces, unless the upload is mine."
    )
    client = CharField()
    length = IntegerField(allow_null=True)
    reserved_bytes = IntegerField(help_text="Of the quota.")
    received_bytes = IntegerField(help_text="In pieces that are complete.")
    created_at = DateTimeField()
    expires_at = DateTimeField()


class ProgressShape(UploadShape):
    offset = IntegerField(help_text="Bytes from the start without a gap.")
    received = serializers.ListField(
        child=serializers.ListField(child=IntegerField()), help_text="`[offset, length]`, at most 1000 of them."
    )
    missing = serializers.ListField(
        child=serializers.ListField(child=IntegerField()), help_text="`[offset, length]`, at most 1000 of them."
    )


UploadPage = page_shape(UploadShape)
ReservationPage = page_shape(ReservationShape)
