"""Failed sign-ins: one row per account tried and per address, written by failures only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SignInThrottle(models.Model):
    """In the database, not the cache: every process and replica counts the same. See accounts.throttle."""

    key = models.CharField(_("what is slowed"), max_length=80, unique=True)  # "account:<digest>", "address:<net>"
    failures = models.PositiveIntegerField(_("failures"), default=0)
    last_failure_at = models.DateTimeField(_("last failure"), db_index=True)
    blocked_until = models.DateTimeField(_("refused until"), null=True, blank=True)

    class Meta:
        verbose_name = _("slowed sign-in")
        verbose_name_plural = _("slowed sign-ins")

    def __str__(self) -> str:
        return f"{self.key}: {self.failures}"
