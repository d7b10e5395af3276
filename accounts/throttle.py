"""Slows guessing at secrets that people choose or type: passwords, codes, and whatever else `Kind` is made for.

Whoever wants to try a guess takes a permit first, by one conditional statement of the database, so that guesses at the
same moment, in whatever processes and replicas, cannot be more than the pace allows. A permit counts as a failure until
the guess turns out right: a process that dies in between has used it up.

After some free failures each further one doubles a delay, in which no guess at that account (or from that address) is
even tried. The delay stays short, so that a stranger can annoy but not lock out an owner; and a device that an account
signed in with before has a counter of its own (known_devices.py), which no stranger can reach. An access token is never
slowed, because nobody can guess one. A failure is forgotten after `WINDOW` without another.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network
from math import ceil
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.errors import TooManyAttempts
from accounts.models import SignInThrottle
from common.client_address import parse_address

WINDOW = timedelta(minutes=15)
FIRST_DELAY = 4  # seconds: long enough that guesses of one burst do not outlast it on a slow machine


@dataclass(frozen=True, slots=True)
class Pace:
    """`free` failures cost nothing; then 4, 8, 16, ... seconds, at most `longest` seconds. So `free` + 1 guesses may be
    tried at the same moment."""

    free: int
    longest: int

    def delay(self, failures: int) -> int:
        if failures <= self.free:
            return 0
        return int(min(FIRST_DELAY * 2 ** min(failures - self.free - 1, 30), self.longest))

    @property
    def delays(self) -> list[int]:
        """Of the first failure that costs something and of those after it, up to the longest."""
        first = self.free + 1
        delays = [self.delay(first)]
        while delays[-1] < self.longest:
            delays.append(self.delay(first + len(delays)))
        return delays


ACCOUNT = Pace(free=4, longest=60)
# Many people may share an address, and one of them must not be able to shut the others out: this slows only who goes
# through many accounts, since what the pace of one account refuses is not counted here.
ADDRESS = Pace(free=100, longest=30)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of secret that can be guessed; `name` begins the key of its counters.

    `by_address`: each address has its own counter for the same thing. For secrets that nobody can guess anyway, where a
    stranger's noise must not hinder the one who has the secret.

    `apart`: what an address fails at here slows nobody who signs in from it.
    """

    name: str
    pace: Pace = ACCOUNT
    by_address: bool = False
    apart: bool = False


