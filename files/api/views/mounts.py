"""What is mounted in one's home, hidden mounts included."""

from drf_spectacular.utils import extend_schema
from rest_framework.fields import CharField, DateTimeField
from rest_framework.request import Request

from files.actions.mounts import bring_back
from files.api.files_view import FilesView
from files.api.outputs import render, shapes
from files.api.outputs.shapes import Shape, TargetShape
from files.queries.mount_list import MountEntry, list_mounts
from http_kit.rendering import ApiResponse


class MountShape(Shape):
    """`node_id` and `path` are null while it is hidden."""

    id = CharField()
    name = CharField(help_text="Of the space or the folder that it stands for.")
    target = TargetShape()
    node_id = CharField(allow_null=True, help_text="Its folder in my home: renamed, moved and deleted by this id.")
    path = CharField(allow_null=True)
    hidden_at = DateTimeField(allow_null=True, help_text="When I deleted its folder.")
    created_at = DateTimeField()


class MountList(Shape):
    items = MountShape(many=True)


@extend_schema(tags=["mounts"])
class MountsView(FilesView):
    @extend_schema(operation_id="mount_list", responses=MountList)
    def get(self, request: Request) -> ApiResponse:
        """What is shared with me and mounted in my home, and what I have hidden by deleting it there."""
        return ApiResponse({"items": [_mount(entry) for entry in list_mounts(self.actor)]})


@extend_schema(tags=["mounts"])
class BringBackView(FilesView):
    @extend_schema(operation_id="mount_bring_back", request=None, responses=shapes.NodeShape)
    def post(self, request: Request, mount_id: int) -> ApiResponse:
        """Make the folder of a hidden mount again, at the top of my home. One that is there stays as it is."""
        place = bring_back(self.actor, mount_id=mount_id)
        return ApiResponse(render.place(place), headers={"ETag": place.etag})


def _mount(entry: MountEntry) -> render.Json:
    row, place = entry.row, entry.place
    return {
        "id": str(row.pk),
        "name": entry.name,
        "target": {"node_id": str(row.target_id), "space_id": str(entry.space.pk)},
        "node_id": None if place is None else str(place.node.pk),
        "path": None if place is None else place.path,
        "hidden_at": render.time(row.hidden_at),
        "created_at": render.time(row.created_at),
    }
