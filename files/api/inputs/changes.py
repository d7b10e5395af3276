"""The journal, versions, spaces, rewinding."""

from rest_framework import serializers

from common import ids
from http_kit.fields import Input, NameField, PageInput, SpaceField, SpaceInput, TextField, TimeField

MAXIMUM_WAIT = 30  # seconds


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
