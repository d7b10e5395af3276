"""The app of people and teams."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and teams")

    def ready(self) -> None:
        from accounts import audit_of_pages
        from accounts.api import authentication  # noqa: F401 (its part of the OpenAPI schema registers itself)

        audit_of_pages.connect()
