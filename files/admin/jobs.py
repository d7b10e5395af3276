"""Jobs by the clock: when each last succeeded, and what its runs did."""

from django.contrib import admin

from accounts.console import ConsoleAdmin
from files.models.job import Job, JobRun


@admin.register(Job)
class JobAdmin(ConsoleAdmin):
    list_display = ("name", "started_at", "succeeded_at", "failed_at", "leased_until")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(JobRun)
class JobRunAdmin(ConsoleAdmin):
    list_display = ("job", "state", "started_at", "finished_at", "result", "error_code")
    list_filter = ("state", "job")
    list_select_related = ("job",)
    ordering = ("-started_at",)
