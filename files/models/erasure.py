"""What must be gone: told when it is purged, so that it can be proved later that it is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """A range of an object as it was when a version was removed, or when its bytes left the region of `pool`.

    `content_hash` is that of the range; empty for a piece of a content. Nothing here has a foreign key: it outlives the
    rows that it tells of, people and teams too. `only_pool`: the bytes live on elsewhere, but must leave this pool.
    """

    team_id = models.BigIntegerField(_("team"))
    owner_id = models.BigIntegerField(_("owner of the home"), null=True)
    pool_id = models.BigIntegerField(_("pool"))
    key = models.CharField(_("key"), max_length=200)
    object_size = models.BigIntegerField(_("size of the object (bytes)"))
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True)
    only_pool = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes = [
            models.Index(fields=["team_id", "at"], name="erasure_team"),
            models.Index(fields=["owner_id", "at"], name="erasure_owner"),
            models.Index(fields=["at"], name="erasure_age"),
        ]

    def __str__(self) -> str:
        return f"{self.key}@{self.offset}+{self.length}"
