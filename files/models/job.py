"""Jobs that run by the clock: one row a job, and one a run that did something."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    LOST = "lost", _("lost")  # its process died; the next run goes on


class Job(models.Model):
    """`holder` has the job until `leased_until`, so that it never runs twice at once, on whatever machines."""

    name = models.CharField(_("name"), max_length=50, primary_key=True)
    holder = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    started_at = models.DateTimeField(_("last start"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True)
    failed_at = models.DateTimeField(_("last failure"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked for"), null=True, blank=True)  # a person wants it now, due or not

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return self.name


class JobRun(models.Model):
    """A run that found work, failed, or was lost with its process. `result` is what it counted."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="runs")
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.RUNNING)
    result = models.JSONField(_("result"), default=dict)
    error_code = models.CharField(_("error"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("run of a job")
        verbose_name_plural = _("runs of jobs")
        indexes = [models.Index(fields=["job", "-started_at"], name="jobrun_latest")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.state}"
