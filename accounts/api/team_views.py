"""REST views of teams: making them, inviting, groups, what was done."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import groups
from accounts.actions.change_team import change_team
from accounts.actions.create_team import create_team
from accounts.actions.invite import invite, resend_invitation, withdraw_invitation
from accounts.actions.revoke_everything import end_member_sessions
from accounts.api import inputs, outputs
from accounts.api.paging import page_of
from accounts.api.views import AccountsView
from accounts.queries import (
    group_of,
    groups_of,
    invitations_of,
    people_in,
    team_events_of,
    teams_of,
)


@extend_schema(tags=["administration"])
class TeamsView(AccountsView):
    @extend_schema(operation_id="teams_list", parameters=[inputs.PageInput], responses=outputs.ManagedTeamPageOutput)
    def get(self, request: Request) -> Response:
        """All teams; for administrators of the installation."""
        return Response(outputs.ManagedTeamPageOutput(page_of(teams_of(self.actor), request)).data)

    @extend_schema(operation_id="teams_create", request=inputs.NewTeamInput, responses={201: outputs.NewTeamOutput})
    def post(self, request: Request) -> Response:
        """Make a team with its first owner; for administrators of the installation."""
        new = create_team(self.actor, **self.given(inputs.NewTeamInput))
        return Response(outputs.NewTeamOutput(new).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["administration"])
class ManagedTeamView(AccountsView):
    @extend_schema(operation_id="teams_change", request=inputs.TeamChangeInput, responses=outputs.TeamOutput)
    def patch(self, request: Request, team_id: int) -> Response:
        """Rename a team (its owners may, too), or change its seats (administrators of the installation)."""
        team = change_team(self.actor, team_id=team_id, **self.given(inputs.TeamChangeInput))
        return Response(outputs.TeamOutput(team).data)


@extend_schema(tags=["administration"])
class TeamInvitationsView(AccountsView):
    @extend_schema(
        operation_id="teams_invite", request=inputs.InvitationInput, responses={201: outputs.InvitationOutput}
    )
    def post(self, request: Request, team_id: int) -> Response:
        """Invite somebody into any team, such as another owner; for administrators of the installation."""
        invitation = invite(self.actor, team_id=team_id, **self.given(inputs.InvitationInput))
        return Response(outputs.InvitationOutput(invitation).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["team"])
class InvitationsView(AccountsView):
    @extend_schema(
        operation_id="invitations_list", parameters=[inputs.PageInput], responses=outputs.InvitationPageOutput
    )
    def get(self, request: Request) -> Response:
        """Of my team, newest first; for its owners and administrators."""
        page = page_of(invitations_of(self.actor), request, newest_first=True)
        return Response(outputs.InvitationPageOutput(page).data)

    @extend_schema(
        operation_id="invitations_create", request=inputs.InvitationInput, responses={201: outputs.InvitationOutput}
    )
    def post(self, request: Request) -> Response:
        """Invite somebody by mail. The answer is the same whether or not there is an account with the address."""
        invitation = invite(self.actor, **self.given(inputs.InvitationInput))
        return Response(outputs.InvitationOutput(invitation).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["team"])
class InvitationView(AccountsView):
    @extend_schema(operation_id="invitations_withdraw", responses={204: None})
    def delete(self, request: Request, invitation_id: int) -> Response:
        """Its link is worth nothing any more, and its seat is free."""
        withdraw_invitation(self.actor, invitation_id=invitation_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class ResendInvitationView(AccountsView):
    @extend_schema(operation_id="invitations_resend", request=None, responses=outputs.InvitationOutput)
    def post(self, request: Request, invitation_id: int) -> Response:
        """Another mail with another link and a new expiry."""
        invitation = resend_invitation(self.actor, invitation_id=invitation_id)
        return Response(outputs.InvitationOutput(invitation).data)


@extend_schema(tags=["team"])
class MemberSessionsView(AccountsView):
    @extend_schema(operation_id="members_end_sessions", responses={204: None})
    def delete(self, request: Request, user_id: int) -> Response:
        """End all sessions, devices and tokens of a person; the account stays active."""
        end_member_sessions(self.actor, user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class GroupsView(AccountsView):
    @extend_schema(operation_id="groups_list", parameters=[inputs.PageInput], responses=outputs.GroupPageOutput)
    def get(self, request: Request) -> Response:
        """Of my team; for its owners and administrators."""
        return Response(outputs.GroupPageOutput(page_of(groups_of(self.actor), request)).data)

    @extend_schema(operation_id="groups_create", request=inputs.NameInput, responses={201: outputs.GroupOutput})
    def post(self, request: Request) -> Response:
        group = groups.create_group(self.actor, **self.given(inputs.NameInput))
        body = outputs.GroupOutput(group_of(self.actor, group.pk)).data
        return Response(body, status=status.HTTP_201_CREATED)


@extend_schema(tags=["team"])
class GroupView(AccountsView):
    @extend_schema(operation_id="groups_get", responses=outputs.GroupOutput)
    def get(self, request: Request, group_id: int) -> Response:
        return Response(outputs.GroupOutput(group_of(self.actor, group_id)).data)

    @extend_schema(operation_id="groups_rename", request=inputs.NameInput, responses=outputs.GroupOutput)
    def patch(self, request: Request, group_id: int) -> Response:
        groups.rename_group(self.actor, group_id=group_id, **self.given(inputs.NameInput))
        return Response(outputs.GroupOutput(group_of(self.actor, group_id)).data)

    @extend_schema(operation_id="groups_delete", responses={204: None})
    def delete(self, request: Request, group_id: int) -> Response:
        """The people stay in the team."""
        groups.delete_group(self.actor, group_id=group_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class GroupMembersView(AccountsView):
    @extend_schema(
        operation_id="group_members_list", parameters=[inputs.PageInput], responses=outputs.GroupMemberPageOutput
    )
    def get(self, request: Request, group_id: int) -> Response:
        return Response(outputs.GroupMemberPageOutput(page_of(people_in(self.actor, group_id), request)).data)


@extend_schema(tags=["team"])
class GroupMemberView(AccountsView):
    @extend_schema(operation_id="group_members_add", request=None, responses=outputs.GroupMemberOutput)
    def put(self, request: Request, group_id: int, user_id: int) -> Response:
        """Twice is the same as once."""
        member = groups.add_to_group(self.actor, group_id=group_id, user_id=user_id)
        return Response(outputs.GroupMemberOutput(member).data)

    @extend_schema(operation_id="group_members_remove", responses={204: None})
    def delete(self, request: Request, group_id: int, user_id: int) -> Response:
        """Twice is the same as once."""
        groups.remove_from_group(self.actor, group_id=group_id, user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["team"])
class TeamEventsView(AccountsView):
    @extend_schema(operation_id="team_events", parameters=[inputs.PageInput], responses=outputs.TeamEventPageOutput)
    def get(self, request: Request) -> Response:
        """What was done in my team and to it, newest first; for its owners and administrators."""
        page = page_of(team_events_of(self.actor), request, newest_first=True, secret=True)
        return Response(outputs.TeamEventPageOutput(page).data)
