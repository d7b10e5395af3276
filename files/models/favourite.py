"""A node that a person wants to find again soon."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from files.models.node import Node


class Favourite(models.Model):
    """Each person has their own. It stays with the node through moves and the trash, and goes with its last row."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites", db_constraint=False)
    node = models.ForeignKey(Node, models.CASCADE, related_name="favourites", db_constraint=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints = [models.UniqueConstraint("user", "node", name="favourite_unique")]

    def __str__(self) -> str:
        return f"{self.node_id} of {self.user_id}"
