"""A tenant. Every account belongs to exactly one team; a person alone has a team of one."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("owner")
    ADMIN = "admin", _("administrator")
    MEMBER = "member", _("member")


class Team(models.Model):
    """A tenant: its people share seats, a quota and spaces."""

    name = models.CharField(_("name"), max_length=150)
    # How many active people it may have. Without it everyone, an owner of a team of one, could make accounts.
    seats = models.PositiveIntegerField(_("seats"), null=True, blank=True, default=1)  # empty: no limit
    # Empty: its bytes may be in any pool; else only in pools of this region (files.blobs.pools).
    region = models.CharField(_("region"), max_length=50, blank=True, default="", db_default="")
    # When the region was set, and when all bytes were last seen to be there (files.maintenance.regions).
    region_changed_at = models.DateTimeField(null=True, editable=False)
    region_settled_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's place in their one team."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="membership")
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)
    # Set when the person was removed: a job deletes the account ACCOUNT_DELETION_GRACE later, unless they are let in
    # again. Who is only stopped has none, and stays.
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    # From here on nothing brings the account back: its home is being purged.
    deletion_began_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of {self.team_id}"
