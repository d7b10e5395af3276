"""Browsers that somebody has signed in with: they have counters of their own for guesses (throttle.py).

A signed cookie says so; nothing is stored. It opens nothing and names nobody: it only holds that whoever has it guesses
at one account by another counter than the rest of the world, so that a stranger who keeps guessing slows himself and
not the owner. See OWASP's "Slow down online guessing attacks with device cookies".
"""

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

LIFETIME = 180 * 24 * 3600  # seconds
REMEMBERED = 5  # people who share a browser
_SALT = "accounts.known_devices"


def number_of(request: HttpRequest | None, email: str) -> str | None:
    """The number that this browser has for the account with this address; None when it does not know the account."""
    return None if request is None else _read(request).get(_account(email))


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """After a sign-in. Who was known already keeps the number, and its failures with it."""
    known = _read(request)
    account = _account(email)
    number = known.pop(account, None) or secrets.token_urlsafe(12)
    known = {account: number, **dict(list(known.items())[: REMEMBERED - 1])}
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(known, salt=_SALT),
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, str]:
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME)
    if not cookie:
        return {}
    try:
        known = signing.loads(cookie, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return {}
    return known if isinstance(known, dict) else {}


def _account(email: str) -> str:
    return hashlib.sha256(email.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()[:24]
