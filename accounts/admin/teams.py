"""Teams and who belongs to them: made and changed through their actions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from accounts.actions.change_role import change_role
from accounts.actions.create_team import create_team
from accounts.console import ConsoleAdmin, SizeField, actor_of, human_size
from accounts.models import Membership, Team


class TeamForm(forms.ModelForm):
    """A new team; its people are added afterwards."""

    quota = SizeField(label=_("quota"), initial="none", help_text=_("Like 10GB, 500MB or none."))

    class Meta:
        model = Team
        fields = ("name", "seats", "quota")


@admin.register(Team)
class TeamAdmin(ConsoleAdmin):
    list_display = ("name", "seats", "used", "limit", "created_at")
    search_fields = ("name", "memberships__user__email")
    list_select_related = ("quota",)
    ordering = ("name",)
    fields = ("name", "seats", "used", "limit", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[ModelForm]:
        return TeamForm if obj is None else super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return TeamForm.Meta.fields if obj is None else self.fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        team = create_team(actor_of(request), name=data["name"], quota_bytes=data["quota"], seats=data["seats"])
        obj.pk = team.pk

    @admin.display(description=_("used"))
    def used(self, team: Team) -> str:
        return human_size(team.quota.used_bytes) if hasattr(team, "quota") else "—"

    @admin.display(description=_("limit"))
    def limit(self, team: Team) -> str:
        return human_size(team.quota.limit_bytes) if hasattr(team, "quota") else "—"


@admin.register(Membership)
class MembershipAdmin(ConsoleAdmin):
    """The role is the one thing to be changed; a team keeps an owner."""

    list_display = ("user", "team", "role", "joined_at")
    list_filter = (("role", ChoicesDropdownFilter), ("team", AutocompleteSelectFilter))
    search_fields = ("user__email", "team__name")
    list_select_related = ("user", "team")
    fields = ("user", "team", "role", "joined_at")
    readonly_fields = ("user", "team", "joined_at")
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        change_role(actor_of(request), user_id=obj.user_id, role=form.cleaned_data["role"])
