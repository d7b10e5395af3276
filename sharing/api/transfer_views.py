"""REST views of transfers: giving a file or folder to somebody for good."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.fields import CharField, DateTimeField, IntegerField
from rest_framework.request import Request

from accounts.actor import SHARE, Actor
from accounts.permissions import require_scope
from files.access.rights import Role
from files.api.files_view import FilesView
from http_kit.fields import IdField, Shape, list_shape
from http_kit.rendering import ApiResponse
from sharing.actions.transfers import accept_transfer, end_transfer, offer_transfer
from sharing.api.share_inputs import SHARED_ROLE, NodeInput, node_of
from sharing.api.share_outputs import Json, ShareOwnerShape, person, time
from sharing.queries.transfers import Offered, transfers_of


class TransferInput(NodeInput):
    """What becomes whose."""

    to_user_id = IdField()
    keeps = serializers.ChoiceField(
        SHARED_ROLE, required=False, default=None, allow_null=True, help_text="My role then."
    )


class TransferShape(Shape):
    """An offer. Whoever it is made to is told name and size, whether or not they see it yet."""

    id = CharField()
    node_id = CharField()
    kind = serializers.ChoiceField([("folder", "folder"), ("file", "file")])
    name = CharField()
    size = IntegerField(help_text="Bytes.")
    giver = ShareOwnerShape()
    receiver = ShareOwnerShape()
    keeps = CharField(allow_null=True, help_text="The role that the giver keeps.")
    created_at = DateTimeField()


class TransferredShape(Shape):
    node_id = CharField()
    path = CharField(help_text="In my home.")


class _View(FilesView):
    def require_right(self, actor: Actor) -> None:
        require_scope(actor, SHARE)


@extend_schema(tags=["sharing"])
class TransfersView(_View):
    @extend_schema(operation_id="transfer_list", responses=list_shape(TransferShape))
    def get(self, request: Request) -> ApiResponse:
        """What I offer, and what is offered to me: the latest 200."""
        return ApiResponse({"items": [_offered(found) for found in transfers_of(self.actor)]})

    @extend_schema(
        operation_id="transfer_offer",
        request=TransferInput,
        responses={201: TransferShape},
        examples=[
            OpenApiExample("a folder", {"path": "/Photos", "to_user_id": "42", "keeps": "editor"}, request_only=True)
        ],
    )
    def post(self, request: Request) -> ApiResponse:
        """Offer a file or folder of my home to somebody of my team, for good. It is theirs when they accept."""
        fields = self.body(TransferInput)
        transfer = offer_transfer(
            self.actor,
            node_id=node_of(self.actor, fields),
            to_user_id=fields["to_user_id"],
            keeps=None if fields["keeps"] is None else Role(fields["keeps"]),
        )
        found = next(one for one in transfers_of(self.actor) if one.transfer.pk == transfer.pk)
        return ApiResponse(_offered(found), status=status.HTTP_201_CREATED)


@extend_schema(tags=["sharing"])
class TransferView(_View):
    @extend_schema(operation_id="transfer_end", responses={204: None})
    def delete(self, request: Request, transfer_id: int) -> ApiResponse:
        """Withdraw what I offer, or decline what is offered to me."""
        end_transfer(self.actor, transfer_id=transfer_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["sharing"])
class AcceptTransferView(_View):
    @extend_schema(operation_id="transfer_accept", request=None, responses=TransferredShape)
    def post(self, request: Request, transfer_id: int) -> ApiResponse:
        """It is mine from now on, at the top of my home, with its shares and versions; my account pays for it."""
        place = accept_transfer(self.actor, transfer_id=transfer_id)
        return ApiResponse({"node_id": str(place.node.pk), "path": place.path})


def _offered(found: Offered) -> Json:
    transfer = found.transfer
    return {
        "id": str(transfer.pk),
        "node_id": str(found.node.pk),
        "kind": "folder" if found.node.is_folder else "file",
        "name": found.node.name,
        "size": found.node.size,
        "giver": person(transfer.giver),
        "receiver": person(transfer.receiver),
        "keeps": transfer.keeps or None,
        "created_at": time(transfer.created_at),
    }
