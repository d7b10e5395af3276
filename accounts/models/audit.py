"""Who did what outside the tree; acts on the tree are in the journal (`files.Change`)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.team import Team


class AuditEvent(models.Model):
    """One act: never changed, never a secret in it."""

    at = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="audit_events"
    )
    # `user`, `link`, `nobody` or `system:name`; empty for what releases before this column wrote.
    principal = models.CharField(_("principal"), max_length=60, blank=True, default="", db_default="")
    link_id = models.BigIntegerField(_("link"), null=True, blank=True)
    grant_id = models.BigIntegerField(_("grant"), null=True, blank=True)  # of files.Grant: by which the actor might
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="audit_events")
    kind = models.CharField(_("kind"), max_length=50)  # "token.create", "sign_in.failed", "quota.change"
    target = models.CharField(_("target"), max_length=200, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    client = models.CharField(_("client"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind} {self.target}"
