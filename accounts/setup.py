"""The one-time link with which the first administrator is made."""

import hmac
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import SetupLink, User
from accounts.tokens import digest_of

LIFETIME = timedelta(hours=24)


def create_setup_link(base_url: str) -> str | None:
    """A new link, which replaces the one before; None when there is an account already.

    `base_url` is like https://files.example.com. Only the hash of the secret is stored.
    """
    with transaction.atomic():
        if User.objects.exists():
            SetupLink.objects.all().delete()
            return None
        secret = secrets.token_urlsafe(32)
        SetupLink.objects.update_or_create(
            pk=1, defaults={"digest": digest_of(secret), "expires_at": timezone.now() + LIFETIME}
        )
    return f"{base_url.rstrip('/')}/setup/{secret}/"


def is_open(secret: str) -> bool:
    """Whether this link may be used now."""
    return fits(SetupLink.objects.first(), secret) and not User.objects.exists()


def fits(link: SetupLink | None, secret: str) -> bool:
    if link is None or link.expires_at <= timezone.now():
        return False
    return hmac.compare_digest(link.digest, digest_of(secret))
