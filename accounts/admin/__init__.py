"""People, teams, quotas, tokens and what was done, in the admin console.

Signing in and changing the password go through the product's own pages, with their second factor and their slowing
of guesses.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest
from django.views.generic import RedirectView

from accounts.admin import policies, quotas, records, teams, users
from accounts.request_actor import second_factor_due_at

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")  # type: ignore[assignment,method-assign]

_is_administrator = admin.site.has_permission


def _has_permission(request: HttpRequest) -> bool:
    """Whose team asks for a second factor and who has none is sent to the sign-in, which leads there."""
    return _is_administrator(request) and second_factor_due_at(request) is None


admin.site.has_permission = _has_permission  # type: ignore[method-assign]

__all__ = ["policies", "quotas", "records", "teams", "users"]
