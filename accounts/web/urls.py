"""Pages of accounts; dropbox_clone/urls.py includes them at the root, before the admin console."""

from django.urls import path

from accounts.web import invitation, passkey, sign_in, support, team, team_groups, team_policies, tokens

app_name = "accounts"
urlpatterns = [
    path("setup/<str:secret>/", sign_in.setup, name="setup"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:token_id>/revoke/", tokens.revoke, {"back": "accounts:tokens"}, name="revoke_token"),
    path("settings/devices/", tokens.devices, name="devices"),
    path("settings/devices/<int:token_id>/revoke/", tokens.revoke, {"back": "accounts:devices"}, name="revoke_device"),
    path("settings/revoke/", tokens.end_everything, name="revoke"),
    path("team/", team.members, name="team"),
    path("team/rename", team.rename, name="team_rename"),
    path("team/members/<int:user_id>/", team.member, name="team_member"),
    path("team/members/<int:user_id>/change", team.change, name="team_member_change"),
    path("team/members/<int:user_id>/remove", team.remove, name="team_member_remove"),
    path("team/invitations/", team.invitations, name="team_invitations"),
    path("team/invitations/<int:invitation_id>/resend", team.resend, name="team_invitation_resend"),
    path("team/invitations/<int:invitation_id>/withdraw", team.withdraw, name="team_invitation_withdraw"),
    path("team/groups/", team_groups.groups, name="team_groups"),
    path("team/groups/<int:group_id>/", team_groups.group, name="team_group"),
    path("team/groups/<int:group_id>/rename", team_groups.rename, name="team_group_rename"),
    path("team/groups/<int:group_id>/delete", team_groups.delete, name="team_group_delete"),
    path("team/groups/<int:group_id>/members", team_groups.add, name="team_group_add"),
    path("team/groups/<int:group_id>/members/<int:user_id>/remove", team_groups.remove, name="team_group_remove"),
    path("team/policies/", team_policies.policies, name="team_policies"),
    path("team/log/", team.log, name="team_log"),
    path("support/", support.support, name="support"),
    path("support/ask/", support.ask, name="support_ask"),
    path("support/<int:access_id>/consent", support.consent, name="support_consent"),
    path("support/<int:access_id>/start", support.start, name="support_start"),
    path("support/<int:access_id>/end", support.end, name="support_end"),
    path("support/<int:access_id>/seen", support.seen, name="support_seen"),
    path("accounts/invitation/<str:secret>/", invitation.invitation, name="invitation"),
    path("accounts/2fa/webauthn/login/", passkey.sign_in),  # before allauth's of the same address
    path("admin/login/", sign_in.admin_login, name="admin_login"),
]
