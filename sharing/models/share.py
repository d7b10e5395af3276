"""What sharing keeps beside grants: the message that goes with one, and shares that wait for somebody to come.

A share is a grant (files.access): what it gives, to whom and until when is there, and decided there. Grants that are
removed with their node leave their rows here; a job forgets those (sharing/actions/waiting.py).
"""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from common.ids import new_id
from files.models import Grant, Node

MAXIMUM_MESSAGE = 1_000  # characters


class Share(models.Model):
    """Beside one grant, whose id is that of the share. A grant without such a row is a share without a message."""

    grant = models.OneToOneField(Grant, models.CASCADE, primary_key=True, related_name="share", db_constraint=False)
    message = models.TextField(_("message"), blank=True, default="", db_default="")
    # Whose the message is: it goes with their account.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    notified_at = models.DateTimeField(_("told by mail"), null=True, blank=True)
    is_quiet = models.BooleanField(_("no mail about it"), default=False, db_default=False)

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")

    def __str__(self) -> str:
        return str(self.grant_id)


class WaitingShare(models.Model):
    """For an address that nobody in the team has yet. Once somebody with it is in the team it becomes a grant, whose id
    is that of this row; then the row goes.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    node = models.ForeignKey(Node, models.DO_NOTHING, related_name="+", db_constraint=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_constraint=False)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20)
    can_download = models.BooleanField(_("may download"), default=True, db_default=True)
    can_share = models.BooleanField(_("may share it on"), default=True, db_default=True)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    message = models.TextField(_("message"), blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("since"), db_default=Now())
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        verbose_name = _("waiting share")
        verbose_name_plural = _("waiting shares")
        constraints = [models.UniqueConstraint(fields=["node", "email"], name="waiting_share_once")]
        indexes = [models.Index(fields=["team", "email"], name="waiting_share_of_address")]

    def __str__(self) -> str:
        return f"{self.node_id} for {self.email}"


class Transfer(models.Model):
    """A file or folder of a home that its owner offers to somebody of the team, whose it becomes when they accept."""

    id = models.BigAutoField(primary_key=True, default=new_id)
    node = models.ForeignKey(Node, models.DO_NOTHING, related_name="+", db_constraint=False)
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    keeps = models.CharField(_("role that the giver keeps"), max_length=20, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [models.UniqueConstraint(fields=["node"], name="transfer_once")]

    def __str__(self) -> str:
        return f"{self.node_id} to {self.receiver_id}"


class ShareNumber(models.Model):
    """A number of 31 bits for a share or a link: what clients that read no larger one call it by. At random, so that it
    tells nothing of how many others there are.
    """

    number = models.IntegerField(primary_key=True)
    share_id = models.BigIntegerField(_("share"), unique=True)

    class Meta:
        verbose_name = _("number of a share")
        verbose_name_plural = _("numbers of shares")

    def __str__(self) -> str:
        return f"{self.number} of {self.share_id}"
