"""REST views of shares with people, groups and teams."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actor import SHARE, Actor
from accounts.permissions import require_scope
from files.access.rights import Role
from files.actions.grants import Given
from files.api.files_view import FilesView
from http_kit.fields import PageInput, page_shape
from http_kit.rendering import ApiResponse
from sharing.actions.shares import change_share, end_share, share
from sharing.api import share_inputs as inputs
from sharing.api import share_outputs as outputs
from sharing.queries.opening import opening
from sharing.queries.shares import share_of, shares_by, shares_on, shares_with

PAGE = page_shape(outputs.ShareShape)


class _View(FilesView):
    def require_right(self, actor: Actor) -> None:
        require_scope(actor, SHARE)


@extend_schema(tags=["sharing"])
class SharesView(_View):
    @extend_schema(operation_id="share_list", parameters=[inputs.SharesQuery], responses=PAGE)
    def get(self, request: Request) -> ApiResponse:
        """The shares of one file or folder, the latest first; without one what I have shared (`shared-by-me`).

        Who may neither share nor manage it gets those that they have made or received themselves. What is inherited
        from folders above is in `GET /nodes/<id>/access`.
        """
        query = self.query(inputs.SharesQuery)
        if query["node_id"] is None and query["path"] is None:
            return ApiResponse(outputs.page(shares_by(self.actor, cursor=query["cursor"], limit=query["limit"])))
        node_id = inputs.node_of(self.actor, query)
        found = shares_on(self.actor, node_id=node_id, cursor=query["cursor"], limit=query["limit"])
        return ApiResponse(outputs.page(found))

    @extend_schema(
        operation_id="share_create",
        request=inputs.ShareInput,
        responses={201: outputs.ShareShape},
        examples=[
            OpenApiExample(
                "a person",
                {"node_id": "42", "grantee": {"email": "ada@example.com"}, "role": "editor"},
                request_only=True,
            ),
            OpenApiExample(
                "a group, by path",
                {"path": "/Photos", "grantee": {"group_id": "7"}, "role": "viewer", "message": "From May."},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> ApiResponse:
        """Share a file or folder with a person, a group or the team.

        It is among their files at once, and they are told by mail. An address that nobody in the team has is invited
        into the team, by owners and admins; the share waits until they come. Nobody gives more than they have.
        """
        fields = self.body(inputs.ShareInput)
        share_id = share(
            self.actor,
            node_id=inputs.node_of(self.actor, fields),
            to=inputs.grantee_of(fields["grantee"]),
            given=Given(Role(fields["role"]), fields["can_download"], fields["expires_at"], fields["can_share"]),
            message=fields["message"],
            notify=fields["notify"],
        )
        found = outputs.share(share_of(self.actor, share_id=share_id))
        headers = {"Location": f"/api/v1/shares/{share_id}"}
        return ApiResponse(found, status=status.HTTP_201_CREATED, headers=headers)


@extend_schema(tags=["sharing"])
class ShareView(_View):
    @extend_schema(operation_id="share_get", responses=outputs.ShareShape)
    def get(self, request: Request, share_id: int) -> ApiResponse:
        """One that I have made or received, or on a file or folder that I may share."""
        return ApiResponse(outputs.share(share_of(self.actor, share_id=share_id)))

    @extend_schema(
        operation_id="share_change",
        request=inputs.ShareChangeInput,
        responses=outputs.ShareShape,
        examples=[OpenApiExample("role", {"role": "viewer", "expires_at": None}, request_only=True)],
    )
    def patch(self, request: Request, share_id: int) -> ApiResponse:
        """Another role, end or message; for who has made it, and for who manages what is shared."""
        fields = self.body(inputs.ShareChangeInput)
        change_share(
            self.actor,
            share_id=share_id,
            role=Role(fields["role"]) if "role" in fields else None,
            can_download=fields.get("can_download"),
            can_share=fields.get("can_share"),
            expires_at=fields.get("expires_at", ...),
            message=fields.get("message"),
        )
        return ApiResponse(outputs.share(share_of(self.actor, share_id=share_id)))

    @extend_schema(operation_id="share_end", responses={204: None})
    def delete(self, request: Request, share_id: int) -> ApiResponse:
        """End it, or leave what is shared with me. Downloads, long polls and mounts that come from it end at once."""
        end_share(self.actor, share_id=share_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["sharing"])
class SharePreviewView(_View):
    @extend_schema(operation_id="share_preview", parameters=[inputs.OpeningQuery], responses=outputs.OpeningShape)
    def get(self, request: Request) -> ApiResponse:
        """What a share would open, before it is made: what they reach already, and what is new."""
        query = self.query(inputs.OpeningQuery)
        found = opening(
            self.actor,
            node_id=inputs.node_of(self.actor, query),
            to=inputs.grantee_of(query),
            given=Given(Role(query["role"]), query["can_download"]),
        )
        return ApiResponse(outputs.opening(found))


@extend_schema(tags=["sharing"])
class SharedWithMeView(_View):
    @extend_schema(operation_id="shared_with_me", parameters=[PageInput], responses=PAGE)
    def get(self, request: Request) -> ApiResponse:
        """What is shared with me, a group of mine or my team, the latest first."""
        query = self.query(PageInput)
        return ApiResponse(outputs.page(shares_with(self.actor, cursor=query["cursor"], limit=query["limit"])))


@extend_schema(tags=["sharing"])
class SharedByMeView(_View):
    @extend_schema(operation_id="shared_by_me", parameters=[PageInput], responses=PAGE)
    def get(self, request: Request) -> ApiResponse:
        """What I have shared, and what others have shared of my home, the latest first."""
        query = self.query(PageInput)
        return ApiResponse(outputs.page(shares_by(self.actor, cursor=query["cursor"], limit=query["limit"])))
