"""A configured storage backend."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PoolState(models.TextChoices):
    ACTIVE = "active", _("active")
    READ_ONLY = "read_only", _("read-only")
    DRAINING = "draining", _("draining")


class Pool(models.Model):
    """`url` empty means: the one of the environment (STORAGE_URL), so that its secrets stay there; others are sealed
    with the SECRET_KEY (files.blobs.pools).

    What a draining pool holds moves to `target` (None: the oldest active pool of its region) since `moving_since`;
    `moved_blobs` and `moved_bytes` are counted from then, `move_rate` is bytes a second of the last while.
    """

    name = models.SlugField(_("name"), unique=True)
    url = models.CharField(_("URL"), max_length=4000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=PoolState, default=PoolState.ACTIVE)
    region = models.CharField(_("region"), max_length=50, blank=True)
    redirect_downloads = models.BooleanField(_("redirect downloads to the object store"), default=False)
    direct_uploads = models.BooleanField(_("let clients upload to the object store"), default=False)
    target = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("moves to")
    )
    changed_at = models.DateTimeField(_("state changed"), null=True)
    moving_since = models.DateTimeField(_("moving since"), null=True)
    moved_blobs = models.BigIntegerField(_("objects moved"), default=0, db_default=0)
    moved_bytes = models.BigIntegerField(_("bytes moved"), default=0, db_default=0)
    move_rate = models.BigIntegerField(_("bytes a second"), default=0, db_default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("storage pool")
        verbose_name_plural = _("storage pools")

    def __str__(self) -> str:
        return self.name
