"""From plain values to an Actor. Endpoints find the values in a request; nothing here knows HTTP.

A token costs one SQL query and, at most once a minute, one small write. Nothing about a token outlives a change of the
database (common.commit_cache), so that revocation and deactivation hold from the next request on in every process;
expiry holds to the second.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

from allauth.account import app_settings as allauth_account_settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import throttle
from accounts.actor import ALL_SCOPES, Actor, principal_of
from accounts.audit import record
from accounts.errors import InvalidCredentials, SecondFactorRequired, SecondFactorSetupRequired
from accounts.models import AccessToken, Membership, User
from accounts.tokens import digest_of, epoch_of, looks_like_token, scopes_of
from common.commit_cache import unchanged
from common.surrogates import has_half_pair

PASSWORD_CACHE_SECONDS = 60
WRONG_PASSWORD_CACHE_SECONDS = 60
_BEING_TRIED = tuple(Lock() for _ in range(64))

_BY_DIGEST = """
SELECT t.id, t.scopes, t.last_used_at IS NULL OR t.last_used_at < %s,
  u.id, u.is_staff, u.email, m.team_id, m.role, p.id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn'))
FROM accounts_accesstoken t
JOIN accounts_user u ON u.id = t.user_id
JOIN accounts_membership m ON m.user_id = u.id
LEFT JOIN accounts_teampolicy p ON p.team_id = m.team_id AND p.second_factor_due_at <= %s
WHERE t.digest = %s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > %s) AND u.is_active
"""

_BY_EMAIL = """
SELECT u.id, u.password, u.session_epoch, u.is_staff, m.team_id, m.role,
  EXISTS (SELECT 1 FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn')),
  EXISTS (SELECT 1 FROM account_emailaddress e WHERE e.user_id = u.id AND e.verified), p.id IS NOT NULL
FROM accounts_user u
JOIN accounts_membership m ON m.user_id = u.id
LEFT JOIN accounts_teampolicy p ON p.team_id = m.team_id AND p.second_factor_due_at <= %s
WHERE u.email = %s AND u.is_active
"""
PRECISION = timedelta(minutes=1)


class _PasswordRow(NamedTuple):
    user_id: int
    password_hash: str
    session_epoch: int
    is_staff: bool
    team_id: int
    role: str
    has_second_factor: bool
    is_verified: bool
    needs_second_factor: bool  # by a policy of the team, whose time of grace is over


def actor_from_token(
    secret: str, *, client: str = "", address: str | None = None, email: str | None = None
) -> Actor | None:
    """The token's owner with the token's scopes; None when it is unknown, expired or revoked.

    With `email` (the user name of Basic auth) the token must also be that person's. Raises SecondFactorSetupRequired.
    """
    if not looks_like_token(secret):
        return None
    now, digest = timezone.now(), digest_of(secret)
    row = unchanged(connection, ("token", digest), lambda: _token_row(digest, now), also=int(now.timestamp()))
    if row is None:
        return None
    token_id, scopes, is_stale, user_id, is_staff, owner, team_id, role, lacks_factor = row
    if email is not None and email.strip().casefold() != owner.casefold():
        return None
    if lacks_factor:
        raise SecondFactorSetupRequired
    if is_stale:
        touch(token_id, now)
    return Actor(
        principal=principal_of(user_id),
        team_id=team_id,
        role=role,
        scopes=scopes_of(scopes),
        client=client,
        address=address,
        is_staff=bool(is_staff),
        token_id=token_id,
    )


def _token_row(digest: Any, now: datetime) -> tuple[Any, ...] | None:
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(_BY_DIGEST, (adapt(now - timedelta(minutes=1)), adapt(now), digest, adapt(now)))
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def actor_from_basic(
    username: str, password: str, *, client: str = "", address: str | None = None, device: str | None = None
) -> Actor:
    """The password of Basic auth may be an access token or the person's own password.

    A token needs the matching e-mail address, in any case, and is never slowed. A password is refused for an
    account with a second factor. `device` is the number of a known device (known_devices.py). Raises
    InvalidCredentials, SecondFactorRequired, SecondFactorSetupRequired, TooManyAttempts.
    """
    if looks_like_token(password):
        actor = actor_from_token(password, client=client, address=address, email=username)
        if actor is None:
            raise InvalidCredentials
        return actor
    if not _is_possible(username, 254) or not _is_possible(password, 4096):
        raise InvalidCredentials
    email = username.strip().lower()
    row = _password_row(email)
    _verify_password(row, email, password, visitor=Actor(client=client, address=address), device=device)
    assert row is not None
    if row.has_second_factor:
        raise SecondFactorRequired
    if row.needs_second_factor:
        raise SecondFactorSetupRequired
    if not row.is_verified and allauth_account_settings.EMAIL_VERIFICATION == "mandatory":
        raise InvalidCredentials
    return Actor(
        principal=principal_of(row.user_id),
        team_id=row.team_id,
        role=row.role,
        scopes=ALL_SCOPES,
        client=client,
        address=address,
        is_staff=bool(row.is_staff),
        epoch=epoch_of(row.session_epoch, row.password_hash),
    )


def actor_from_user(
    user: User,
    *,
    client: str = "",
    address: str | None = None,
    session_key: str | None = None,
    proved_recently: bool = True,
) -> Actor | None:
    """For somebody who is signed in: everything that they may. None for who is not active or has no team.

    `session_key` is that of the session by which they are.
    """
    if not user.is_active:
        return None
    try:
        membership = user.membership
    except Membership.DoesNotExist:
        return None
    return Actor(
        principal=principal_of(user.pk),
        team_id=membership.team_id,
        role=membership.role,
        scopes=ALL_SCOPES,
        client=client,
        address=address,
        is_staff=user.is_staff,
        epoch=epoch_of(user.session_epoch, user.password),
        session_key=session_key,
        proved_recently=proved_recently,
    )


def _is_possible(text: str, longest: int) -> bool:
    """Whether it can be in the database at all: no NUL, no half of a surrogate pair, not absurdly long."""
    return len(text) <= longest and "\0" not in text and not has_half_pair(text)


def _password_row(email: str) -> _PasswordRow | None:
    with connection.cursor() as cursor:
        cursor.execute(_BY_EMAIL, (connection.ops.adapt_datetimefield_value(timezone.now()), email))
        row = cursor.fetchone()
    return None if row is None else _PasswordRow(*row)


def _verify_password(
    row: _PasswordRow | None, email: str, password: str, *, visitor: Actor, device: str | None
) -> None:
    """Remembers the answer for a short time, since clients send the password with every request.

    The key of the cache is an HMAC over the person, the password and the stored hash: the cache never holds a
    password nor anything by which one could be guessed without the server's secret key, and a changed one misses.
    Whether the account is active and has a second factor is read again for every request. A wrong password sent again
    (an old one in a sync client) is refused without counting as another guess, since it is none. All of it is the same
    for an account that does not exist, whose password is always wrong.

    Clients open several connections at once, and each permit may be the last one: who comes with a password that is
    being tried in this process already waits for the answer.
    """
    key = _password_cache_key(row, email, password)
    if _is_known_right(key):
        return
    with _BEING_TRIED[hash(key) % len(_BEING_TRIED)]:
        if _is_known_right(key):
            return
        permit = throttle.take(throttle.PASSWORD, email, address=visitor.address, device=device)
        if not _is_right(row, password):
            cache.set(key, False, WRONG_PASSWORD_CACHE_SECONDS)
            record(visitor, "sign_in.failed", email)
            raise InvalidCredentials
        cache.set(key, True, PASSWORD_CACHE_SECONDS)
        permit.succeeded()


def _is_known_right(key: str) -> bool:
    """Raises InvalidCredentials when it is known to be wrong."""
    known = cache.get(key)
    if known is False:
        raise InvalidCredentials
    return known is True


def _is_right(row: _PasswordRow | None, password: str) -> bool:
    if row is None:
        make_password(password)  # an unknown account answers as slowly as a known one
        return False
    return check_password(password, row.password_hash)


def _password_cache_key(row: _PasswordRow | None, email: str, password: str) -> str:
    of = [email, "", password] if row is None else [row.user_id, row.password_hash, password]
    message = json.dumps(of).encode()
    return "basic:" + salted_hmac("accounts.authentication.basic", message, algorithm="sha256").hexdigest()


def touch(token_id: int, now: datetime) -> None:
    """One conditional UPDATE. When a writer holds the database now, a later request does it instead."""
    rows = AccessToken.objects.filter(pk=token_id).filter(Q(last_used_at=None) | Q(last_used_at__lt=now - PRECISION))
    with suppress(OperationalError), _no_waiting():
        rows.update(last_used_at=now)


@contextmanager
def _no_waiting() -> Iterator[None]:
    """SQLite has one writer: do not queue behind it. Elsewhere nobody holds a token's row for long."""
    if connection.vendor != "sqlite":
        yield
        return
    patience = int(float(connection.settings_dict["OPTIONS"].get("timeout", 5)) * 1000)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")
