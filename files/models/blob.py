"""One immutable object in one pool under one key."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from files.models.pool import Pool


class Blob(models.Model):
    """`claimed_at`: when somebody last said that it is about to be used; collection leaves a day from then.

    `doomed_at` is set by the collector, under the row lock, once nothing refers to it: a doomed blob may
    never be referred to again, and its object goes before its row, so that no crash leaves an object
    that no row knows.

    `dead_since`: when it was first seen that not all of its bytes are needed any more: it is a pack out of which
    something was purged, or went to another region (files/maintenance/compact.py).
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="blobs")
    key = models.CharField(_("key"), max_length=200)
    size = models.BigIntegerField(_("size (bytes)"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    claimed_at = models.DateTimeField(db_default=Now())
    doomed_at = models.DateTimeField(null=True)
    dead_since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("blob")
        verbose_name_plural = _("blobs")
        constraints = [models.UniqueConstraint("pool", "key", name="blob_key_unique")]
        indexes = [
            models.Index(fields=["claimed_at"], name="blob_claimed"),
            models.Index(fields=["dead_since"], name="blob_dead", condition=models.Q(dead_since__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.key
