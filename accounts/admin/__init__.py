"""People, teams, quotas, tokens and what was done, in the admin console.

Signing in goes through the product's own pages, with their second factor and their slowing of guesses.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from accounts.admin import quotas, records, teams, users
from accounts.console import forget_foreign_pages

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
forget_foreign_pages()

__all__ = ["quotas", "records", "teams", "users"]
