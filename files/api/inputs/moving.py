"""Moving, copying and deleting, one or many."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from http_kit.fields import IdField, Input, PathField, SpaceField, SpaceInput, id_list, path_list

SHARE_VERSIONS = (
    "Of a move to another space: whoever sees the files there sees their earlier versions too. Without it, these stay "
    "those of the space that the files came from. Needs the right to manage the files."
)


class DestinationInput(SpaceInput):
    """A folder that exists."""

    exactly_one = ("parent_id", "path")
    parent_id = IdField(required=False)
    path = PathField(required=False)


class RelocationInput(SpaceInput):
    """Many (`ids` or `paths`, with `to`), or one (`from_path` or `from_id`, with `to_path`, its new name included)."""

    exactly_one = ("ids", "paths", "from_path", "from_id")
    ids = id_list(required=False)
    paths = path_list(required=False)
    to = DestinationInput(required=False)
    from_path = PathField(required=False)
    from_id = IdField(required=False)
    to_path = PathField(required=False, help_text="Missing folders on the way are made.")
    to_space = SpaceField(required=False, help_text="The space of to_path; `space` without it.")
    autorename = serializers.BooleanField(default=False)
    overwrite = serializers.BooleanField(default=False, help_text="What has the name goes to the trash.")
    share_versions = serializers.BooleanField(default=False, help_text=SHARE_VERSIONS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        many = "ids" in attrs or "paths" in attrs
        if many and ("to" not in attrs or "to_path" in attrs):
            raise serializers.ValidationError(_("ids and paths go with to."))
        if not many and ("to_path" not in attrs or "to" in attrs):
            raise serializers.ValidationError(_("from_path and from_id go with to_path."))
        return attrs


class CopyInput(RelocationInput):
    """As for a move; a copy has no earlier versions."""

    share_versions = None  # type: ignore[assignment]


class SelectionInput(SpaceInput):
    exactly_one = ("ids", "paths")
    ids = id_list(required=False)
    paths = path_list(required=False)


class TrashItemsInput(Input):
    ids = id_list(help_text="Ids of trash items, not of nodes.")


class RestoreInput(TrashItemsInput):
    parent_id = IdField(required=False, default=None, help_text="Into this folder instead of where each was.")
