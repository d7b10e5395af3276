"""Words that people put on files and folders, to find them again together."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from common.ids import new_id
from files.models import Node

MAXIMUM_TAG = 50  # characters


class NodeTag(models.Model):
    """For all who see the node. `folded` is the name as it is compared: `Draft` and `draft` are one tag. `team` is that
    of the node's space, so that what others have costs nobody anything: a node leaves it only with its home
    (sharing.actions.tags.change_team).
    """

    id = models.BigAutoField(primary_key=True, default=new_id)  # it is in cursors
    node = models.ForeignKey(Node, models.DO_NOTHING, related_name="+", db_constraint=False)
    team = models.ForeignKey(Team, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    name = models.CharField(_("name"), max_length=MAXIMUM_TAG)
    folded = models.CharField(max_length=4 * MAXIMUM_TAG)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint("node", "folded", name="tag_once")]
        indexes = [models.Index(fields=["team", "folded", "id"], name="tag_name")]

    def __str__(self) -> str:
        return f"{self.name} on {self.node_id}"
