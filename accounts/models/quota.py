"""How many bytes an account or a team may hold, and how many it holds, by ledger line."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.team import Team


class QuotaAccount(models.Model):
    """One per user, per team and per shared space (`space_id`: one that an older release made has none until it gets a
    limit). What the account of a user or a space is charged, the team's is charged too.

    Four lines are bytes, logical (two nodes with the same content are charged twice). `nodes` are files and folders, in
    the trash too; `properties` characters of dead properties. Only `accounts.quotas` writes them, inside the
    transaction of the act that it charges for. The release before does not know of the last two: a job counts again.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="quota")
    team = models.OneToOneField(Team, models.CASCADE, null=True, blank=True, related_name="quota")
    # Of files.Space, which this app does not know.
    space_id = models.BigIntegerField(_("space"), null=True, blank=True, unique=True)
    limit_bytes = models.BigIntegerField(_("limit (bytes)"), null=True, blank=True)
    live_bytes = models.BigIntegerField(default=0)
    versions_bytes = models.BigIntegerField(default=0)
    trash_bytes = models.BigIntegerField(default=0)
    uploads_bytes = models.BigIntegerField(default=0)
    nodes = models.BigIntegerField(default=0, db_default=0)
    properties = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, team=None, space_id=None)
                | Q(user=None, team__isnull=False, space_id=None)
                | Q(user=None, team=None, space_id__isnull=False),
                name="quota_of_one",
            ),
            models.CheckConstraint(
                condition=Q(live_bytes__gte=0)
                & Q(versions_bytes__gte=0)
                & Q(trash_bytes__gte=0)
                & Q(uploads_bytes__gte=0),
                name="quota_lines_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(limit_bytes__isnull=True) | Q(limit_bytes__gte=0), name="quota_limit_ok"
            ),
        ]

    def __str__(self) -> str:
        return f"quota of {self.whose} {self.team_id or self.user_id or self.space_id}"

    @property
    def whose(self) -> str:
        """`account`, `team` or `space`: as errors name it."""
        if self.team_id is not None:
            return "team"
        return "space" if self.space_id is not None else "account"

    @property
    def used_bytes(self) -> int:
        return self.live_bytes + self.versions_bytes + self.trash_bytes + self.uploads_bytes

    @property
    def free_bytes(self) -> int | None:
        """Bytes left, never below zero; None without a limit."""
        return None if self.limit_bytes is None else max(0, self.limit_bytes - self.used_bytes)
