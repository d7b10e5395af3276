"""Who may do what: grants on nodes, and folders at which those from above end. And mounts: what of other spaces
appears in somebody's home.
"""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Group, Team
from common.ids import new_id
from files.models.node import Node
from files.models.space import Space


class Grant(models.Model):
    """A role on a node and everything below it, for one user, group, team or link, perhaps until a time.

    The roles are those of files.access.rights. A grant on the root of a team's space makes its members.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    node = models.ForeignKey(Node, models.CASCADE, related_name="grants", db_constraint=False)
    space = models.ForeignKey(Space, models.CASCADE, related_name="+", db_constraint=False)  # that of the node
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False)
    link_id = models.BigIntegerField(_("link"), null=True, blank=True)
    role = models.CharField(_("role"), max_length=20)
    can_download = models.BooleanField(_("may download"), default=True, db_default=True)
    can_share = models.BooleanField(_("may share it on"), default=True, db_default=True)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(user__isnull=False, group=None, team=None, link_id=None)
                    | models.Q(user=None, group__isnull=False, team=None, link_id=None)
                    | models.Q(user=None, group=None, team__isnull=False, link_id=None)
                    | models.Q(user=None, group=None, team=None, link_id__isnull=False)
                ),
                name="grant_to_one",
            ),
            models.UniqueConstraint("node", "user", condition=models.Q(user__isnull=False), name="grant_one_user"),
            models.UniqueConstraint("node", "group", condition=models.Q(group__isnull=False), name="grant_one_group"),
            models.UniqueConstraint("node", "team", condition=models.Q(team__isnull=False), name="grant_one_team"),
        ]

    def __str__(self) -> str:
        return f"{self.role} on {self.node_id}"


class Restriction(models.Model):
    """A folder at which grants from above end, except those of the owner and the managers of its space."""

    node = models.OneToOneField(Node, models.CASCADE, related_name="restriction", db_constraint=False)
    space = models.ForeignKey(Space, models.CASCADE, related_name="+", db_constraint=False)  # that of the node
    created_at = models.DateTimeField(_("since"), db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )

    class Meta:
        verbose_name = _("restricted folder")
        verbose_name_plural = _("restricted folders")

    def __str__(self) -> str:
        return str(self.node_id)


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
