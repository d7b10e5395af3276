"""Make an access token. The secret exists only in the answer."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actor import ADMIN, ALL_SCOPES, Actor
from accounts.audit import record
from accounts.errors import AccountNotFound, InvalidExpiry, InvalidName, ScopeTooWide, UnknownScope
from accounts.models import AccessToken, TokenKind, User
from accounts.permissions import require_recent_proof, require_scope
from accounts.tokens import digest_of, hint_of, new_secret
from accounts.unit_of_work import Lock, unit_of_work

SCOPE_ORDER = ("read", "write", "share", "admin")


class NewToken(NamedTuple):
    """The row, and the secret that nobody can read again."""

    token: AccessToken
    secret: str


def create_token(
    actor: Actor,
    *,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    user: User | None = None,
    kind: str = TokenKind.TOKEN,
    client: str = "",
) -> NewToken:
    """A token for the actor's own account; only the system makes one for another `user`.

    The new token may have no scope that the actor lacks and not outlive a token that makes it. Raises
    InvalidName, UnknownScope, ScopeTooWide, InvalidExpiry, AccountNotFound, ScopeMissing, ReauthenticationRequired.
    """
    require_scope(actor, ADMIN)
    require_recent_proof(actor)
    user_id = user.pk if user is not None else actor.user_id
    if user_id is None or (user_id != actor.user_id and not actor.is_system):
        raise AccountNotFound
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise InvalidName
    wanted = clean_scopes(scopes)
    secret = new_secret()
    # The token that makes it is locked: once its revocation has been answered, no successor of it comes to be.
    with unit_of_work(actor, Lock(User, actor.user_id, share=True), Lock(AccessToken, actor.token_id)) as actor:
        require_scope(actor, ADMIN)
        for scope in wanted:
            if not actor.may(scope):
                raise ScopeTooWide(scope=scope)
        expires_at = _clean_expiry(actor, expires_at)
        token = AccessToken.objects.create(
            user_id=user_id,
            name=name,
            digest=digest_of(secret),
            hint=hint_of(secret),
            scopes=wanted,
            expires_at=expires_at,
            kind=kind,
            client=client[:200],
        )
        record(actor, "token.create", name, token=token.pk, scopes=wanted, user=user_id)
    return NewToken(token, secret)


def clean_scopes(scopes: Iterable[str]) -> list[str]:
    """Each once, in the usual order. Raises UnknownScope, also for none."""
    given = set(scopes)
    for scope in sorted(given - ALL_SCOPES):
        raise UnknownScope(scope=scope)
    if not given:
        raise UnknownScope
    return [scope for scope in SCOPE_ORDER if scope in given]


def _clean_expiry(actor: Actor, expires_at: datetime | None) -> datetime | None:
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidExpiry
    if actor.token_id is None:
        return expires_at
    latest = AccessToken.objects.values_list("expires_at", flat=True).get(pk=actor.token_id)
    if latest is not None and expires_at is not None and expires_at > latest:
        raise InvalidExpiry(_("An access token cannot make one that lives longer than itself."))
    return expires_at or latest
