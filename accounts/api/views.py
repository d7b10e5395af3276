"""REST views of accounts."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actions.members import activate_account, add_member, change_role, deactivate_account, remove_member
from accounts.actions.teams import change_quota, change_team
from accounts.actions.tokens import create_token, revoke_token
from accounts.api import inputs, outputs
from accounts.api.paging import page_of
from accounts.permissions import require_own_team
from accounts.queries import account_of, member_of, members_of, team_of, tokens_of
from http_kit.api_view import ApiView
from http_kit.rendering import ApiResponse


@extend_schema(tags=["account"])
class AccountView(ApiView):
    @extend_schema(operation_id="account", responses=outputs.AccountOutput)
    def get(self, request: Request) -> ApiResponse:
        """Who am I: person, team, role, scopes of this credential, usage and limits."""
        return ApiResponse(outputs.AccountOutput(account_of(self.actor)).data)


@extend_schema(tags=["tokens"])
class TokensView(ApiView):
    @extend_schema(operation_id="tokens_list", parameters=[inputs.PageInput], responses=outputs.TokenPageOutput)
    def get(self, request: Request) -> ApiResponse:
        """My access tokens, newest first, without the revoked ones."""
        page = page_of(tokens_of(self.actor), request, newest_first=True)
        return ApiResponse(outputs.TokenPageOutput(page).data)

    @extend_schema(operation_id="tokens_create", request=inputs.NewTokenInput, responses={201: outputs.NewTokenOutput})
    def post(self, request: Request) -> ApiResponse:
        """Make a token with at most the scopes and the lifetime of the credential that the request has."""
        new = create_token(self.actor, **self.body(inputs.NewTokenInput))
        body = {**outputs.TokenOutput(new.token).data, "token": new.secret}
        return ApiResponse(body, status=status.HTTP_201_CREATED)


@extend_schema(tags=["tokens"])
class TokenView(ApiView):
    @extend_schema(operation_id="tokens_revoke", responses={204: None})
    def delete(self, request: Request, token_id: int) -> ApiResponse:
        """Revoke a token; it stops at once."""
        revoke_token(self.actor, token_id=token_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class TeamView(ApiView):
    @extend_schema(operation_id="team", responses=outputs.TeamDetailOutput)
    def get(self, request: Request) -> ApiResponse:
        """My team, for its owners and administrators."""
        return ApiResponse(outputs.TeamDetailOutput(team_of(self.actor)).data)

    @extend_schema(operation_id="team_rename", request=inputs.NameInput, responses=outputs.TeamDetailOutput)
    def patch(self, request: Request) -> ApiResponse:
        """Rename my team; for its owners."""
        change_team(self.actor, team_id=require_own_team(self.actor), **self.body(inputs.NameInput))
        return ApiResponse(outputs.TeamDetailOutput(team_of(self.actor)).data)


@extend_schema(tags=["team"])
class MembersView(ApiView):
    @extend_schema(operation_id="members_list", parameters=[inputs.PageInput], responses=outputs.MemberPageOutput)
    def get(self, request: Request) -> ApiResponse:
        """Everybody in my team, for its owners and administrators."""
        return ApiResponse(outputs.MemberPageOutput(page_of(members_of(self.actor), request)).data)

    @extend_schema(operation_id="members_add", request=inputs.NewMemberInput, responses={201: outputs.MemberOutput})
    def post(self, request: Request) -> ApiResponse:
        """Make an account in my team, without asking the person; where mail is sent, invite them instead."""
        user = add_member(self.actor, **self.body(inputs.NewMemberInput))
        body = outputs.MemberOutput(member_of(self.actor, user.pk)).data
        return ApiResponse(body, status=status.HTTP_201_CREATED)


@extend_schema(tags=["team"])
class MemberView(ApiView):
    @extend_schema(operation_id="members_get", responses=outputs.MemberOutput)
    def get(self, request: Request, user_id: int) -> ApiResponse:
        return ApiResponse(outputs.MemberOutput(member_of(self.actor, user_id)).data)

    @extend_schema(operation_id="members_change", request=inputs.MemberChangeInput, responses=outputs.MemberOutput)
    def patch(self, request: Request, user_id: int) -> ApiResponse:
        """Change the role, stop the account, or let it in again."""
        change = self.body(inputs.MemberChangeInput)
        if "role" in change:
            change_role(self.actor, user_id=user_id, role=change["role"])
        elif change["active"]:
            activate_account(self.actor, user_id=user_id)
        else:
            deactivate_account(self.actor, user_id=user_id)
        return ApiResponse(outputs.MemberOutput(member_of(self.actor, user_id)).data)

    @extend_schema(operation_id="members_remove", responses={204: None})
    def delete(self, request: Request, user_id: int) -> ApiResponse:
        """Stop the account: its tokens and sessions end at once. It is deleted ACCOUNT_DELETION_GRACE (30 days) later,
        unless it is let in again before (`active`)."""
        remove_member(self.actor, user_id=user_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["administration"])
class AccountQuotaView(ApiView):
    @extend_schema(operation_id="account_quota_change", request=inputs.QuotaInput, responses=outputs.UsageOutput)
    def patch(self, request: Request, user_id: int) -> ApiResponse:
        """Change how much an account may hold; for administrators of the installation."""
        quota = change_quota(self.actor, user_id=user_id, **self.body(inputs.QuotaInput))
        return ApiResponse(outputs.UsageOutput(quota).data)


@extend_schema(tags=["administration"])
class TeamQuotaView(ApiView):
    @extend_schema(operation_id="team_quota_change", request=inputs.QuotaInput, responses=outputs.UsageOutput)
    def patch(self, request: Request, team_id: int) -> ApiResponse:
        """Change how much a team may hold; for administrators of the installation."""
        quota = change_quota(self.actor, team_id=team_id, **self.body(inputs.QuotaInput))
        return ApiResponse(outputs.UsageOutput(quota).data)
