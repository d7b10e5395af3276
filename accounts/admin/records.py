"""Access tokens, which can be revoked, and the record of what was done. Neither shows a secret."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    FieldTextFilter,
    RangeDateTimeFilter,
)

from accounts.actions.export_audit import export_audit
from accounts.actions.tokens import revoke_token
from accounts.console import ConsoleAdmin, actor_of, telling
from accounts.models import AccessToken, AuditEvent
from common.content_disposition import content_disposition


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
    list_display = ("at", "kind", "target", "actor", "principal", "client", "address", "position")
    list_filter = (
        ("kind", FieldTextFilter),
        ("target", FieldTextFilter),
        ("actor", AutocompleteSelectFilter),
        ("address", FieldTextFilter),
        ("team", AutocompleteSelectFilter),
        ("at", RangeDateTimeFilter),
        ("origin", ChoicesDropdownFilter),
    )
    search_fields = ("kind", "target", "actor__email")
    list_select_related = ("actor",)
    ordering = ("-id",)
    fields = (
        *("at", "kind", "target", "actor", "principal", "grant_id", "link_id", "team", "detail", "client", "address"),
        *("position", "digest", "origin"),
    )
    actions = ("as_csv", "as_json_lines", "as_syslog")

    @admin.action(description=_("Download as CSV"))
    def as_csv(self, request: HttpRequest, events: "QuerySet[AuditEvent]") -> HttpResponseBase:
        return _download(request, events, "csv", "text/csv; charset=utf-8")

    @admin.action(description=_("Download as JSON lines"))
    def as_json_lines(self, request: HttpRequest, events: "QuerySet[AuditEvent]") -> HttpResponseBase:
        return _download(request, events, "jsonl", "application/jsonl")

    @admin.action(description=_("Download as syslog (RFC 5424)"))
    def as_syslog(self, request: HttpRequest, events: "QuerySet[AuditEvent]") -> HttpResponseBase:
        return _download(request, events, "syslog", "text/plain; charset=utf-8")


def _download(request: HttpRequest, events: "QuerySet[AuditEvent]", form: str, media_type: str) -> HttpResponseBase:
    """Of the selected acts, or of all that the filters have left (Select all)."""
    pieces = export_audit(actor_of(request), form=form, events=events)
    name = f"audit.{'log' if form == 'syslog' else form}"
    headers = {"Content-Disposition": content_disposition(name), "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=media_type, headers=headers)
