"""The brake on mass change: what each client has changed in a space lately, who is held, and a team's own bounds."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from common.ids import new_id
from files.models.space import Space


class BrakeCounter(models.Model):
    """What one client has deleted, overwritten and renamed in a space since `began_at`, written in the transaction of
    each change. `client` is what it showed: accounts.actor.Actor.credential.

    `base` is how many files and folders the space had when the count began. `suspicious` are the changes that look like
    those of ransomware. Until `free_until` nothing holds the client here: somebody has accepted what it does.
    """

    space = models.ForeignKey(Space, models.CASCADE, related_name="+", db_constraint=False)
    client = models.CharField(max_length=60)
    user_id = models.BigIntegerField(null=True)
    began_at = models.DateTimeField(db_index=True)
    free_until = models.DateTimeField(null=True)
    base = models.BigIntegerField(default=0)
    changes = models.BigIntegerField(default=0)
    repeats = models.BigIntegerField(default=0)  # of them, those of a file that it had changed before, when last looked
    suspicious = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "client"], name="brake_counter_unique")]

    def __str__(self) -> str:
        return f"{self.changes} in space {self.space_id}"


class BrakeState(models.TextChoices):
    HELD = "held", _("held")
    REVERTING = "reverting", _("being undone")
    REVERTED = "reverted", _("undone")
    FAILED = "failed", _("could not be undone")
    ACCEPTED = "accepted", _("allowed")


class Brake(models.Model):
    """A client that has gone too far in a space. It changes nothing anywhere until `released_at` is set.

    `began_at` is when its count began: what it did since then is what is shown, and undone unless somebody chooses
    another moment. `changes`, `suspicious` and `bound` are what tripped it, with the act that was refused.

    Of a revert: `since_seq` and `until_seq` bound its journal lines, `plan` is a list of `[step, node]`, of which
    `done` are carried out, `result` counts what came of it. Ids are no foreign keys of the database, because the
    release before removes rows without knowing of this table.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    space = models.ForeignKey(Space, models.CASCADE, related_name="+", db_constraint=False)
    client = models.CharField(max_length=60)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    client_name = models.CharField(_("client"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    began_at = models.DateTimeField(_("since"))
    held_at = models.DateTimeField(_("held"))
    changes = models.BigIntegerField(_("changes"), default=0)
    suspicious = models.BigIntegerField(_("suspicious changes"), default=0)
    bound = models.BigIntegerField(default=0)
    state = models.CharField(_("state"), max_length=10, choices=BrakeState, default=BrakeState.HELD)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    since_seq = models.BigIntegerField(null=True)
    until_seq = models.BigIntegerField(null=True)
    plan = models.JSONField(default=list)
    done = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    error_code = models.CharField(_("error"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("held client")
        verbose_name_plural = _("held clients")
        constraints = [
            models.UniqueConstraint(
                fields=["space", "client"], condition=models.Q(released_at=None), name="brake_held_once_in_a_space"
            )
        ]
        indexes = [
            models.Index(fields=["client"], condition=models.Q(released_at=None), name="brake_of_client"),
            models.Index(fields=["space", "-held_at"], name="brake_of_space"),
            models.Index(fields=["id"], condition=models.Q(state=BrakeState.REVERTING), name="brake_reverting"),
        ]

    def __str__(self) -> str:
        return f"{self.client_name} {self.state}"


class BrakePolicy(models.Model):
    """A team's own bounds; null is what the installation has."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="+", db_constraint=False)
    is_on = models.BooleanField(default=True, db_default=True)
    floor = models.IntegerField(null=True)
    most = models.IntegerField(null=True)
    share = models.IntegerField(null=True)  # percent
    strict = models.IntegerField(null=True)

    def __str__(self) -> str:
        return f"brake of team {self.team_id}"
