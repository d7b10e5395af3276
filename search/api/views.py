"""The REST view of searching."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from files.queries.tree import get_space
from http_kit.api_view import ApiView
from http_kit.rendering import ApiResponse
from search.api import inputs, outputs
from search.queries import search


@extend_schema(tags=["search"])
class SearchView(ApiView):
    @extend_schema(operation_id="search", parameters=[inputs.SearchQuery], responses=outputs.SearchShape)
    def get(self, request: Request) -> ApiResponse:
        """Find files and folders by name and by what is written in them. New files take a moment to appear."""
        query = self.query(inputs.SearchQuery)
        space_id = get_space(self.actor, query["space"]).pk if "space" in query else None
        found = search(
            self.actor,
            query["q"],
            wanted=inputs.wanted_of(query, space_id),
            order=query["order"],
            cursor=query["cursor"],
            limit=query["limit"],
        )
        return ApiResponse(outputs.page(found))
