"""What somebody wants to be reminded of, and when."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from files.models import Node

MAXIMUM_NOTE = 200  # characters


class Reminder(models.Model):
    """For one person alone, about a node that they see. It goes when they are told, and with its node."""

    id = models.BigAutoField(primary_key=True, default=new_id)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    node = models.ForeignKey(Node, models.DO_NOTHING, related_name="+", db_constraint=False)
    at = models.DateTimeField(_("time"))
    note = models.CharField(_("note"), max_length=MAXIMUM_NOTE, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        indexes = [models.Index(fields=["at"], name="reminder_time")]

    def __str__(self) -> str:
        return f"{self.node_id} for {self.user_id}"
