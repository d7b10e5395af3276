"""Policies of teams: to be read. They are the team's alone, and changed on its own pages."""

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from accounts.console import ConsoleAdmin
from accounts.models import TeamPolicy
from accounts.policies import SETTINGS


@admin.register(TeamPolicy)
class TeamPolicyAdmin(ConsoleAdmin):
    list_display = ("team", "external_links", "second_factor_required", "tokens_per_person", "changed_at")
    list_filter = (("team", AutocompleteSelectFilter),)
    search_fields = ("team__name",)
    list_select_related = ("team",)
    ordering = ("-id",)
    fields = ("team", *SETTINGS, "second_factor_due_at", "changed_at")
