"""A configured storage backend."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PoolState(models.TextChoices):
    ACTIVE = "active", _("active")
    READ_ONLY = "read_only", _("read-only")
    DRAINING = "draining", _("draining")


class Pool(models.Model):
    """`url` empty means: the one of the environment (STORAGE_URL), so that its secrets stay there."""

    name = models.SlugField(_("name"), unique=True)
    url = models.CharField(_("URL"), max_length=1000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=PoolState, default=PoolState.ACTIVE)
    region = models.CharField(_("region"), max_length=50, blank=True)
    redirect_downloads = models.BooleanField(_("redirect downloads to the object store"), default=False)
    direct_uploads = models.BooleanField(_("let clients upload to the object store"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("storage pool")
        verbose_name_plural = _("storage pools")

    def __str__(self) -> str:
        return self.name
