"""Clients that the brake on mass change holds: which, what they did, and letting them go on or undoing it."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.actor import ADMIN, Actor
from accounts.permissions import require_scope
from files.actions.brake import OwnBounds, accept, set_bounds
from files.actions.brake_revert import revert
from files.api.files_view import FilesView
from files.api.outputs import brakes as output
from files.api.outputs import journal as journal_output
from files.api.outputs.journal_shapes import JournalPage
from files.queries.brakes import bounds_of_team, brakes_of, changes_of, get_brake, may_decide
from http_kit.cursors import page_of
from http_kit.fields import Input, PageInput, TimeField
from http_kit.rendering import ApiResponse


class RevertInput(Input):
    since = TimeField(
        required=False, default=None, allow_null=True, help_text="From when on; null: since its changes are counted."
    )


class BoundsInput(Input):
    """null is what the installation has."""

    on = serializers.BooleanField(default=True)
    floor = serializers.IntegerField(required=False, default=None, allow_null=True)
    most = serializers.IntegerField(required=False, default=None, allow_null=True)
    share = serializers.IntegerField(required=False, default=None, allow_null=True)
    strict = serializers.IntegerField(required=False, default=None, allow_null=True)


class BrakeListInput(PageInput):
    held = serializers.BooleanField(default=False, help_text="Only clients that are held now.")


@extend_schema(tags=["brakes"])
class BrakesView(FilesView):
    @extend_schema(operation_id="brake_list", parameters=[BrakeListInput], responses=output.BrakePage)
    def get(self, request: Request) -> ApiResponse:
        """Clients that were held, latest first: mine, and those in the spaces that I decide for."""
        query = self.query(BrakeListInput)
        rows = brakes_of(self.actor, only_held=query["held"])
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose="brakes", latest_by="held_at")
        deciding = {space.pk: may_decide(self.actor, space) for space in {one.space for one in page.items}}
        items = [output.brake(one, may_decide=deciding[one.space_id]) for one in page.items]
        return ApiResponse({"items": items, "next_cursor": page.next_cursor})


@extend_schema(tags=["brakes"])
class BrakeView(FilesView):
    @extend_schema(operation_id="brake_get", responses=output.BrakeShape)
    def get(self, request: Request, brake_id: int) -> ApiResponse:
        """One of them, and how far its revert is."""
        seen = get_brake(self.actor, brake_id)
        return ApiResponse(output.brake(seen.brake, may_decide=seen.may_decide))


@extend_schema(tags=["brakes"])
class BrakeChangesView(FilesView):
    @extend_schema(operation_id="brake_changes", parameters=[PageInput], responses=JournalPage)
    def get(self, request: Request, brake_id: int) -> ApiResponse:
        """What the client has done there since its changes are counted, latest first: for who decides."""
        query = self.query(PageInput)
        rows = changes_of(self.actor, brake_id).select_related("actor")
        page = page_of(rows, cursor=query["cursor"], limit=query["limit"], purpose=f"brake-{brake_id}", latest_by="at")
        items = [journal_output.change(one) for one in page.items]
        return ApiResponse({"items": items, "next_cursor": page.next_cursor})


@extend_schema(tags=["brakes"])
class BrakeAcceptView(FilesView):
    @extend_schema(operation_id="brake_accept", request=None, responses=output.BrakeShape)
    def post(self, request: Request, brake_id: int) -> ApiResponse:
        """Let the client go on: for BRAKE_ACCEPTED nothing holds it in this space, afterwards it is counted anew.

        Not with the token or app password that is held itself.
        """
        accept(self.actor, brake_id=brake_id)
        return _rendered(self.actor, brake_id)


@extend_schema(tags=["brakes"])
class BrakeRevertView(FilesView):
    @extend_schema(
        operation_id="brake_revert",
        request=RevertInput,
        responses=output.BrakeShape,
        examples=[OpenApiExample("since a moment", {"since": "2026-11-30T08:00:00Z"}, request_only=True)],
    )
    def post(self, request: Request, brake_id: int) -> ApiResponse:
        """Undo everything that the client did in this space since a moment, byte for byte. It stays held.

        What takes longer than a few seconds is finished in the background: `state` is `reverting` until then, `done`
        of `total` steps.
        """
        fields = self.body(RevertInput)
        revert(self.actor, brake_id=brake_id, since=fields["since"])
        return _rendered(self.actor, brake_id)


@extend_schema(tags=["brakes"])
class BrakeBoundsView(FilesView):
    @extend_schema(operation_id="brake_bounds", responses=output.BoundsShape)
    def get(self, request: Request) -> ApiResponse:
        """The bounds that hold in my team: for who manages it."""
        return ApiResponse(output.bounds(*bounds_of_team(self.actor)))

    @extend_schema(
        operation_id="brake_bounds_set",
        request=BoundsInput,
        responses=output.BoundsShape,
        examples=[OpenApiExample("stricter", {"on": True, "floor": 100, "share": 10}, request_only=True)],
    )
    def put(self, request: Request) -> ApiResponse:
        """Set the bounds of my team. They hold for the next change of everybody."""
        fields = self.body(BoundsInput)
        own = {name: fields[name] for name in output.BOUNDS}
        set_bounds(self.actor, bounds=OwnBounds(is_on=fields["on"], **own))
        return ApiResponse(output.bounds(*bounds_of_team(self.actor)))

    def require_right(self, actor: Actor) -> None:
        require_scope(actor, ADMIN)


def _rendered(actor: Actor, brake_id: int) -> ApiResponse:
    seen = get_brake(actor, brake_id)
    return ApiResponse(output.brake(seen.brake, may_decide=seen.may_decide))