PASSWORD = Kind("account")
SECOND_FACTOR = Kind("factor")  # counted apart: a right password must not make further guesses at the code free
RESET_KEY = Kind("reset", by_address=True)


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to try one guess. `taken`: the keys that were counted, and until when each is blocked by that."""

    kind: Kind
    taken: tuple[tuple[str, datetime | None], ...]

    def succeeded(self) -> None:
        """The guess was right: forgets the failures of what was guessed, and takes only this one back from the address
        (an attacker may own one account there)."""
        for key, blocked_until in self.taken:
            rows = SignInThrottle.objects.filter(key=key)
            if not key.startswith("address:"):
                rows.delete()
                continue
            rows.filter(failures__gt=0).update(failures=F("failures") - 1)
            if blocked_until is not None:
                rows.filter(blocked_until=blocked_until).update(blocked_until=None)


def take(kind: Kind, name: str, *, address: str | None, device: str | None = None) -> Permit:
    """A permit to try one guess at `name` (an e-mail address as typed, an id). Raises TooManyAttempts.

    `device` is the number of a known device of this very account: then only its own counter decides. Not to be called
    in a transaction, which would keep others waiting for as long as the guess is tried.
    """
    paces = _paces(kind, name, address, device)
    now = timezone.now()
    _refuse_blocked(list(paces), now)  # without a write: whoever is blocked may ask as often as they like
    try:
        with transaction.atomic():
            taken = tuple((key, _count(key, paces[key], now)) for key in sorted(paces))
    except _Blocked:
        _refuse_blocked(list(paces), now)
        raise TooManyAttempts(retry_after=1) from None
    return Permit(kind, taken)


def require_free(kind: Kind, name: str, *, address: str | None) -> None:
    """Raises TooManyAttempts while no guess may be tried. Counts nothing: for where a right guess is told from a wrong
    one without any work, and only wrong ones are counted, by `take`.
    """
    _refuse_blocked(list(_paces(kind, name, address, None)), timezone.now())


def forget(kind: Kind, name: str) -> None:
    """What is guessed at has changed: failures at the one before mean nothing. Writes nothing where there are none."""
    rows = SignInThrottle.objects.filter(key=key_of(kind, name))
    if rows.exists():
        rows.delete()


def first_use(name: str) -> bool:
    """Whether this is the first time that anybody in any process says so within `WINDOW`: for what is good for once."""
    _row, is_new = SignInThrottle.objects.get_or_create(
        key=f"used:{_digest(name)}", defaults={"last_failure_at": timezone.now()}
    )
    return is_new


def purge() -> int:
    """Deletes what has no effect any more; returns how many rows."""
    return SignInThrottle.objects.filter(last_failure_at__lt=timezone.now() - WINDOW).delete()[0]


def key_of(kind: Kind, name: str) -> str:
    """The same for every way of writing the same address; hashed, since what people type may be anything."""
    return f"{kind.name}:{_digest(name)}"


def address_key(address: str) -> str:
    """IPv6 counts by /64, which is what one customer gets."""
    parsed = parse_address(address)
    if isinstance(parsed, IPv6Address):
        return f"address:{ip_network((int(parsed), 64), strict=False).network_address}/64"
    return f"address:{parsed or 'unknown'}"


class _Blocked(Exception):
    """Somebody was faster."""


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _paces(kind: Kind, name: str, address: str | None, device: str | None) -> dict[str, Pace]:
    if device is not None:
        return {f"device:{_digest(f'{kind.name} {name} {device}')}": kind.pace}
    network = address_key(address) if address else ""
    paces = {key_of(kind, f"{name} {network}" if kind.by_address else name): kind.pace}
    if network:
        paces[network.replace(":", f":{kind.name}:", 1) if kind.apart else network] = ADDRESS
    return paces


def _refuse_blocked(keys: list[str], now: datetime) -> None:
    rows = SignInThrottle.objects.filter(key__in=keys, blocked_until__gt=now).values_list("blocked_until", flat=True)
    until = max((blocked_until for blocked_until in rows if blocked_until), default=None)
    if until is not None:
        raise TooManyAttempts(retry_after=max(1, ceil((until - timezone.now()).total_seconds())))


_COUNT = """
INSERT INTO accounts_signinthrottle AS t (key, failures, last_failure_at, blocked_until) VALUES (%s, 1, %s, {first})
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN t.last_failure_at < %s THEN 1 ELSE t.failures + 1 END,
  last_failure_at = excluded.last_failure_at,
  blocked_until = CASE WHEN t.last_failure_at < %s THEN {first} WHEN t.failures < %s THEN NULL {further} ELSE %s END
WHERE t.blocked_until IS NULL OR t.blocked_until <= %s
RETURNING failures
"""


def _count(key: str, pace: Pace, now: datetime) -> datetime | None:
    """Counts one failure unless the key is blocked, as one statement; until when that blocks it. Raises _Blocked.

    Both databases look at the row, decide and write under the lock of the row (SQLite: of the database), so of any
    number at once each sees what the one before has counted.
    """
    adapt = connection.ops.adapt_datetimefield_value
    ends = [now + timedelta(seconds=delay) for delay in pace.delays]
    first_end = ends[0] if pace.free == 0 else None
    first = "%s" if first_end else "NULL"
    further = " ".join("WHEN t.failures = %s THEN %s" for _ in ends[:-1])
    start = adapt(now - WINDOW)
    parameters: list[Any] = [key, adapt(now), *([adapt(first_end)] if first_end else [])]
    parameters += [start, start, *([adapt(first_end)] if first_end else []), pace.free]
    for number, end in enumerate(ends[:-1]):
        parameters += [pace.free + number, adapt(end)]
    parameters += [adapt(ends[-1]), adapt(now)]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(first=first, further=further), parameters)
        row = cursor.fetchone()
    if row is None:
        raise _Blocked
    failures = int(row[0])
    return None if failures <= pace.free else ends[min(failures - pace.free, len(ends)) - 1]
