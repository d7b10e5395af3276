"""Access tokens, which can be revoked, and the record of what was done. Neither shows a secret."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter

from accounts.actions.tokens import revoke_token
from accounts.console import ConsoleAdmin, actor_of, telling
from accounts.models import AccessToken, AuditEvent


@admin.register(AccessToken)
class AccessTokenAdmin(ConsoleAdmin):
    list_display = ("name", "user", "kind", "hint", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("kind", ("user", AutocompleteSelectFilter), ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "user__email", "hint")
    list_select_related = ("user",)
    fields = (
        "name",
        "user",
        "kind",
        "client",
        "hint",
        "scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    actions = ("revoke",)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, tokens: "QuerySet[AccessToken]") -> None:
        for token in tokens:
            with telling(request):
                revoke_token(actor_of(request), token_id=token.pk)


@admin.register(AuditEvent)
class AuditEventAdmin(ConsoleAdmin):
    list_display = ("at", "kind", "target", "actor", "principal", "client", "address")
    list_filter = (("actor", AutocompleteSelectFilter), ("team", AutocompleteSelectFilter), ("at", RangeDateFilter))
    search_fields = ("kind", "target", "actor__email")
    list_select_related = ("actor",)
    ordering = ("-id",)
    fields = (
        *("at", "kind", "target", "actor", "principal", "grant_id", "link_id", "team", "detail", "client", "address"),
    )
