"""Bulk uploads."""

from rest_framework import serializers

from http_kit.fields import IdField, PathField, SpaceInput


class BulkQuery(SpaceInput):
    """The folder by `parent_id` or by `path`; the top folder without both. It must exist."""

    path = PathField(required=False, default="/")
    parent_id = IdField(required=False, default=None)
    mode = serializers.ChoiceField([("overwrite", "overwrite"), ("create", "create")], default="overwrite")
    autorename = serializers.BooleanField(default=False)
    manifest = serializers.BooleanField(default=False, help_text="The first part of multipart/form-data is a manifest.")
