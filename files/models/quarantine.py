"""An object that no row knew: set aside, removed after a week unless somebody turns out to need it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from files.models.pool import Pool


class QuarantinedObject(models.Model):
    """`key` is the one it had; the row is made before the object moves and goes after it is removed."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="quarantined")
    key = models.CharField(_("key"), max_length=200)
    size = models.BigIntegerField(_("size (bytes)"))
    found_at = models.DateTimeField(_("found"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("quarantined object")
        verbose_name_plural = _("quarantined objects")
        constraints = [models.UniqueConstraint("pool", "key", name="quarantined_key_unique")]

    def __str__(self) -> str:
        return self.key
