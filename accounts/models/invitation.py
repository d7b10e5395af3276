"""Invitations into a team, the mails that were sent for them, and mail that has yet to be sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.team import Role, Team
from common.ids import new_id

OPEN = Q(accepted_at=None, declined_at=None, withdrawn_at=None)  # and not expired: open_now


class Invitation(models.Model):
    """Holds only the hash of the secret in its link. While it is open it keeps a seat. `invited_by` is null for the
    system (a command), or for somebody who is gone.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations", db_constraint=False)
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the secret, hex
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("last mail"))
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["team", "email"], condition=OPEN, name="one_open_invitation_per_address")
        ]

    def __str__(self) -> str:
        return f"{self.email} into {self.team_id}"


def open_now(invitations: "QuerySet[Invitation]") -> "QuerySet[Invitation]":
    return invitations.filter(OPEN, expires_at__gt=timezone.now())


class InvitationMail(models.Model):
    """One line for each mail of an invitation, for a day: teams and addresses get only so many (accounts.invitations).

    The address is hashed; the lines of one address are counted over all teams.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_constraint=False)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("mail of an invitation")
        verbose_name_plural = _("mails of invitations")
        indexes = [
            models.Index(fields=["team", "at"], name="invitation_mail_team"),
            models.Index(fields=["address", "at"], name="invitation_mail_address"),
        ]


class OutgoingMail(models.Model):
    """`sealed` is JSON, encrypted: whoever reads the database learns neither addresses nor links (outgoing_mail.py)."""

    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    due_at = models.DateTimeField(_("due"), db_index=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
