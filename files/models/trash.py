"""A deleted tree: one row per act of deletion, whatever it held."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from files.models.node import Node
from files.models.space import Space


class TrashItem(models.Model):
    """`node` is the top, its parent null; `path` where it was. Once `purging`, it is gone for everybody but
    the job that removes the rows; its bytes are no longer charged.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    space = models.ForeignKey(Space, models.PROTECT, related_name="trash")
    node = models.OneToOneField(Node, models.PROTECT, related_name="trash_item")
    parent_id_before = models.BigIntegerField()
    path = models.TextField(_("path"))
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    deleted_at = models.DateTimeField(_("deleted"))
    seq = models.BigIntegerField()
    purging = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("trash item")
        verbose_name_plural = _("trash")
        indexes = [
            models.Index(fields=["space", "-deleted_at", "-id"], name="trash_listing"),
            models.Index(fields=["deleted_at"], name="trash_age"),
        ]

    def __str__(self) -> str:
        return self.path
