"""An administrator acts as a person for a while, because both have agreed: what was asked, answered, used and ended."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.team import Team
from common.ids import new_id

OPEN = Q(ended_at=None)
# What the person's pages tell of: what is open, and what was used until they have said that they saw it.
TOLD = OPEN | Q(started_at__isnull=False, seen_at=None)


class SupportConsent(models.TextChoices):
    """Who has agreed."""

    PERSON = "person", _("the person")
    OWNER = "owner", _("an owner of the team")
    SECOND_ADMIN = "second_admin", _("a second administrator")


class SupportEnd(models.TextChoices):
    """Why it is over."""

    WITHDRAWN = "withdrawn", _("withdrawn")
    REFUSED = "refused", _("refused")
    UNUSED = "unused", _("not answered, or not used, in time")
    PERSON = "person", _("ended by the person")
    OWNER = "owner", _("ended by an owner of the team")
    ADMINISTRATOR = "administrator", _("ended by the administrator")
    TIME = "time", _("the time was over")
    SIGN_OUT = "sign_out", _("the administrator has signed out")
    RIGHT_LOST = "right_lost", _("the administrator may not any more")


class SupportAccess(models.Model):
    """One request of an administrator (`by`) to act as a person, and what became of it. It is used once, by one
    session.

    `team` is the person's when it was asked. `expires_at`: until when it has to be answered, and then begun.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="support_accesses", db_constraint=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="supported_accesses", db_constraint=False
    )
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_constraint=False)
    reason = models.CharField(_("reason"), max_length=500)
    minutes = models.PositiveIntegerField(_("minutes"))
    may_write = models.BooleanField(_("may change files"), default=False, db_default=False)
    requested_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("expires"))
    consent = models.CharField(
        _("agreed"), max_length=12, choices=SupportConsent, blank=True, default="", db_default=""
    )
    consented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    consented_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    # Of the administrator's session by which it is used: a SHA-256 over its key.
    session = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    # Of the person when it began (accounts/tokens.py): what ends their own sessions ends this, too.
    epoch = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    # The same of the administrator.
    by_epoch = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    end = models.CharField(_("why it ended"), max_length=13, choices=SupportEnd, blank=True, default="", db_default="")
    seen_at = models.DateTimeField(null=True, blank=True)  # by the person, after it was over

    class Meta:
        verbose_name = _("support access")
        verbose_name_plural = _("support accesses")
        constraints = [models.UniqueConstraint(fields=["by", "person"], condition=OPEN, name="one_open_support_access")]
        indexes = [models.Index(fields=["expires_at"], condition=OPEN, name="support_open")]

    def __str__(self) -> str:
        return f"{self.by_id} as {self.person_id}"
