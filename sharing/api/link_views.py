"""REST views of links."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actor import SHARE, Actor
from accounts.permissions import require_scope
from files.api.files_view import FilesView
from http_kit.cursors import page_of
from http_kit.rendering import ApiResponse
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import change_link, create_link, revoke_link
from sharing.api import link_shapes as shapes
from sharing.queries.links import described, get_link, list_links


@extend_schema(tags=["links"])
class LinksView(FilesView):
    @extend_schema(operation_id="link_list", parameters=[shapes.LinksQuery], responses=shapes.LINK_PAGE)
    def get(self, request: Request) -> ApiResponse:
        """The links that I have made, the latest first; or those on one file or folder, or in a space."""
        query = self.query(shapes.LinksQuery)
        wanted = {name: query[name] for name in ("node_id", "path", "space_id")}
        page = page_of(list_links(self.actor, **wanted), cursor=query["cursor"], limit=query["limit"], purpose="links")
        items = [shapes.render(found) for found in described(self.actor, page.items)]
        return ApiResponse({"items": items, "next_cursor": page.next_cursor})

    @extend_schema(
        operation_id="link_create",
        request=shapes.LinkInput,
        responses={201: shapes.LinkShape},
        examples=[
            OpenApiExample(
                "a folder for two weeks",
                {"path": "/Photos", "role": "viewer", "expires_at": "2027-01-31T00:00:00Z", "password": "sea and sand"},
                request_only=True,
            ),
            OpenApiExample(
                "a file request",
                {"node_id": "42", "role": "uploader", "title": "Reports of May", "deadline": "2027-06-05T18:00:00Z"},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> ApiResponse:
        """Make a link to a file or folder that I may share. It gives no more than I have."""
        fields = self.body(shapes.LinkInput)
        link = create_link(
            self.actor,
            settings=LinkSettings().changed(shapes.settings_from(fields)),
            node_id=fields["node_id"],
            path=fields["path"],
        )
        found = described(self.actor, [link])[0]
        headers = {"Location": f"/api/v1/links/{link.pk}"}
        return ApiResponse(shapes.render(found), status=status.HTTP_201_CREATED, headers=headers)

    def require_right(self, actor: Actor) -> None:
        require_scope(actor, SHARE)


@extend_schema(tags=["links"])
class LinkView(FilesView):
    @extend_schema(operation_id="link_get", responses=shapes.LinkShape)
    def get(self, request: Request, link_id: int) -> ApiResponse:
        """A link that I have made, or to something that I manage."""
        return ApiResponse(shapes.render(get_link(self.actor, link_id)))

    @extend_schema(
        operation_id="link_change",
        request=shapes.LinkChangeInput,
        responses=shapes.LinkShape,
        examples=[OpenApiExample("another end", {"expires_at": "2027-03-01T00:00:00Z"}, request_only=True)],
    )
    def patch(self, request: Request, link_id: int) -> ApiResponse:
        """Change a link. With another password, whoever has opened it with the one before is asked again."""
        fields = self.body(shapes.LinkChangeInput)
        link = change_link(
            self.actor,
            link_id=link_id,
            changes=shapes.settings_from(fields),
            take_over=fields.get("take_over", False),
        )
        return ApiResponse(shapes.render(described(self.actor, [link])[0]))

    @extend_schema(operation_id="link_revoke", responses={204: None})
    def delete(self, request: Request, link_id: int) -> ApiResponse:
        """Revoke a link: nobody can use it any more, and downloads through it end."""
        revoke_link(self.actor, link_id=link_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)

    def require_right(self, actor: Actor) -> None:
        require_scope(actor, SHARE)
