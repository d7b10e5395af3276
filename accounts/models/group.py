"""Named sets of people in a team."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.team import Team
from common.ids import new_id


class Group(models.Model):
    """`name` is kept in NFC and unique in its team. The release before knows nothing of groups, so no constraint of
    the database keeps it from deleting what they refer to.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    team = models.ForeignKey(Team, models.CASCADE, related_name="groups", db_constraint=False)
    name = models.CharField(_("name"), max_length=100)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="group_name_unique_in_team")]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """Who leaves the team leaves its groups; who is only stopped stays in them."""

    id = models.BigAutoField(primary_key=True, default=new_id)
    group = models.ForeignKey(Group, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="in_groups", db_constraint=False)
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="group_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"
