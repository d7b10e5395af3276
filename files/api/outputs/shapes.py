"""The shapes of the answers, for the schema."""

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.fields import CharField, DateTimeField, IntegerField

from files.access.rights import ALL_RIGHTS, Role, names_of
from files.models import SpaceKind
from http_kit.fields import Shape, list_shape, page_shape

KIND = [("folder", "folder"), ("file", "file")]
ROLE = [(role.value, role.value) for role in Role]
RIGHT = [(name, name) for name in names_of(ALL_RIGHTS)]


class TargetShape(Shape):
    """The folder or the file of another space that a mount stands for."""

    node_id = CharField()
    space_id = CharField()


class NodeShape(Shape):
    """A file or a folder. `path` is null where it is not known (in the trash)."""

    id = CharField()
    kind = serializers.ChoiceField(KIND)
    name = CharField(help_text="Empty for the top folder.")
    path = CharField(allow_null=True)
    parent_id = CharField(allow_null=True)
    space_id = CharField()
    size = IntegerField(help_text="Bytes; of a folder, of all files below it.")
    etag = CharField(help_text="Of a folder: changes with anything below it.")
    created_at = DateTimeField()
    modified_at = DateTimeField(help_text="The client's time where it gave one.")
    version_id = CharField(allow_null=True, help_text="Of a file.")
    content_hash = CharField(allow_null=True, help_text="SHA-256 over the SHA-256 digests of the 4 MiB blocks.")
    media_type = CharField(allow_null=True)
    checksums = serializers.DictField(child=CharField(), allow_null=True, help_text="Hex by algorithm.")
    descendants = IntegerField(allow_null=True, help_text="Of a folder: nodes below it.")
    target = TargetShape(allow_null=True, help_text="Of a mount: what it stands for.")
    mount_id = CharField(
        allow_null=True, help_text="The mount that `path` leads through; null: it begins at the top of `space_id`."
    )


class PersonShape(Shape):
    id = CharField()
    name = CharField()


class LockShape(Shape):
    """A lock until it expires or is removed. Of a `personal` one (`POST /nodes/<id>/lock`) everything that its holder
    changes is let in; one that a WebDAV client has taken asks for its token.
    """

    holder = PersonShape(allow_null=True, help_text="null for a visitor of a link.")
    client = CharField(help_text="The program that took it, as it names itself.")
    scope = serializers.ChoiceField([("exclusive", "exclusive"), ("shared", "shared")])
    depth = serializers.ChoiceField([("0", "0"), ("infinity", "infinity")])
    personal = serializers.BooleanField(help_text="Taken by a person for themselves.")
    inherited = serializers.BooleanField(help_text="It was taken on a folder above.")
    created_at = DateTimeField()
    expires_at = DateTimeField()


class NodeDetailsShape(NodeShape):
    lock = LockShape(allow_null=True)
    rights = serializers.ListField(child=serializers.ChoiceField(RIGHT), help_text="See `GET /nodes/<id>/access`.")


class WrittenShape(NodeShape):
    created = serializers.BooleanField(help_text="False: a new version of a file that was there.")
    changed = serializers.BooleanField(help_text="False: the same bytes were there already.")


class MovedShape(NodeShape):
    path_before = CharField()


class PastNodeShape(Shape):
    id = CharField()
    kind = serializers.ChoiceField(KIND)
    name = CharField()
    path = CharField(allow_null=True)
    parent_id = CharField()
    space_id = CharField()
    size = IntegerField()
    version_id = CharField(allow_null=True)
    purged = serializers.BooleanField(help_text="It can no longer be brought back.")


class TrashItemShape(Shape):
    id = CharField(help_text="Of the trash item; the node's is in `node`.")
    space_id = CharField()
    path = CharField(help_text="Where it was.")
    deleted_at = DateTimeField()
    deleted_by = PersonShape(allow_null=True)
    node = NodeShape()


class VersionShape(Shape):
    id = CharField()
    node_id = CharField()
    is_current = serializers.BooleanField()
    size = IntegerField()
    content_hash = CharField()
    media_type = CharField()
    checksums = serializers.DictField(child=CharField())
    created_at = DateTimeField()
    modified_at = DateTimeField()
    author = PersonShape(allow_null=True)
    client = CharField()


class SpaceShape(Shape):
    id = CharField()
    kind = serializers.ChoiceField(SpaceKind.choices)
    name = CharField()
    root_id = CharField()
    open = serializers.BooleanField(
        help_text="Of a team: all its members edit it; otherwise only who is granted a role."
    )
    seq = IntegerField(allow_null=True, help_text="The number of the last change; null: I see nothing in the space.")
    size = IntegerField(allow_null=True, help_text="Of what I see in it; null: nothing.")
    quota_bytes = IntegerField(allow_null=True, help_text="Of a team: how much of its quota the space may use.")
    archived_at = DateTimeField(allow_null=True, help_text="Since then nothing in it changes.")
    deleted_at = DateTimeField(allow_null=True, help_text="Since then nobody sees it, until it is restored or purged.")
    created_at = DateTimeField()


class ProblemKindShape(Shape):
    code = CharField()
    status = IntegerField()
    title = CharField()


class ListingShape(Shape):
    """One page of a folder."""

    folder = NodeShape()
    items = NodeShape(many=True)
    next_cursor = CharField(allow_null=True)


class PastListingShape(Shape):
    """One page of a folder as of a time; `folder` is null."""

    folder = NodeShape(allow_null=True)
    items = PastNodeShape(many=True)
    next_cursor = CharField(allow_null=True)


LISTING = PolymorphicProxySerializer("FolderListing", [ListingShape, PastListingShape], None, many=False)


ProblemKindList = list_shape(ProblemKindShape)
NodeList = list_shape(NodeShape)


class CopyingList(Shape):
    items = NodeShape(many=True)
    copy_id = CharField()


MovedList = list_shape(MovedShape)
TrashItemPage = page_shape(TrashItemShape)
TrashItemList = list_shape(TrashItemShape)
VersionPage = page_shape(VersionShape)
SpaceList = list_shape(SpaceShape)


class PurgedShape(Shape):
    purged = IntegerField()


class ProblemShape(Shape):
    """RFC 9457. `code` is stable; further members say more for a machine (`limit`, `missing`, `offset`, …)."""

    type = CharField()
    title = CharField()
    status = IntegerField()
    code = CharField()
    detail = CharField()
