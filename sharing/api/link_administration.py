"""All links over REST, for administrators of the installation. None of them shows an address."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.fields import BooleanField, CharField, ChoiceField, DateTimeField, IntegerField
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.models import User
from accounts.permissions import require_administrator
from files.api.files_view import FilesView
from http_kit.cursors import page_of
from http_kit.fields import IdField, PageInput, Shape, page_shape
from http_kit.rendering import ApiResponse
from sharing.actions.link_administration import revoke_any_link
from sharing.api.link_shapes import AUDIENCE, MAXIMUM_PAGE, ROLE
from sharing.api.rendering import time
from sharing.models import Audience, Link
from sharing.queries.link_administration import LinksAsked, Standing, all_links, standing_of

STANDING = [(standing.value, standing.value) for standing in Standing]


class AllLinksQuery(PageInput):
    """What is left out is all of them."""

    team_id = IdField(required=False, default=None, help_text="Of spaces of this team.")
    user_id = IdField(required=False, default=None, help_text="For which this person answers.")
    audience = ChoiceField(AUDIENCE, required=False, default=None)
    standing = ChoiceField(STANDING, required=False, default=None)
    limit = IntegerField(min_value=1, max_value=MAXIMUM_PAGE, default=100)


class LinkOwnerShape(Shape):
    id = CharField()
    name = CharField()
    email = CharField()


class LinkTeamShape(Shape):
    id = CharField()
    name = CharField()


class AdministeredLinkShape(Shape):
    """A link, as an administrator of the installation is told of it: without its URL and token."""

    id = CharField()
    created_at = DateTimeField()
    created_by = LinkOwnerShape(allow_null=True, help_text="Who answers for it; null when they are gone.")
    team = LinkTeamShape(allow_null=True)
    space_id = CharField()
    node_id = CharField()
    kind = ChoiceField([("file", "file"), ("folder", "folder")])
    name = CharField(help_text="Of the file or folder; empty for a whole space.")
    role = ChoiceField(ROLE)
    audience = ChoiceField(AUDIENCE)
    has_password = BooleanField()
    expires_at = DateTimeField(allow_null=True)
    deadline = DateTimeField(allow_null=True)
    revoked_at = DateTimeField(allow_null=True)
    standing = ChoiceField(STANDING, help_text="By its own end; a policy, the trash or lost rights may pause it, too.")
    visits = IntegerField()
    downloads = IntegerField()
    uploads = IntegerField()


@extend_schema(tags=["administration"])
class AllLinksView(FilesView):
    @extend_schema(operation_id="links_all", parameters=[AllLinksQuery], responses=page_shape(AdministeredLinkShape))
    def get(self, request: Request) -> ApiResponse:
        """All links of the installation, the latest first; for its administrators."""
        query = self.query(AllLinksQuery)
        audience, standing = query["audience"], query["standing"]
        asked = LinksAsked(
            query["team_id"],
            query["user_id"],
            None if audience is None else Audience(audience),
            None if standing is None else Standing(standing),
        )
        rows = all_links(self.actor, asked)
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=f"links of all: {asked}")
        return ApiResponse({"items": [_render(link) for link in page.items], "next_cursor": page.next_cursor})

    def require_right(self, actor: Actor) -> None:
        require_administrator(actor)


@extend_schema(tags=["administration"])
class AnyLinkView(FilesView):
    @extend_schema(operation_id="links_revoke_any", responses={204: None})
    def delete(self, request: Request, link_id: int) -> ApiResponse:
        """Revoke a link of anybody: downloads through it end. The log of its team says who did it."""
        revoke_any_link(self.actor, link_id=link_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)

    def require_right(self, actor: Actor) -> None:
        require_administrator(actor)


def _render(link: Link) -> dict[str, Any]:
    node, team = link.node, link.node.space.team
    return {
        "id": str(link.pk),
        "created_at": time(link.created_at),
        "created_by": None if link.created_by is None else _person(link.created_by),
        "team": None if team is None else {"id": str(team.pk), "name": team.name},
        "space_id": str(node.space_id),
        "node_id": str(node.pk),
        "kind": "folder" if node.is_folder else "file",
        "name": node.name,
        "role": str(link.role),
        "audience": str(link.audience),
        "has_password": link.has_password,
        "expires_at": time(link.expires_at),
        "deadline": time(link.deadline),
        "revoked_at": time(link.revoked_at),
        "standing": standing_of(link).value,
        "visits": link.visits,
        "downloads": link.downloads,
        "uploads": link.uploads,
    }


def _person(user: User) -> dict[str, str]:
    return {"id": str(user.pk), "name": user.get_full_name(), "email": user.email}
