"""Tags over REST."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.fields import CharField
from rest_framework.request import Request

from files.api.files_view import FilesView
from files.queries.tree import LocatedNode
from http_kit.fields import Input, Shape, TextField, page_shape
from http_kit.rendering import ApiResponse
from sharing.actions.tags import MAXIMUM_ON_NODE, set_tags
from sharing.api.rendering import Json
from sharing.models import MAXIMUM_TAG
from sharing.queries.tags import PAGE, all_tags, tagged, tags_of


class TagsInput(Input):
    """All of them, from now on."""

    tags = serializers.ListField(
        child=TextField(maximum=4 * MAXIMUM_TAG), max_length=MAXIMUM_ON_NODE, help_text="`Draft` and `draft` are one."
    )


class AllTagsQuery(Input):
    """Where to go on."""

    cursor = TextField(maximum=4096, required=False, default=None, help_text="`next_cursor` of the page before.")


class TaggedQuery(AllTagsQuery):
    """What has one tag."""

    tag = TextField(maximum=4 * MAXIMUM_TAG)
    limit = serializers.IntegerField(min_value=1, max_value=PAGE, default=PAGE)


class TagsShape(Shape):
    tags = serializers.ListField(child=CharField(), help_text="In their order.")


class TagShape(Shape):
    name = CharField()


TagPageShape = page_shape(TagShape)


class TaggedShape(Shape):
    node_id = CharField()
    kind = serializers.ChoiceField([("folder", "folder"), ("file", "file")])
    name = CharField()
    path = CharField(help_text="Where I find it.")
    space_id = CharField()


TaggedPageShape = page_shape(TaggedShape)


@extend_schema(tags=["tags"])
class NodeTagsView(FilesView):
    @extend_schema(operation_id="node_tags", responses=TagsShape)
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """The tags of a file or folder, for everybody who sees it."""
        return ApiResponse({"tags": tags_of(self.actor, node_id=node_id)})

    @extend_schema(
        operation_id="node_tags_set",
        request=TagsInput,
        responses=TagsShape,
        examples=[OpenApiExample("two", {"tags": ["draft", "2026"]}, request_only=True)],
    )
    def put(self, request: Request, node_id: int) -> ApiResponse:
        """Its tags from now on, for who may edit it. An empty list takes them all away."""
        return ApiResponse({"tags": set_tags(self.actor, node_id=node_id, names=self.body(TagsInput)["tags"])})


@extend_schema(tags=["tags"])
class AllTagsView(FilesView):
    @extend_schema(operation_id="tags", parameters=[AllTagsQuery], responses=TagPageShape)
    def get(self, request: Request) -> ApiResponse:
        """The tags of all that I see, by name. A page may be empty and go on."""
        found = all_tags(self.actor, cursor=self.query(AllTagsQuery)["cursor"])
        return ApiResponse({"items": [{"name": name} for name in found.names], "next_cursor": found.next_cursor})


@extend_schema(tags=["tags"])
class TaggedView(FilesView):
    @extend_schema(operation_id="tagged", parameters=[TaggedQuery], responses=TaggedPageShape)
    def get(self, request: Request) -> ApiResponse:
        """What has a tag, of all that I see. A page may be empty and go on."""
        query = self.query(TaggedQuery)
        found = tagged(self.actor, name=query["tag"], cursor=query["cursor"], limit=query["limit"])
        return ApiResponse({"items": [_place(place) for place in found.places], "next_cursor": found.next_cursor})


def _place(place: LocatedNode) -> Json:
    return {
        "node_id": str(place.node.pk),
        "kind": "folder" if place.node.is_folder else "file",
        "name": place.outer.node.name or place.space.name,
        "path": place.path,
        "space_id": str(place.space.pk),
    }
