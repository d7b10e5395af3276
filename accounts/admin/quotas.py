"""Quotas: the limit is the one thing to be changed; what is used is the ledger's own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.teams import change_quota
from accounts.console import ConsoleAdmin, SizeField, actor_of, human_size, telling
from accounts.models import QuotaAccount


class QuotaForm(forms.ModelForm):
    """A limit as people write it."""

    limit = SizeField(label=_("limit"), help_text=_("Like 10GB, 500MB or none. Takes effect at once."))

    class Meta:
        model = QuotaAccount
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = self.instance.limit_bytes
        self.fields["limit"].initial = "none" if limit is None else f"{limit}B"


@admin.register(QuotaAccount)
class QuotaAdmin(ConsoleAdmin):
    """The limit is the one thing to be changed; what is used is the ledger's own."""

    form = QuotaForm
    list_display = ("whose", "used", "limit_shown", "live", "versions", "trash", "uploads")
    search_fields = ("user__email", "team__name")
    list_select_related = ("user", "team")
    fields = ("whose", "limit", "used", "live", "versions", "trash", "uploads")
    readonly_fields = ("whose", "used", "live", "versions", "trash", "uploads")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[QuotaAccount]":
        """Without those of shared spaces, which the managers of a team set on the page of the space."""
        return super().get_queryset(request).filter(space_id=None)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with telling(request):
            change_quota(
                actor_of(request),
                limit_bytes=form.cleaned_data["limit"],
                user_id=obj.user_id,
                team_id=obj.team_id,
            )

    @admin.display(description=_("whose"))
    def whose(self, account: QuotaAccount) -> str:
        return str(account.user or account.team)

    @admin.display(description=_("used"))
    def used(self, account: QuotaAccount) -> str:
        return human_size(account.used_bytes)

    @admin.display(description=_("limit"), ordering="limit_bytes")
    def limit_shown(self, account: QuotaAccount) -> str:
        return human_size(account.limit_bytes)

    @admin.display(description=_("live"), ordering="live_bytes")
    def live(self, account: QuotaAccount) -> str:
        return human_size(account.live_bytes)

    @admin.display(description=_("versions"), ordering="versions_bytes")
    def versions(self, account: QuotaAccount) -> str:
        return human_size(account.versions_bytes)

    @admin.display(description=_("trash"), ordering="trash_bytes")
    def trash(self, account: QuotaAccount) -> str:
        return human_size(account.trash_bytes)

    @admin.display(description=_("uploads in flight"), ordering="uploads_bytes")
    def uploads(self, account: QuotaAccount) -> str:
        return human_size(account.uploads_bytes)
