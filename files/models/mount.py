"""What of other spaces appears in somebody's home: team spaces, and what was granted to them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from files.models.node import Node
from files.models.space import Space


class Mount(models.Model):
    """`node` is the row in the home of `user` that stands for `target` (its `target_id` says so too), a folder or
    a file of `space`. It is null while the mount is hidden: its owner has deleted it, and nothing makes it again until
    they bring it back. One for each user and target.

    All rows can be derived from who may see what, except that one is hidden, and the name and place of its node
    (files/actions/mounts.py).
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    target = models.ForeignKey(Node, models.DO_NOTHING, related_name="+", db_constraint=False)
    space = models.ForeignKey(Space, models.CASCADE, related_name="+", db_constraint=False)  # that of the target
    node = models.OneToOneField(Node, models.SET_NULL, null=True, related_name="mount", db_constraint=False)
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("mount")
        verbose_name_plural = _("mounts")
        constraints = [models.UniqueConstraint("user", "target", name="mount_once")]

    def __str__(self) -> str:
        return f"{self.target_id} for {self.user_id}"
