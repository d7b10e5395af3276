"""A copy that is too large for one transaction: made by a job, some hundred nodes at a time."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CopyState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    ENDED = "ended", _("ended")  # by its person


class CopyJob(models.Model):
    """`targets` are the ids of the new top folders, which there are from the beginning.

    `position` is where it goes on: a stack of `[space of the source, source folder, target folder, last child of the
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
