"""What a file held from one moment on."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from files.models.content import Content
from files.models.node import Node


class Version(models.Model):
    """`modified_at` is the client's time, `created_at` ours; `seq` the change that made it current."""

    node = models.ForeignKey(Node, models.PROTECT, related_name="versions")
    content = models.ForeignKey(Content, models.PROTECT, related_name="versions")
    size = models.BigIntegerField(_("size (bytes)"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    client = models.CharField(_("client"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    modified_at = models.DateTimeField(_("modified"), db_default=Now())
    seq = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        indexes = [models.Index(fields=["created_at"], name="version_created")]

    def __str__(self) -> str:
        return f"version {self.pk} of {self.node_id}"
