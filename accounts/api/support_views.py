"""REST views of support: an administrator asks to act as a person, the person or another agrees, and it ends."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actions.support import consent_to_support, note_support_seen, request_support, start_support
from accounts.actions.support_endings import end_support
from accounts.api import inputs, outputs
from accounts.api.paging import page_of
from accounts.models import SupportAccess
from accounts.queries import support_access_of, support_accesses_of
from accounts.request_actor import enter_support, leave_support
from http_kit.api_view import ApiView
from http_kit.rendering import ApiResponse

_ASKING = {"user_id": "71", "reason": "You asked why a folder does not sync", "minutes": 30}


@extend_schema(tags=["support"])
class SupportAccessesView(ApiView):
    @extend_schema(
        operation_id="support_list", parameters=[inputs.SupportQuery], responses=outputs.SupportAccessPageOutput
    )
    def get(self, request: Request) -> ApiResponse:
        """Newest first: who acts, acted or asks to act as me, what I have asked for, or what there is in my team."""
        about = self.query(inputs.SupportQuery)["about"]
        page = page_of(support_accesses_of(self.actor, about=about), request, newest_first=True)
        return ApiResponse(outputs.SupportAccessPageOutput(page).data)

    @extend_schema(
        operation_id="support_request",
        request=inputs.SupportRequestInput,
        responses={201: outputs.SupportAccessOutput},
        examples=[OpenApiExample("to look only", _ASKING, request_only=True)],
    )
    def post(self, request: Request) -> ApiResponse:
        """Ask to act as a person; for administrators who have no less than the person. They are told."""
        access = request_support(self.actor, **self.body(inputs.SupportRequestInput))
        return _answer(access, status.HTTP_201_CREATED)


@extend_schema(tags=["support"])
class SupportAccessView(ApiView):
    @extend_schema(operation_id="support_get", responses=outputs.SupportAccessOutput)
    def get(self, request: Request, access_id: int) -> ApiResponse:
        """One that concerns me."""
        return _answer(support_access_of(self.actor, access_id))


@extend_schema(tags=["support"])
class SupportConsentView(ApiView):
    @extend_schema(
        operation_id="support_consent",
        request=inputs.SupportConsentInput,
        responses=outputs.SupportAccessOutput,
        examples=[OpenApiExample("files may be changed", {"may_write": True}, request_only=True)],
    )
    def post(self, request: Request, access_id: int) -> ApiResponse:
        """Agree: the person, another owner of the team, or a second administrator where a policy says so. Needs a
        recent proof of who you are."""
        return _answer(consent_to_support(self.actor, access_id=access_id, **self.body(inputs.SupportConsentInput)))


@extend_schema(tags=["support"])
class SupportStartView(ApiView):
    @extend_schema(operation_id="support_start", request=None, responses=outputs.SupportAccessOutput)
    def post(self, request: Request, access_id: int) -> ApiResponse:
        """From the next request on this session acts as the person. Once, and for a session only."""
        access = start_support(self.actor, access_id=access_id)
        enter_support(request._request, access.pk)
        return _answer(access)


@extend_schema(tags=["support"])
class SupportEndView(ApiView):
    acts_as_oneself: ClassVar[bool] = True

    @extend_schema(operation_id="support_end", request=None, responses=outputs.SupportAccessOutput)
    def post(self, request: Request, access_id: int) -> ApiResponse:
        """Withdraw, refuse or end it at once, with all that is under way: the person, who has asked, or an owner."""
        access = end_support(self.actor, access_id=access_id)
        leave_support(request._request, access_id)
        return _answer(access)


@extend_schema(tags=["support"])
class SupportSeenView(ApiView):
    @extend_schema(operation_id="support_seen", request=None, responses={204: None})
    def post(self, request: Request, access_id: int) -> ApiResponse:
        """The person has read that it took place: pages do not tell of it any more."""
        note_support_seen(self.actor, access_id=access_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


def _answer(access: SupportAccess, code: int = status.HTTP_200_OK) -> ApiResponse:
    return ApiResponse(outputs.SupportAccessOutput(access).data, status=code)
