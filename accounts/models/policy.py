"""What a team demands of its people, and of what they give to others."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.team import Team
from common.ids import new_id

LONGEST_DAYS = 3650
MAXIMUM_TOKENS = 1_000
MAXIMUM_DOMAINS = 100
LONGEST_GRACE = 365
DEFAULT_GRACE = 14
_DAYS = [MinValueValidator(1), MaxValueValidator(LONGEST_DAYS)]


class Outside(models.TextChoices):
    """Who may make links that open for others than the team, or have webhooks, which tell others of it."""

    EVERYBODY = "everybody", _("Everybody in the team")
    ADMINS = "admins", _("Owners and administrators")
    NOBODY = "nobody", _("Nobody")


class TeamPolicy(models.Model):
    """One row for a team that has ever changed a policy; the others have the defaults, which demand nothing.

    Empty is no limit. The settings of links are for those that open for others than the team. Retention is in days, on
    top of what the installation keeps: the shorter one counts. `invitation_domains` are in lower case; an empty list
    allows all.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    team = models.OneToOneField(Team, models.CASCADE, related_name="policy", db_constraint=False)
    external_links = models.CharField(
        _("links for others than the team"),
        max_length=10,
        choices=Outside,
        default=Outside.EVERYBODY,
        db_default=Outside.EVERYBODY,
    )
    link_password_required = models.BooleanField(_("links need a password"), default=False, db_default=False)
    link_expiry_required = models.BooleanField(_("links need an end"), default=False, db_default=False)
    link_default_days = models.PositiveIntegerField(
        _("a link without an end ends after (days)"), null=True, blank=True, validators=_DAYS
    )
    link_longest_days = models.PositiveIntegerField(
        _("every link ends after (days)"), null=True, blank=True, validators=_DAYS
    )
    second_factor_required = models.BooleanField(_("a second factor is needed"), default=False, db_default=False)
    second_factor_grace_days = models.PositiveIntegerField(
        _("clients of who has none are let in for (days)"),
        default=DEFAULT_GRACE,
        db_default=DEFAULT_GRACE,
        validators=[MaxValueValidator(LONGEST_GRACE)],
    )
    # From when on clients of people without one are refused; empty while none is needed.
    second_factor_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    tokens_per_person = models.PositiveIntegerField(
        _("devices and tokens of one person"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAXIMUM_TOKENS)],
    )
    invitation_domains = models.JSONField(_("domains of those who are invited"), default=list, blank=True)
    trash_days = models.PositiveIntegerField(_("trash is kept for (days)"), null=True, blank=True, validators=_DAYS)
    version_days = models.PositiveIntegerField(
        _("earlier versions are kept for (days)"), null=True, blank=True, validators=_DAYS
    )
    support_by_two_admins = models.BooleanField(
        _("two administrators may decide on a support access"), default=False, db_default=False
    )
    webhooks = models.CharField(
        _("webhooks"), max_length=10, choices=Outside, default=Outside.EVERYBODY, db_default=Outside.EVERYBODY
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("policy of a team")
        verbose_name_plural = _("policies of teams")

    def __str__(self) -> str:
        return f"policy of {self.team_id}"
