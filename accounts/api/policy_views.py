"""REST views of the policies of a team."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from accounts.actions.policies import change_policy
from accounts.api import inputs, outputs
from accounts.api.paging import Page, page_of
from accounts.policies import Preview
from accounts.queries import policy_of, policy_preview
from http_kit.api_view import ApiView
from http_kit.rendering import ApiResponse

_TIGHTER = {"external_links": "admins", "link_password_required": True, "link_longest_days": 90}


@extend_schema(tags=["team"])
class PoliciesView(ApiView):
    @extend_schema(operation_id="team_policies_get", responses=outputs.PolicyOutput)
    def get(self, request: Request) -> ApiResponse:
        """Of my team; for its owners and administrators."""
        return ApiResponse(outputs.PolicyOutput(policy_of(self.actor)).data)

    @extend_schema(
        operation_id="team_policies_change",
        request=inputs.PolicyChangeInput,
        responses=outputs.PolicyOutput,
        examples=[OpenApiExample("tighter ones for links", _TIGHTER, request_only=True)],
    )
    def patch(self, request: Request) -> ApiResponse:
        """Change some. What ends something by that needs the `confirmation` of the preview, else it is 409
        `policy_would_end`, with the numbers and the confirmation.
        """
        fields = self.body(inputs.PolicyChangeInput)
        confirmation = fields.pop("confirmation", "")
        return ApiResponse(
            outputs.PolicyOutput(change_policy(self.actor, changes=fields, confirmation=confirmation)).data
        )


@extend_schema(tags=["team"])
class PolicyPreviewView(ApiView):
    @extend_schema(
        operation_id="team_policies_preview",
        parameters=[inputs.PolicyPreviewQuery],
        request=inputs.PolicyInput,
        responses=outputs.PolicyPreviewOutput,
        examples=[OpenApiExample("tighter ones for links", _TIGHTER, request_only=True)],
    )
    def post(self, request: Request) -> ApiResponse:
        """What a change would end: how many of what, and with `kind` a page of those of one kind. Changes nothing."""
        found = policy_preview(self.actor, changes=self.body(inputs.PolicyInput))
        kind = self.query(inputs.PolicyPreviewQuery).get("kind")
        items, next_cursor = _page(found, kind, request)
        endings = [
            {"kind": ending.kind, "title": ending.title, "count": count, "comes_back": ending.comes_back}
            for ending, count in found.shown
        ]
        body = {"endings": endings, "confirmation": found.confirmation, "items": items, "next_cursor": next_cursor}
        return ApiResponse(outputs.PolicyPreviewOutput(body).data)


def _page(found: Preview, kind: str | None, request: Request) -> Page:
    for ending in found.endings:
        if ending.kind == kind:
            page = page_of(ending.rows, request)
            return Page(ending.show(page.items), page.next_cursor)
    return Page([], None)
