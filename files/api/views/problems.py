"""The table of problems."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from files.api.outputs import shapes
from http_kit.problem_table import TABLE
from http_kit.problems import in_language_of
from http_kit.rendering import AlwaysJSON


@extend_schema(tags=["problems"], auth=[])
class ProblemsView(APIView):
    """What `type` of a problem points to."""

    authentication_classes = ()
    permission_classes = ()
    content_negotiation_class = AlwaysJSON
    metadata_class = None

    @extend_schema(operation_id="problems", responses=shapes.ProblemKindList)
    def get(self, request: Request) -> Response:
        """Every code that an answer of this API can have."""
        with in_language_of(request._request):
            items = [
                {"code": code, "status": int(status), "title": str(title)} for code, (status, title) in TABLE.items()
            ]
        return Response({"items": items})
