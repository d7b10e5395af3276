"""Webhooks: where events are sent, how far each is in the journals that it follows, and what was sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from common.ids import new_id
from files.models import Space

MAXIMUM_URL = 2_000  # characters
MAXIMUM_DESCRIPTION = 200
MAXIMUM_ANSWER = 1_000  # characters of an answer that are kept


class OffReason(models.TextChoices):
    """Why a webhook was switched off by itself."""

    FAILING = "failing", _("It failed for days")
    GONE = "gone", _("Its receiver answered that it is gone (410)")


class Webhook(models.Model):
    """Of one person: of a space (a home of theirs or one that they manage), or of all spaces of a team. It gets what
    this person sees of them when it is sent.

    `kinds` are those of activity; none is all of them. `secret` is sealed (accounts/secret_box.py), and so is the
    earlier one, which signs as well until `old_secret_until`. Before `due_at` nothing is tried again; who sends holds
    it until `leased_until`.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    space = models.ForeignKey(Space, models.CASCADE, related_name="+", null=True, blank=True, db_constraint=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="webhooks", null=True, blank=True, db_constraint=False)
    url = models.CharField(_("address"), max_length=MAXIMUM_URL)
    description = models.CharField(_("description"), max_length=MAXIMUM_DESCRIPTION, blank=True, default="")
    kinds = models.JSONField(_("kinds"), default=list)
    is_on = models.BooleanField(_("on"), default=True)
    off_reason = models.CharField(_("why it is off"), max_length=10, choices=OffReason, blank=True, default="")
    secret = models.TextField(editable=False)
    old_secret = models.TextField(editable=False, blank=True, default="")
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("not tried before"), null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("last delivered"), null=True, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(space__isnull=False, team__isnull=True) | Q(space__isnull=True, team__isnull=False),
                name="webhook_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.description or f"webhook {self.pk}"

    @property
    def host(self) -> str:
        """Of its address, with the port: the rest is often a secret."""
        return self.url.partition("://")[2].partition("/")[0].partition("?")[0]

    @property
    def title(self) -> str:
        """What its owner calls it."""
        return self.description or self.host


class WebhookPosition(models.Model):
    """The last change of a space that a webhook has made a delivery of, or passed over."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="positions", db_constraint=False)
    space = models.ForeignKey(Space, models.CASCADE, related_name="+", db_constraint=False)
    seq = models.BigIntegerField()

    class Meta:
        verbose_name = _("position of a webhook")
        verbose_name_plural = _("positions of webhooks")
        constraints = [models.UniqueConstraint("webhook", "space", name="webhook_position_once")]

    def __str__(self) -> str:
        return f"{self.webhook_id} in {self.space_id}: {self.seq}"


class DeliveryKind(models.TextChoices):
    CHANGES = "changes", _("changes")
    HAPPENING = "happening", _("sharing or reading")
    TEST = "test", _("test")


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("waiting")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    WITHHELD = "withheld", _("nothing to tell")


class WebhookDelivery(models.Model):
    """One message: a piece of the journal of a space, or one happening. What is in it is made when it is sent, from
    what the webhook's person sees then. Its id is that of the message, whenever and however often it is sent.

    `begun_at` is when it was tried first, since it was made or asked for again. No bodies are kept.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=10, choices=DeliveryKind)
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    space_id = models.BigIntegerField(_("space"), null=True, blank=True)
    first_seq = models.BigIntegerField(null=True, blank=True)
    last_seq = models.BigIntegerField(null=True, blank=True)
    happening_id = models.BigIntegerField(null=True, blank=True)
    events = models.PositiveIntegerField(_("events"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("created"))
    begun_at = models.DateTimeField(null=True, blank=True)
    replayed_at = models.DateTimeField(_("asked for again"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery of a webhook")
        verbose_name_plural = _("deliveries of webhooks")
        constraints = [models.UniqueConstraint("webhook", "happening_id", name="webhook_happening_once")]
        indexes = [
            models.Index(fields=["webhook", "id"], condition=Q(state="pending"), name="webhook_pending"),
            models.Index(fields=["created_at"], name="webhook_delivery_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"


class WebhookAttempt(models.Model):
    """One time that a delivery was tried. `status` is that of the answer; without one `error` says what went wrong."""

    id = models.BigAutoField(primary_key=True, default=new_id)
    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempts", db_constraint=False)
    at = models.DateTimeField(_("time"))
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    error = models.CharField(_("error"), max_length=40, blank=True, default="")
    answer = models.TextField(_("answer"), blank=True, default="")

    class Meta:
        verbose_name = _("attempt of a delivery")
        verbose_name_plural = _("attempts of deliveries")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"
