"""Activity over REST: mine, of a space, of a file or folder."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.fields import CharField, DateTimeField, IntegerField
from rest_framework.request import Request

from files.queries.tree import locate
from http_kit.api_view import ApiView
from http_kit.fields import IdField, Input, Shape, TextField, TimeField, page_shape
from http_kit.rendering import ApiResponse
from sharing import cursors
from sharing.api.rendering import Json, person, text_id, time
from sharing.queries.activity import (
    MAXIMUM_PAGE,
    PAGE,
    Activity,
    Asked,
    my_activity,
    node_activity,
    seen_in_home,
    space_activity,
)
from sharing.queries.activity_groups import ActivityKind, Group, Item
from sharing.queries.activity_texts import Subjects, subjects_of, summary, who


class ActivityQuery(Input):
    """Filters, and where the page begins."""

    person = IdField(required=False, default=None, help_text="The id of who did it.")
    kinds = TextField(maximum=200, required=False, default="", help_text="Kinds, separated by commas; all without it.")
    since = TimeField(required=False, default=None, help_text="From this time on.")
    until = TimeField(required=False, default=None, help_text="Before this time.")
    cursor = TextField(maximum=4096, required=False, default=None, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=MAXIMUM_PAGE, default=PAGE)

    def validate_kinds(self, value: str) -> frozenset[ActivityKind]:
        names = [name for name in value.split(",") if name]
        if unknown := set(names) - set(ActivityKind.values):
            raise serializers.ValidationError(f"Unknown kinds: {', '.join(sorted(unknown))}.")
        return frozenset(map(ActivityKind, names))


class ActivityPersonShape(Shape):
    id = CharField()
    name = CharField()


class ActivityItemShape(Shape):
    node_id = CharField()
    kind = serializers.ChoiceField([("file", "file"), ("folder", "folder")])
    name = CharField()
    path = CharField(help_text="Where it is since then, or was, as one sees it.")
    path_before = CharField(allow_null=True, help_text="Of what was moved or renamed.")


class ActivityFolderShape(Shape):
    path = CharField()
    node_id = CharField(allow_null=True)


class ActivityShareShape(Shape):
    with_kind = CharField(help_text="`user`, `group`, `team` or `link`.")
    with_id = CharField(allow_null=True)
    with_name = CharField()
    role = CharField(allow_blank=True)
    role_before = CharField(allow_null=True)


class ActivityShape(Shape):
    """What one person did of one kind, by one act or soon after one another."""

    id = CharField()
    kind = serializers.ChoiceField(ActivityKind.choices)
    summary = CharField(help_text="A sentence: plain text.")
    who = CharField(help_text="Who did it, in words.")
    actor = ActivityPersonShape(allow_null=True, help_text="null for a link, the system, and who is gone.")
    at = DateTimeField(help_text="Of the last of it.")
    since = DateTimeField(help_text="Of the first of it.")
    count = IntegerField()
    files = IntegerField()
    folders = IntegerField()
    items = ActivityItemShape(many=True, help_text="At most five, the latest first.")
    folder = ActivityFolderShape(allow_null=True, help_text="null where it was in several.")
    space_id = CharField()
    mount_id = CharField(allow_null=True, help_text="The mount that the paths lead through.")
    share = ActivityShareShape(allow_null=True, help_text="Of what was shared, or is no longer.")


ActivityPage = page_shape(ActivityShape)


class AskedView(ApiView):
    def asked(self, what: str) -> tuple[dict[str, Any], Asked, str]:
        """The query, what it asks for, and what its cursors are for."""
        query = self.query(ActivityQuery)
        asked = Asked(query["person"], query["kinds"], query["since"], query["until"])
        return query, asked, cursors.purpose_of(self.actor, what, asked)


@extend_schema(tags=["activity"])
class ActivityView(AskedView):
    @extend_schema(operation_id="activity", parameters=[ActivityQuery], responses=ActivityPage)
    def get(self, request: Request) -> ApiResponse:
        """What happened in my files and in what is mounted there, the latest first. A page may be empty and go on."""
        query, asked, purpose = self.asked("me")
        after = cursors.unseal(query["cursor"], purpose=purpose)
        return _answer(my_activity(self.actor, asked, after=after, limit=query["limit"]), purpose)


@extend_schema(tags=["activity"])
class NodeActivityView(AskedView):
    @extend_schema(operation_id="node_activity", parameters=[ActivityQuery], responses=ActivityPage)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """What happened to a file or folder, and to what is below it."""
        query, asked, purpose = self.asked(f"node {node_id}")
        after = cursors.unseal(query["cursor"], purpose=purpose)
        place = seen_in_home(self.actor, locate(self.actor, node_id))
        return _answer(node_activity(self.actor, place, asked, after=after, limit=query["limit"]), purpose)


@extend_schema(tags=["activity"])
class SpaceActivityView(AskedView):
    @extend_schema(operation_id="space_activity", parameters=[ActivityQuery], responses=ActivityPage)
    def get(self, request: Request, space_id: int) -> ApiResponse:
        """What happened in a space, by the paths in it."""
        query, asked, purpose = self.asked(f"space {space_id}")
        after = cursors.unseal(query["cursor"], purpose=purpose)
        found = space_activity(self.actor, asked, space_id=space_id, after=after, limit=query["limit"])
        return _answer(found, purpose)


def _answer(found: Activity, purpose: str) -> ApiResponse:
    subjects = subjects_of(found.groups)
    items = [_group(group, subjects) for group in found.groups]
    return ApiResponse({"items": items, "next_cursor": cursors.seal(found.end, purpose=purpose)})


def _group(group: Group, subjects: Subjects) -> Json:
    line = group.first
    return {
        "id": line.ref,
        "kind": group.kind.value,
        "summary": summary(group, subjects),
        "who": who(group),
        "actor": person(line.actor),
        "at": time(group.at),
        "since": time(group.since),
        "count": group.count,
        "files": group.files,
        "folders": group.folders,
        "items": [_item(item) for item in group.items],
        "folder": None if group.folder is None else {"path": group.folder, "node_id": text_id(group.folder_id)},
        "space_id": str(line.space_id),
        "mount_id": text_id(line.mount_id),
        "share": _share(group, subjects) if line.detail else None,
    }


def _item(item: Item) -> Json:
    return {
        "node_id": str(item.node_id),
        "kind": "folder" if item.is_folder else "file",
        "name": item.name,
        "path": item.path,
        "path_before": item.before or None,
    }


def _share(group: Group, subjects: Subjects) -> Json:
    detail = group.first.detail
    kind, pk = str(detail.get("subject") or ""), detail.get("id")
    return {
        "with_kind": kind,
        "with_id": text_id(pk),
        "with_name": subjects.get((kind, pk or 0), ""),
        "role": detail.get("role") or "",
        "role_before": detail.get("before"),
    }
