"""Access tokens: high-entropy secrets, shown once, stored as one fast hash."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TokenKind(models.TextChoices):
    TOKEN = "token", _("access token")
    APP_PASSWORD = "app_password", _("app password")


class AccessToken(models.Model):
    """An app password is the same secret, made for one device: `client` is how the program that asked names itself."""

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
