"""Metadata, folders and their pages; the journal, versions, spaces and rewinding."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common import ids
from files.api.inputs.moving import SHARE_VERSIONS
from files.queries.listing import ORDERS
from files.queries.target import Target
from files.queries.tree import clean_name
from http_kit.fields import (
    IdField,
    Input,
    NameField,
    PageInput,
    PathField,
    SpaceField,
    SpaceInput,
    TextField,
    TimeField,
)

MAXIMUM_WAIT = 30  # seconds


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


class FileLockInput(Input):
    """Until when."""

    expires_at = TimeField(help_text="At most 30 days from now.")


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


def target_of(fields: dict[str, Any]) -> Target:
    """Where something new goes. Raises InvalidName."""
    path = fields["path"] if fields.get("path") is not None else clean_name(fields["name"])
    return Target(path, fields["parent_id"], None if fields["parent_id"] else fields["space"])


class ChangesQuery(Input):
    cursor = TextField(
        maximum=4096, required=False, default=None, help_text="Where to go on; the beginning of the journal without it."
    )
    space = SpaceField(required=False, help_text="Without a cursor: the space; the home without it.")
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=500)
    wait = serializers.IntegerField(
        min_value=0, max_value=MAXIMUM_WAIT, default=0, help_text="Seconds to wait for the first change."
    )


class JournalQuery(PageInput, SpaceInput):
    pass


class RewindInput(Input):
    exactly_one = ("to", "seq")
    to = TimeField(required=False, help_text="The time to go back to.")
    seq = serializers.IntegerField(
        min_value=0, max_value=ids.MAXIMUM, required=False, help_text="Or the number of the last change to keep."
    )


class NewSpaceInput(Input):
    name = NameField()
