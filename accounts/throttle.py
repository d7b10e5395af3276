"""Slows guessing: per account and per address, counted in the database, written by failures only.

After some free failures each further one doubles a delay, in which no guess at that account (or from that
address) is even tried. An access token is never slowed, because nobody can guess one. The delay for one
account stays short, so that a stranger can annoy but not lock out its owner. A failure is forgotten
after `WINDOW` without another.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_network
from math import ceil

from django.db import transaction
from django.utils import timezone

from accounts.errors import TooManyAttempts
from accounts.models import SignInThrottle
from common.client_address import parse_address

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Pace:
    """`free` failures cost nothing; then 1, 2, 4, ... seconds, at most `longest` seconds."""

    free: int
    longest: int

    def delay(self, failures: int) -> int:
        if failures <= self.free:
            return 0
        return int(min(2 ** min(failures - self.free - 1, 30), self.longest))


ACCOUNT = Pace(free=5, longest=60)
ADDRESS = Pace(free=20, longest=300)  # many people may share an address


def check(account: str, address: str | None) -> None:
    """One query, no write. `account` is the e-mail address as typed. Raises TooManyAttempts."""
    rows = SignInThrottle.objects.filter(key__in=_keys(account, address), blocked_until__gt=timezone.now())
    until = max((row.blocked_until for row in rows if row.blocked_until), default=None)
    if until is not None:
        raise TooManyAttempts(retry_after=max(1, ceil((until - timezone.now()).total_seconds())))


def failed(account: str, address: str | None) -> None:
    """Counts one failure for the account and for the address."""
    for key in _keys(account, address):
        _count(key, ACCOUNT if key.startswith("account:") else ADDRESS)


def succeeded(account: str) -> None:
    """Forgets the account's failures (not the address's: an attacker may own one account there).

    Writes nothing when there is nothing to forget.
    """
    key = account_key(account)
    if SignInThrottle.objects.filter(key=key).exists():
        SignInThrottle.objects.filter(key=key).delete()


def purge() -> int:
    """Deletes what has no effect any more; returns how many rows."""
    return SignInThrottle.objects.filter(last_failure_at__lt=timezone.now() - WINDOW).delete()[0]


def account_key(account: str) -> str:
    """The same for every way of writing the same address; hashed, since what people type may be anything."""
    digest = hashlib.sha256(account.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()
    return f"account:{digest[:40]}"


def address_key(address: str) -> str:
    """IPv6 counts by /64, which is what one customer gets."""
    parsed = parse_address(address)
    if isinstance(parsed, IPv6Address):
        return f"address:{ip_network((int(parsed), 64), strict=False).network_address}/64"
    return f"address:{parsed or 'unknown'}"


def _keys(account: str, address: str | None) -> list[str]:
    keys = [account_key(account)]
    if address:
        keys.append(address_key(address))
    return keys


def _count(key: str, pace: Pace) -> None:
    now = timezone.now()
    with transaction.atomic():
        SignInThrottle.objects.get_or_create(key=key, defaults={"last_failure_at": now})
        row = SignInThrottle.objects.select_for_update().get(key=key)
        row.failures = 1 if now - row.last_failure_at > WINDOW else row.failures + 1
        row.last_failure_at = now
        delay = pace.delay(row.failures)
        row.blocked_until = now + timedelta(seconds=delay) if delay else None
        row.save()
