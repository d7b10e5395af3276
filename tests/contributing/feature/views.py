"""Lower-case names over REST. In the product: files/api/views/lower_names.py."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from files.api.files_view import FilesView
from files.api.outputs import render, shapes
from http_kit.rendering import ApiResponse
from tests.contributing.feature.loud_names import loud_names
from tests.contributing.feature.lower_name import lower_name


class LoudNamesView(FilesView):
    @extend_schema(operation_id="loud_names", responses=shapes.NodeShape(many=True))
    def get(self, request: Request, node_id: int) -> ApiResponse:
        """Entries of a folder whose names are not in lower case."""
        found = loud_names(self.actor, folder_id=node_id)
        return ApiResponse({"items": [render.node(node, None) for node in found]})


class LowerNameView(FilesView):
    @extend_schema(operation_id="node_lower_name", request=None, responses=shapes.NodeShape)
    def post(self, request: Request, node_id: int) -> ApiResponse:
        """Give a file or folder its own name in lower case."""
        return ApiResponse(render.places([lower_name(self.actor, node_id=node_id)])[0])
