"""The one-time link with which the first administrator is made. It lives until there is one."""

import hmac
import secrets
from datetime import UTC, datetime

from django.db import transaction

from accounts.models import SetupLink, User
from accounts.tokens import digest_of

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)  # for the release before, which looked at it


def create_setup_link(base_url: str) -> str | None:
    """A new link, which replaces the one before; None when there is an administrator already.

    `base_url` is like https://files.example.com. Only the hash of the secret is stored.
    """
    with transaction.atomic():
        if has_administrator():
            SetupLink.objects.all().delete()
            return None
        secret = secrets.token_urlsafe(32)
        SetupLink.objects.update_or_create(pk=1, defaults={"digest": digest_of(secret), "expires_at": FOR_EVER})
    return f"{base_url.rstrip('/')}/setup/{secret}/"


def has_administrator() -> bool:
    """One who can sign in. Other accounts, which people have made by command or sign-up, close no set-up."""
    return User.objects.filter(is_staff=True, is_active=True).exists()


def is_open(secret: str) -> bool:
    """Whether this link may be used now."""
    return fits(SetupLink.objects.first(), secret) and not has_administrator()


def fits(link: SetupLink | None, secret: str) -> bool:
    return link is not None and hmac.compare_digest(link.digest, digest_of(secret))
