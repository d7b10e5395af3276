"""What lets somebody in, kept as fast hashes of long random secrets: access tokens, clients that wait to be let in,
and the set-up link. And failed sign-ins, which slow the next ones down.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TokenKind(models.TextChoices):
    TOKEN = "token", _("access token")
    APP_PASSWORD = "app_password", _("app password")


class AccessToken(models.Model):
    """An app password is the same secret, made for one device: `client` is how the program that requested it names
    itself.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the secret, hex
    hint = models.CharField(_("starts with"), max_length=12, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=TokenKind, default=TokenKind.TOKEN, db_default="token")
    client = models.CharField(_("client"), max_length=200, blank=True, default="", db_default="")
    scopes = models.JSONField(_("scopes"), default=list)  # subset of read, write, share, admin
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class LoginFlow(models.Model):
    """Holds hashes only: the client polls with one secret, the browser shows the other. `user` is who granted it.

    There is no password in it: an app password is made when the client fetches it, once, and the row goes with that.
    """

    poll_digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256, hex
    login_digest = models.CharField(max_length=64, unique=True, editable=False)
    client = models.CharField(_("client"), max_length=200, blank=True)  # as it names itself: never trusted
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    network = models.CharField(max_length=80, db_index=True, default="")  # as accounts.throttle counts addresses
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_constraint=False)
    granted_at = models.DateTimeField(_("granted"), null=True)

    class Meta:
        verbose_name = _("login flow")
        verbose_name_plural = _("login flows")

    def __str__(self) -> str:
        return f"{self.client} until {self.expires_at:%Y-%m-%d %H:%M}"


class SetupLink(models.Model):
    """At most one row (id 1): a new start replaces it, its use deletes it. Holds only the secret's hash."""

    digest = models.CharField(max_length=64, editable=False)  # SHA-256 of the secret, hex
    created_at = models.DateTimeField(_("created"), auto_now=True)
    expires_at = models.DateTimeField(_("expires"))  # not looked at: it lives until there is an administrator

    class Meta:
        verbose_name = _("set-up link")
        verbose_name_plural = _("set-up links")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_setup_link")]

    def __str__(self) -> str:
        return f"set-up link of {self.created_at:%Y-%m-%d %H:%M}"


class SignInThrottle(models.Model):
    """In the database, not the cache: every process and replica counts the same. See accounts.throttle."""

    key = models.CharField(_("what is slowed"), max_length=80, unique=True)  # "account:<digest>", "address:<net>"
    failures = models.PositiveIntegerField(_("failures"), default=0)
    last_failure_at = models.DateTimeField(_("last failure"), db_index=True)
    blocked_until = models.DateTimeField(_("refused until"), null=True, blank=True)

    class Meta:
        verbose_name = _("slowed sign-in")
        verbose_name_plural = _("slowed sign-ins")

    def __str__(self) -> str:
        return f"{self.key}: {self.failures}"
