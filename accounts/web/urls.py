"""Pages of accounts; dropbox_clone/urls.py includes them at the root, before the admin console."""

from django.urls import path

from accounts.web import admin_login, devices, passkey, revoke, setup, tokens

app_name = "accounts"
urlpatterns = [
    path("setup/<str:secret>/", setup.setup, name="setup"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:token_id>/revoke/", tokens.revoke, {"back": "accounts:tokens"}, name="revoke_token"),
    path("settings/devices/", devices.devices, name="devices"),
    path("settings/devices/<int:token_id>/revoke/", tokens.revoke, {"back": "accounts:devices"}, name="revoke_device"),
    path("settings/revoke/", revoke.revoke, name="revoke"),
    path("accounts/2fa/webauthn/login/", passkey.sign_in),  # before allauth's of the same address
    path("admin/login/", admin_login.admin_login, name="admin_login"),
]
