"""What arrived through links: for each sender what they have sent, to be shown to them as a receipt."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from sharing.models.link import Link

MAXIMUM_SENDER = 60  # characters
MAXIMUM_SECRET = 40


class Delivery(models.Model):
    """What one sender has sent to a link at one time. `secret` is in the address of the receipt, and `sender` what they
    called themselves.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    link = models.ForeignKey(Link, models.CASCADE, related_name="deliveries", db_constraint=False)
    secret = models.CharField(max_length=MAXIMUM_SECRET, editable=False)
    sender = models.CharField(_("sender"), max_length=MAXIMUM_SENDER, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("begun"), db_default=Now())

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint("link", "secret", name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.sender or '?'} to {self.link_id}"


class DeliveredFile(models.Model):
    """One file, as it was when it arrived: what its owner does with it later is nothing to its sender."""

    id = models.BigAutoField(primary_key=True, default=new_id)
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="files", db_constraint=False)
    node_id = models.BigIntegerField()
    name = models.CharField(_("name"), max_length=255)
    size = models.BigIntegerField(_("size"))
    is_late = models.BooleanField(_("late"), default=False, db_default=False)
    at = models.DateTimeField(_("arrived"))

    class Meta:
        verbose_name = _("delivered file")
        verbose_name_plural = _("delivered files")

    def __str__(self) -> str:
        return self.name
