"""Jobs by the clock: when each last succeeded, what its runs did, and starting one now."""

from datetime import timedelta

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from accounts.audit import record
from accounts.console import ConsoleAdmin, actor_of
from files.maintenance.jobs import ask_for
from files.maintenance.upkeep import UPKEEP, jobs
from files.models import Job, JobRun, JobState

COLOURS = {
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "danger",
    JobState.LOST: "warning",
}


@admin.register(Job)
class JobAdmin(ConsoleAdmin):
    list_display = ("name", "what", "asked_at", "started_at", "succeeded_at", "failed_at", "leased_until")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "what", "asked_at", "started_at", "succeeded_at", "failed_at", "leased_until")
    actions = ("run_now",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Job]":
        jobs()  # also those that have never run
        return super().get_queryset(request)

    @admin.display(description=_("what it does"))
    def what(self, job: Job) -> str:
        return str(UPKEEP[job.name].title) if job.name in UPKEEP else "—"

    @admin.action(description=_("Run now"))
    def run_now(self, request: HttpRequest, jobs: "QuerySet[Job]") -> None:
        for job in jobs.filter(name__in=UPKEEP):
            record(actor_of(request), "job.run", job.name)
            ask_for(job.name)
            text = _now("%(name)s: a worker starts it within seconds, or as soon as there is one.")
            messages.success(request, text % {"name": job.name})


@admin.register(JobRun)
class JobRunAdmin(ConsoleAdmin):
    list_display = ("job", "state_shown", "started_at", "took", "result", "error_code")
    list_filter = (("state", ChoicesDropdownFilter), ("job", RelatedDropdownFilter))
    search_fields = ("job__name", "error_code")
    list_select_related = ("job",)
    ordering = ("-id",)
    fields = ("job", "state", "started_at", "finished_at", "result", "error_code")

    @display(description=_("state"), label=COLOURS)
    def state_shown(self, run: JobRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @admin.display(description=_("took"))
    def took(self, run: JobRun) -> str:
        if run.finished_at is None:
            return "—"
        return str(timedelta(seconds=round((run.finished_at - run.started_at).total_seconds())))
