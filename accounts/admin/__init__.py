"""People, teams, quotas, tokens and what was done, in the admin console.

Signing in and changing the password go through the product's own pages, with their second factor and their slowing
of guesses.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.views.generic import RedirectView

from accounts.admin import policies, quotas, records, teams, users

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.password_change = RedirectView.as_view(pattern_name="account_change_password")  # type: ignore[assignment,method-assign]

__all__ = ["policies", "quotas", "records", "teams", "users"]
