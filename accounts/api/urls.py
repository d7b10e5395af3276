"""Routes of accounts under /api/v1/."""

from django.urls import path

from accounts.api import views

urlpatterns = [
    path("account", views.AccountView.as_view()),
    path("tokens", views.TokensView.as_view()),
    path("tokens/<int:token_id>", views.TokenView.as_view()),
    path("team", views.TeamView.as_view()),
    path("team/members", views.MembersView.as_view()),
    path("team/members/<int:user_id>", views.MemberView.as_view()),
    path("accounts/<int:user_id>/quota", views.AccountQuotaView.as_view()),
    path("teams/<int:team_id>/quota", views.TeamQuotaView.as_view()),
]
