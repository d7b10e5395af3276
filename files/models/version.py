"""What a file held from one moment on."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from files.models.content import Content
from files.models.node import Node


class Version(models.Model):
    """`modified_at` is the client's time, `created_at` ours; `seq` the change that made it current.

    `checksums` are hex by algorithm: those that were sent along with these bytes, or asked for, and verified. They are
    this version's own, for they tell that somebody had the bytes. Null: written by a release that kept them with the
    content (see `known_checksums`). `kept_in` is the space that an earlier version belongs to when its file went to
    another one without it: only there, and to the owner of that home, it is shown (decision 38).
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    node = models.ForeignKey(Node, models.PROTECT, related_name="versions")
    content = models.ForeignKey(Content, models.PROTECT, related_name="versions")
    size = models.BigIntegerField(_("size (bytes)"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    client = models.CharField(_("client"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    modified_at = models.DateTimeField(_("modified"), db_default=Now())
    seq = models.BigIntegerField(default=0)
    checksums = models.JSONField(null=True)
    kept_in = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        indexes = [models.Index(fields=["created_at"], name="version_created")]

    def __str__(self) -> str:
        return f"version {self.pk} of {self.node_id}"

    @property
    def known_checksums(self) -> dict[str, str]:
        """Those of the content (which must be loaded) count for old versions, once it is known to be one team's."""
        if self.checksums is not None:
            return dict(self.checksums)
        return dict(self.content.checksums) if self.content.team_id is not None else {}
