"""What people write about a file or folder, and whom they mention in it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from files.models import Node

MAXIMUM_COMMENT = 4_000  # characters, as it is kept


class Comment(models.Model):
    """It belongs to its node, wherever that goes, and goes with it. Without an author it is a former member's.

    In `text`, which is plain, `@user:42` mentions a person by their id (sharing/mentions.py).
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    node = models.ForeignKey(Node, models.DO_NOTHING, related_name="+", db_constraint=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("time"), db_default=Now())
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self) -> str:
        return f"{self.pk} on {self.node_id}"


class Mention(models.Model):
    """Somebody of the team whom a comment names, whether they may see it or not."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions", db_constraint=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint("comment", "user", name="mention_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.comment_id}"
