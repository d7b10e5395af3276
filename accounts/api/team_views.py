"""REST views of teams: making them, inviting, groups, what was done."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.actions import groups
from accounts.actions.invite import invite, resend_invitation, withdraw_invitation
from accounts.actions.teams import change_team, create_team
from accounts.actions.tokens import end_member_sessions
from accounts.api import inputs, outputs
from accounts.api.paging import page_of
from accounts.event_filter import filter_of
from accounts.queries import (
    audit_events_of,
    devices_of,
    group_of,
    groups_of,
    invitations_of,
    people_in,
    team_events_of,
    teams_of,
)
from http_kit.api_view import ApiView
from http_kit.rendering import ApiResponse


@extend_schema(tags=["administration"])
class TeamsView(ApiView):
    @extend_schema(operation_id="teams_list", parameters=[inputs.PageInput], responses=outputs.ManagedTeamPageOutput)
    def get(self, request: Request) -> ApiResponse:
        """All teams; for administrators of the installation."""
        return ApiResponse(outputs.ManagedTeamPageOutput(page_of(teams_of(self.actor), request)).data)

    @extend_schema(operation_id="teams_create", request=inputs.NewTeamInput, responses={201: outputs.NewTeamOutput})
    def post(self, request: Request) -> ApiResponse:
        """Make a team with its first owner; for administrators of the installation."""
        new = create_team(self.actor, **self.body(inputs.NewTeamInput))
        return ApiResponse(outputs.NewTeamOutput(new).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["administration"])
class ManagedTeamView(ApiView):
    @extend_schema(operation_id="teams_change", request=inputs.TeamChangeInput, responses=outputs.TeamOutput)
    def patch(self, request: Request, team_id: int) -> ApiResponse:
        """Rename a team (its owners may, too), or change its seats (administrators of the installation)."""
        team = change_team(self.actor, team_id=team_id, **self.body(inputs.TeamChangeInput))
        return ApiResponse(outputs.TeamOutput(team).data)


@extend_schema(tags=["administration"])
class TeamInvitationsView(ApiView):
    @extend_schema(
        operation_id="teams_invite", request=inputs.InvitationInput, responses={201: outputs.InvitationOutput}
    )
    def post(self, request: Request, team_id: int) -> ApiResponse:
        """Invite somebody into any team, such as another owner; for administrators of the installation."""
        invitation = invite(self.actor, team_id=team_id, **self.body(inputs.InvitationInput))
        return ApiResponse(outputs.InvitationOutput(invitation).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["team"])
class InvitationsView(ApiView):
    @extend_schema(
        operation_id="invitations_list", parameters=[inputs.PageInput], responses=outputs.InvitationPageOutput
    )
    def get(self, request: Request) -> ApiResponse:
        """Of my team, newest first; for its owners and administrators."""
        page = page_of(invitations_of(self.actor), request, newest_first=True)
        return ApiResponse(outputs.InvitationPageOutput(page).data)

    @extend_schema(
        operation_id="invitations_create", request=inputs.InvitationInput, responses={201: outputs.InvitationOutput}
    )
    def post(self, request: Request) -> ApiResponse:
        """Invite somebody by mail. The answer is the same whether or not there is an account with the address."""
        invitation = invite(self.actor, **self.body(inputs.InvitationInput))
        return ApiResponse(outputs.InvitationOutput(invitation).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["team"])
class InvitationView(ApiView):
    @extend_schema(operation_id="invitations_withdraw", responses={204: None})
    def delete(self, request: Request, invitation_id: int) -> ApiResponse:
        """Its link is worth nothing any more, and its seat is free."""
        withdraw_invitation(self.actor, invitation_id=invitation_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class ResendInvitationView(ApiView):
    @extend_schema(operation_id="invitations_resend", request=None, responses=outputs.InvitationOutput)
    def post(self, request: Request, invitation_id: int) -> ApiResponse:
        """Another mail with another link and a new expiry."""
        invitation = resend_invitation(self.actor, invitation_id=invitation_id)
        return ApiResponse(outputs.InvitationOutput(invitation).data)


@extend_schema(tags=["team"])
class MemberSessionsView(ApiView):
    @extend_schema(operation_id="members_end_sessions", responses={204: None})
    def delete(self, request: Request, user_id: int) -> ApiResponse:
        """End all sessions, devices and tokens of a person; the account stays active."""
        end_member_sessions(self.actor, user_id=user_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class MemberDevicesView(ApiView):
    @extend_schema(operation_id="members_devices", parameters=[inputs.PageInput], responses=outputs.DevicePageOutput)
    def get(self, request: Request, user_id: int) -> ApiResponse:
        """Devices and tokens of a person that let them in, newest first."""
        page = page_of(devices_of(self.actor, user_id=user_id), request, newest_first=True, secret=True)
        return ApiResponse(outputs.DevicePageOutput(page).data)


@extend_schema(tags=["team"])
class GroupsView(ApiView):
    @extend_schema(operation_id="groups_list", parameters=[inputs.PageInput], responses=outputs.GroupPageOutput)
    def get(self, request: Request) -> ApiResponse:
        """Of my team; for its owners and administrators."""
        return ApiResponse(outputs.GroupPageOutput(page_of(groups_of(self.actor), request)).data)

    @extend_schema(operation_id="groups_create", request=inputs.NameInput, responses={201: outputs.GroupOutput})
    def post(self, request: Request) -> ApiResponse:
        group = groups.create_group(self.actor, **self.body(inputs.NameInput))
        body = outputs.GroupOutput(group_of(self.actor, group.pk)).data
        return ApiResponse(body, status=status.HTTP_201_CREATED)


@extend_schema(tags=["team"])
class GroupView(ApiView):
    @extend_schema(operation_id="groups_get", responses=outputs.GroupOutput)
    def get(self, request: Request, group_id: int) -> ApiResponse:
        return ApiResponse(outputs.GroupOutput(group_of(self.actor, group_id)).data)

    @extend_schema(operation_id="groups_rename", request=inputs.NameInput, responses=outputs.GroupOutput)
    def patch(self, request: Request, group_id: int) -> ApiResponse:
        groups.rename_group(self.actor, group_id=group_id, **self.body(inputs.NameInput))
        return ApiResponse(outputs.GroupOutput(group_of(self.actor, group_id)).data)

    @extend_schema(operation_id="groups_delete", responses={204: None})
    def delete(self, request: Request, group_id: int) -> ApiResponse:
        """The people stay in the team."""
        groups.delete_group(self.actor, group_id=group_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class GroupMembersView(ApiView):
    @extend_schema(
        operation_id="group_members_list", parameters=[inputs.PageInput], responses=outputs.GroupMemberPageOutput
    )
    def get(self, request: Request, group_id: int) -> ApiResponse:
        return ApiResponse(outputs.GroupMemberPageOutput(page_of(people_in(self.actor, group_id), request)).data)


@extend_schema(tags=["team"])
class GroupMemberView(ApiView):
    @extend_schema(operation_id="group_members_add", request=None, responses=outputs.GroupMemberOutput)
    def put(self, request: Request, group_id: int, user_id: int) -> ApiResponse:
        """Twice is the same as once."""
        member = groups.add_to_group(self.actor, group_id=group_id, user_id=user_id)
        return ApiResponse(outputs.GroupMemberOutput(member).data)

    @extend_schema(operation_id="group_members_remove", responses={204: None})
    def delete(self, request: Request, group_id: int, user_id: int) -> ApiResponse:
        """Twice is the same as once."""
        groups.remove_from_group(self.actor, group_id=group_id, user_id=user_id)
        return ApiResponse(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class TeamEventsView(ApiView):
    @extend_schema(
        operation_id="team_events", parameters=[inputs.TeamEventsInput], responses=outputs.TeamEventPageOutput
    )
    def get(self, request: Request) -> ApiResponse:
        """What was done in my team and to it, newest first; for its owners and administrators."""
        looked_for = filter_of(self.query(inputs.TeamEventsInput))
        page = page_of(team_events_of(self.actor, looked_for), request, newest_first=True, secret=True)
        return ApiResponse(outputs.TeamEventPageOutput(page).data)


@extend_schema(tags=["administration"])
class AuditView(ApiView):
    @extend_schema(operation_id="audit", parameters=[inputs.EventsInput], responses=outputs.AuditEventPageOutput)
    def get(self, request: Request) -> ApiResponse:
        """The audit record of the whole installation, newest act first; for its administrators."""
        looked_for = filter_of(self.query(inputs.EventsInput))
        page = page_of(audit_events_of(self.actor, looked_for), request, newest_first=True, secret=True)
        return ApiResponse(outputs.AuditEventPageOutput(page).data)
