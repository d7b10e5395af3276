"""Upload sessions and bulk uploads."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common import sizes
from files.actions.uploads import UploadOptions
from files.api.inputs.nodes import target_of
from files.blobs.checksums import LENGTHS
from files.tree.writing import Mode
from http_kit.fields import IdField, NameField, PathField, SpaceInput, TextField, TimeField

PROTOCOL = "api"
MODES = [(mode.value, mode.value) for mode in Mode]


class ChecksumsField(serializers.DictField):
    """Hex by algorithm."""

    child = TextField(maximum=128)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and len(data) > len(LENGTHS):
            raise serializers.ValidationError(_("Too many checksums."))
        return super().to_internal_value(data)


class UploadInput(SpaceInput):
    """At `path` (below `parent_id` if that is given), or called `name` in `parent_id`."""

    exactly_one = ("path", "name")
    path = PathField(required=False, help_text="Missing folders on the way are made when the upload is finished.")
    parent_id = IdField(required=False, default=None)
    name = NameField(required=False)
    length = serializers.IntegerField(
        min_value=0, max_value=sizes.MAXIMUM, allow_null=True, default=None, help_text="Bytes; null: not known yet."
    )
    mode = serializers.ChoiceField(MODES, default=Mode.OVERWRITE.value)
    autorename = serializers.BooleanField(default=False)
    base_version = IdField(required=False, default=None, help_text="For `update`: the version that it replaces.")
    modified_at = TimeField(required=False, allow_null=True, default=None)
    checksums = ChecksumsField(required=False, default=dict, help_text="Hex by algorithm, of the whole file.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if (attrs["mode"] == Mode.UPDATE) != (attrs["base_version"] is not None):
            raise serializers.ValidationError(_("base_version goes with mode update."))
        return attrs


class FinishInput(serializers.Serializer[Any]):
    length = serializers.IntegerField(
        min_value=0, max_value=sizes.MAXIMUM, required=False, help_text="Of an upload that was begun without one."
    )
    checksums = ChecksumsField(required=False, default=dict)


def options_of(fields: dict[str, Any]) -> UploadOptions:
    return UploadOptions(
        target=target_of(fields),
        length=fields["length"],
        mode=Mode(fields["mode"]),
        autorename=fields["autorename"],
        base_version_id=fields["base_version"],
        modified_at=fields["modified_at"],
        expected=fields["checksums"],
        protocol=PROTOCOL,
    )


class BulkQuery(SpaceInput):
    """The folder by `parent_id` or by `path`; the top folder without both. It must exist."""

    path = PathField(required=False, default="/")
    parent_id = IdField(required=False, default=None)
    mode = serializers.ChoiceField([("overwrite", "overwrite"), ("create", "create")], default="overwrite")
    autorename = serializers.BooleanField(default=False)
    manifest = serializers.BooleanField(default=False, help_text="The first part of multipart/form-data is a manifest.")
