"""A client that waits for a person to let it in (Nextcloud's login flow v2)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
