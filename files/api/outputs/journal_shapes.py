"""The shapes of the journal, of spaces' usage and of rewinding, for the schema."""

from rest_framework import serializers
from rest_framework.fields import CharField, DateTimeField, IntegerField

from accounts.api.outputs import UsageOutput
from files.api.outputs.shapes import KIND, PersonShape
from files.models import ChangeKind
from http_kit.fields import Shape, page_shape


class ChangedNodeShape(Shape):
    id = CharField()
    kind = serializers.ChoiceField(KIND)


class SpotShape(Shape):
    path = CharField()
    name = CharField()
    parent_id = CharField()
    version_id = CharField(allow_null=True)


class ChangedTargetShape(Shape):
    node_id = CharField()


class ChangeShape(Shape):
    """A change of a folder is one of all below it: a moved, copied or deleted tree is one line."""

    seq = IntegerField(help_text="Without gaps in its space.")
    space_id = CharField()
    kind = serializers.ChoiceField(ChangeKind.choices)
    node = ChangedNodeShape()
    before = SpotShape(allow_null=True, help_text="null for what was not there.")
    after = SpotShape(allow_null=True, help_text="null for what is not.")
    target = ChangedTargetShape(allow_null=True, help_text="Of a mount: what it stands for.")
    mount_id = CharField(allow_null=True, help_text="The mount that the paths lead through.")
    size = IntegerField()
    actor = PersonShape(allow_null=True)
    client = CharField()
    at = DateTimeField()
    batch = CharField(allow_null=True, help_text="The same for all lines of one act.")


class ChangesShape(Shape):
    changes = ChangeShape(many=True)
    cursor = CharField(help_text="For the next request; keep it.")
    has_more = serializers.BooleanField()


class CursorShape(Shape):
    cursor = CharField()


class RewoundShape(Shape):
    undo_seq = IntegerField(help_text="Rewinding the same folder to this number undoes it.")
    trashed = IntegerField()
    restored = IntegerField()
    moved = IntegerField()
    rewritten = IntegerField()
    lost = serializers.ListField(child=CharField(), help_text="Paths that were purged and cannot come back.")


class UsageShape(Shape):
    account = UsageOutput()
    team = UsageOutput()
    free_bytes = IntegerField(allow_null=True, help_text="What can still be stored: the tighter limit; null: no limit.")


JournalPage = page_shape(ChangeShape)
