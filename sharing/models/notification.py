"""What somebody is told: on the page, and by mail as they wish."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ids import new_id


class NotificationKind(models.TextChoices):
    SHARE = "share", _("Something is shared with me")
    UNSHARE = "unshare", _("A share has ended")
    INVITATION = "invitation", _("Invitations to a team")
    COMMENT = "comment", _("Comments")
    MENTION = "mention", _("Somebody mentions me")
    REMINDER = "reminder", _("My reminders")
    QUOTA = "quota", _("My storage is nearly full")
    BRAKE = "brake", _("Many changes at once were held")
    WEBHOOK = "webhook", _("A webhook of mine was switched off")
    SUPPORT = "support", _("An administrator acts as me")
    TRANSFER = "transfer", _("Files change hands")


class MailChoice(models.TextChoices):
    """When a kind is mailed."""

    OFF = "off", _("Never")
    ONCE = "once", _("At once")
    DIGEST = "digest", _("Once a day")


# What holds for whoever has said nothing.
DEFAULTS: dict[str, MailChoice] = {
    NotificationKind.SHARE: MailChoice.ONCE,
    NotificationKind.UNSHARE: MailChoice.DIGEST,
    NotificationKind.INVITATION: MailChoice.OFF,  # the invitation itself is a mail
    NotificationKind.COMMENT: MailChoice.DIGEST,
    NotificationKind.MENTION: MailChoice.ONCE,
    NotificationKind.REMINDER: MailChoice.ONCE,
    NotificationKind.QUOTA: MailChoice.ONCE,
    NotificationKind.BRAKE: MailChoice.ONCE,
    NotificationKind.WEBHOOK: MailChoice.ONCE,
    NotificationKind.SUPPORT: MailChoice.OFF,  # it is mailed in any case (accounts/support_mails.py)
    NotificationKind.TRANSFER: MailChoice.ONCE,
}


class Notification(models.Model):
    """`key` says what it is about: the same person is told once (empty: every time). `by` is who did it.

    `mail` says what is still to be done: a mail at once, a line in the next digest, or nothing. `detail` has what the
    text needs, as it was then (sharing/queries/notification_texts.py): names, never paths.
    """

    id = models.BigAutoField(primary_key=True, default=new_id)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=20, choices=NotificationKind)
    key = models.CharField(max_length=80, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    node_id = models.BigIntegerField(_("node"), null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    mail = models.CharField(_("mail"), max_length=10, choices=MailChoice, default=MailChoice.OFF)
    created_at = models.DateTimeField(_("time"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint("user", "key", condition=~models.Q(key=""), name="notification_once"),
        ]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(fields=["mail", "user"], condition=~models.Q(mail="off"), name="notification_mail"),
            models.Index(fields=["created_at"], name="notification_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class NotificationPreference(models.Model):
    """What somebody has said of one kind; without a row DEFAULTS hold."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=20, choices=NotificationKind)
    mail = models.CharField(_("mail"), max_length=10, choices=MailChoice)

    class Meta:
        verbose_name = _("preference of notifications")
        verbose_name_plural = _("preferences of notifications")
        constraints = [models.UniqueConstraint("user", "kind", name="notification_preference_once")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class NotificationMails(models.Model):
    """How many mails at once somebody got on `day`, and the day of their last digest."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)
    digest_day = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("mails of notifications")
        verbose_name_plural = _("mails of notifications")

    def __str__(self) -> str:
        return f"{self.count} to {self.user_id}"
