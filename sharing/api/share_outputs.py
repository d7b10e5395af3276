"""Shares as JSON, and their shapes for the schema. Ids are strings, times RFC 3339 in UTC."""

from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers
from rest_framework.fields import CharField, DateTimeField, IntegerField

from accounts.models import User
from files.access.rights import ALL_RIGHTS, Role, names_of
from files.models import SpaceKind
from http_kit.fields import Shape
from sharing.queries.opening import Opening
from sharing.queries.shares import SharedNode, SharePage

Json = dict[str, Any]
RIGHT = [(name, name) for name in names_of(ALL_RIGHTS)]
ROLE = [(role.value, role.value) for role in Role]


class ShareOwnerShape(Shape):
    """Of a home its person; of a team's space the team, which has no id here."""

    id = CharField(allow_null=True)
    name = CharField()


class ShareGranteeShape(Shape):
    """With whom. An address that waits for somebody has no id."""

    kind = serializers.ChoiceField([(kind, kind) for kind in ("user", "group", "team", "email")])
    id = CharField(allow_null=True)
    name = CharField()
    email = CharField(allow_null=True, help_text="Of a person.")


class ShareShape(Shape):
    """`id` is that of the grant (`DELETE /grants/<id>`); the one that a waiting share will have."""

    id = CharField()
    state = serializers.ChoiceField([("active", "active"), ("waiting", "waiting")])
    node_id = CharField()
    kind = serializers.ChoiceField([("folder", "folder"), ("file", "file")])
    name = CharField(help_text="As I see it: of a mount its own name.")
    path = CharField(
        help_text="Where I find it. It begins in my home where it leads through a mount, else in the space."
    )
    space_id = CharField()
    mount_id = CharField(allow_null=True, help_text="The mount in my home that `path` leads through.")
    owner = ShareOwnerShape()
    grantee = ShareGranteeShape()
    role = serializers.ChoiceField(ROLE)
    rights = serializers.ListField(child=serializers.ChoiceField(RIGHT))
    can_download = serializers.BooleanField()
    can_share = serializers.BooleanField(help_text="Of an editor.")
    expires_at = DateTimeField(allow_null=True)
    message = CharField()
    created_at = DateTimeField()
    created_by = ShareOwnerShape(allow_null=True)


class OpeningShape(Shape):
    """What a share would open to somebody: counted as I see it."""

    waits = serializers.BooleanField(help_text="Nobody in the team has the address: they would be invited first.")
    rights = serializers.ListField(child=serializers.ChoiceField(RIGHT), help_text="That the share gives.")
    rights_before = serializers.ListField(child=serializers.ChoiceField(RIGHT), help_text="Of a person: had already.")
    rights_new = serializers.ListField(child=serializers.ChoiceField(RIGHT))
    items = IntegerField(help_text="Files and folders that the share reaches, with the one that is shared.")
    bytes = IntegerField()
    items_before = IntegerField(help_text="Of these a person sees so many already.")
    items_new = IntegerField()
    people = IntegerField(help_text="Who get it.")
    people_before = IntegerField(help_text="Of these so many reach it already.")
    restricted = IntegerField(help_text="Restricted folders below that stay closed; they are not counted.")


def time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def page(found: SharePage) -> Json:
    return {"items": [share(item) for item in found.items], "next_cursor": found.next_cursor}


def share(found: SharedNode) -> Json:
    place = found.place
    mount = place.mount
    is_mounted = mount is not None and place.node.pk == mount.node.target_id
    return {
        "id": str(found.id),
        "state": "waiting" if found.is_waiting else "active",
        "node_id": str(place.node.pk),
        "kind": "folder" if place.node.is_folder else "file",
        "name": mount.node.name if mount is not None and is_mounted else place.node.name or place.space.name,
        "path": place.path,
        "space_id": str(place.space.pk),
        "mount_id": None if mount is None or not place.way_is_seen else str(mount.node.pk),
        "owner": _owner(found),
        "grantee": _grantee(found),
        "role": found.role.value,
        "rights": names_of(found.rights),
        "can_download": found.can_download,
        "can_share": found.can_share,
        "expires_at": time(found.expires_at),
        "message": found.message,
        "created_at": time(found.created_at),
        "created_by": person(found.created_by),
    }


def opening(found: Opening) -> Json:
    return {
        "waits": found.waits,
        "rights": names_of(found.rights),
        "rights_before": names_of(found.rights_before),
        "rights_new": names_of(found.rights_new),
        "items": found.items,
        "bytes": found.size,
        "items_before": found.items_before,
        "items_new": found.items_new,
        "people": found.people,
        "people_before": found.people_before,
        "restricted": found.restricted,
    }


def _owner(found: SharedNode) -> Json:
    space = found.place.space
    if space.kind == SpaceKind.HOME and space.owner is not None:
        return {"id": str(space.owner.pk), "name": space.owner.get_full_name()}
    return {"id": None, "name": space.team.name}


def _grantee(found: SharedNode) -> Json:
    return {
        "kind": "email" if found.kind is None else found.kind.value,
        "id": None if found.subject_id is None else str(found.subject_id),
        "name": found.name,
        "email": found.email or None,
    }


def person(user: User | None) -> Json | None:
    return None if user is None else {"id": str(user.pk), "name": user.get_full_name()}
