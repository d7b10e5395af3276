"""Routes of accounts under /api/v1/."""

from django.urls import path

from accounts.api import policy_views, support_views, team_views, views

urlpatterns = [
    path("account", views.AccountView.as_view()),
    path("tokens", views.TokensView.as_view()),
    path("tokens/<int:token_id>", views.TokenView.as_view()),
    path("team", views.TeamView.as_view()),
    path("team/members", views.MembersView.as_view()),
    path("team/members/<int:user_id>", views.MemberView.as_view()),
    path("team/members/<int:user_id>/sessions", team_views.MemberSessionsView.as_view()),
    path("team/members/<int:user_id>/devices", team_views.MemberDevicesView.as_view()),
    path("team/invitations", team_views.InvitationsView.as_view()),
    path("team/invitations/<int:invitation_id>", team_views.InvitationView.as_view()),
    path("team/invitations/<int:invitation_id>/resend", team_views.ResendInvitationView.as_view()),
    path("team/groups", team_views.GroupsView.as_view()),
    path("team/groups/<int:group_id>", team_views.GroupView.as_view()),
    path("team/groups/<int:group_id>/members", team_views.GroupMembersView.as_view()),
    path("team/groups/<int:group_id>/members/<int:user_id>", team_views.GroupMemberView.as_view()),
    path("team/policies", policy_views.PoliciesView.as_view()),
    path("team/policies/preview", policy_views.PolicyPreviewView.as_view()),
    path("team/events", team_views.TeamEventsView.as_view()),
    path("support", support_views.SupportAccessesView.as_view()),
    path("support/<int:access_id>", support_views.SupportAccessView.as_view()),
    path("support/<int:access_id>/consent", support_views.SupportConsentView.as_view()),
    path("support/<int:access_id>/start", support_views.SupportStartView.as_view()),
    path("support/<int:access_id>/end", support_views.SupportEndView.as_view()),
    path("support/<int:access_id>/seen", support_views.SupportSeenView.as_view()),
    path("audit", team_views.AuditView.as_view()),
    path("teams", team_views.TeamsView.as_view()),
    path("teams/<int:team_id>", team_views.ManagedTeamView.as_view()),
    path("teams/<int:team_id>/invitations", team_views.TeamInvitationsView.as_view()),
    path("accounts/<int:user_id>/quota", views.AccountQuotaView.as_view()),
    path("teams/<int:team_id>/quota", views.TeamQuotaView.as_view()),
]
