"""Metadata, folders and their pages."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from files.api.inputs.moving import SHARE_VERSIONS
from files.queries.listing import ORDERS
from files.queries.target import Target
from files.queries.tree import clean_name
from http_kit.fields import IdField, Input, NameField, PageInput, PathField, SpaceInput, TimeField


class SpacePageQuery(PageInput, SpaceInput):
    """A page of what a space has."""


class MetadataQuery(SpaceInput):
    path = PathField(required=False, default="/")


class ListingQuery(PageInput):
    order = serializers.ChoiceField(sorted(ORDERS), default="name", help_text="Folders come first in every order.")
    at = TimeField(
        required=False, default=None, help_text="As it was at this time, by name; only `cursor` and `limit` go along."
    )


class ListingByPathQuery(ListingQuery, SpaceInput):
    path = PathField(required=False, default="/")


class NewFolderInput(SpaceInput):
    """At `path` (below `parent_id` if that is given), or called `name` in `parent_id`."""

    exactly_one = ("path", "name")
    path = PathField(required=False)
    parent_id = IdField(required=False, default=None)
    name = NameField(required=False)
    autorename = serializers.BooleanField(default=False)
    exist_ok = serializers.BooleanField(default=False)


class NodeChangeInput(Input):
    """A new name, another folder, or both."""

    name = NameField(required=False, default=None)
    parent_id = IdField(required=False, default=None)
    autorename = serializers.BooleanField(default=False)
    overwrite = serializers.BooleanField(default=False, help_text="What has the name goes to the trash.")
    share_versions = serializers.BooleanField(default=False, help_text=SHARE_VERSIONS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["name"] is None and attrs["parent_id"] is None:
            raise serializers.ValidationError(_("Give a name, a parent_id or both."))
        return attrs


def target_of(given: dict[str, Any]) -> Target:
    """Where something new goes. Raises InvalidName."""
    path = given["path"] if given.get("path") is not None else clean_name(given["name"])
    return Target(path, given["parent_id"], None if given["parent_id"] else given["space"])
