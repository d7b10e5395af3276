"""The one-time link that makes the first administrator."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SetupLink(models.Model):
    """At most one row (id 1): a new start replaces it, its use deletes it. Holds only the secret's hash."""

    digest = models.CharField(max_length=64, editable=False)  # SHA-256 of the secret, hex
    created_at = models.DateTimeField(_("created"), auto_now=True)
    expires_at = models.DateTimeField(_("expires"))  # not looked at: it lives until there is an administrator

    class Meta:
        verbose_name = _("set-up link")
        verbose_name_plural = _("set-up links")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_setup_link")]

    def __str__(self) -> str:
        return f"set-up link of {self.created_at:%Y-%m-%d %H:%M}"
