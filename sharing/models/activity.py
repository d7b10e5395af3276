"""What happened to a node and is no change of its tree: it was shared, or somebody read it who was let in to it.

The journal (files.models.Change) has the changes. These rows are made from the audit record and from reads
(sharing/actions/audit_follower.py, sharing/actions/reads.py), so that activity finds them by space and time.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from files.models import Space


class HappeningKind(models.TextChoices):
    SHARE = "share", _("shared")
    UNSHARE = "unshare", _("taken back")
    RESTRICT = "restrict", _("restricted")
    UNRESTRICT = "unrestrict", _("no longer restricted")
    READ = "read", _("read")
    COMMENT = "comment", _("commented on")


class Happening(models.Model):
    """`node_id` is no foreign key: a row outlives its node, and is shown to nobody then.

    `event_id` is the audit event that it was made from: one row each. Of a read `reader` says by whom (`user:7`,
    `link:3`) and `hour` in which hour since 1970: one row each. `detail` of a share: `subject`, `id`, `role`, `before`.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    space = models.ForeignKey(Space, models.CASCADE, related_name="+", db_constraint=False)
    node_id = models.BigIntegerField(_("node"))
    kind = models.CharField(_("kind"), max_length=10, choices=HappeningKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    principal = models.CharField(_("principal"), max_length=60, blank=True, default="", db_default="")
    link_id = models.BigIntegerField(_("link"), null=True, blank=True)
    reader = models.CharField(max_length=30, blank=True, default="", db_default="")
    hour = models.BigIntegerField(null=True, blank=True)
    event_id = models.BigIntegerField(null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("event of sharing")
        verbose_name_plural = _("events of sharing")
        constraints = [
            models.UniqueConstraint("event_id", name="happening_event"),
            models.UniqueConstraint("node_id", "reader", "hour", name="happening_read"),
        ]
        indexes = [
            models.Index(fields=["space", "at"], name="happening_space"),
            models.Index(fields=["at"], name="happening_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind} {self.node_id}"


class AuditPosition(models.Model):
    """How far the follower of the audit record is. There is one row, `name` says of what."""

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField(_("handled until"))

    class Meta:
        verbose_name = _("position in the audit record")
        verbose_name_plural = _("positions in the audit record")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
