"""Background work: jobs that run by the clock, copies that are too large for one transaction, and how far the
followers of the journals are.
"""

import uuid

from django.conf import settings
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


class CopyState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    ENDED = "ended", _("ended")  # by its person


class CopyJob(models.Model):
    """`targets` are the ids of the new top folders, which there are from the beginning.

    `position` is where it continues: a stack of `[space of the source, source folder, target folder, last child of the
    source]`, the next one last, written in the transaction that makes the nodes. `done` of about `total` nodes are
    there. Ids are no foreign keys, because the release before removes nodes and people without knowing of this table.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    space_id = models.BigIntegerField()
    targets = models.JSONField(default=list)
    client = models.CharField(_("client"), max_length=200, blank=True)
    total = models.BigIntegerField(_("nodes"))
    done = models.BigIntegerField(_("done"), default=0)
    position = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=CopyState, default=CopyState.RUNNING)
    error_code = models.CharField(_("error"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("copy")
        verbose_name_plural = _("copies")
        indexes = [
            models.Index(fields=["state", "updated_at"], name="copyjob_waiting"),
            models.Index(fields=["user", "created_at"], name="copyjob_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"


class JournalPosition(models.Model):
    """`seq`: the last change of the space that was handled. `settled`: the last one of which nothing is left to do.

    The two differ only for followers that have more to do than the lines themselves say. `steps` counts: whoever has
    planned a step carries it out only if nobody else was faster.
    """

    seq = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    steps = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class FollowerPosition(JournalPosition):
    """Of the followers that keep no table of their own (files/journal_follower.py). One row a follower and space."""

    name = models.CharField(max_length=40)
    space_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("name", "space_id", name="follower_position_unique")]

    def __str__(self) -> str:
        return f"{self.name} in space {self.space_id} at {self.seq}"
