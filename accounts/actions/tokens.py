"""Access tokens and app passwords: create one (only the response contains its secret), and revoke one or all of them.

An app password is a token for one device, which may do with files what its owner may, and nothing else. Revocation
takes effect with the next request, in every process.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actor import ADMIN, ALL_SCOPES, READ, SHARE, WRITE, Actor
from accounts.audit import record
from accounts.errors import AccountNotFound, InvalidExpiry, InvalidName, ScopeTooWide, TokenNotFound, UnknownScope
from accounts.members import end_tokens, managing_member, require_not_above
from accounts.models import AccessToken, Team, TokenKind, User
from accounts.permissions import (
    is_administrator,
    require_administrator,
    require_may_manage,
    require_recent_proof,
    require_scope,
)
from accounts.policies import policy_for, require_room_for_token
from accounts.queries import own_id
from accounts.tokens import digest_of, hint_of, new_secret
from accounts.unit_of_work import Lock, changing_person, unit_of_work

SCOPE_ORDER = ("read", "write", "share", "admin")
# Never admin: a device that is lost makes no tokens and changes no account.
APP_PASSWORD_SCOPES = frozenset({READ, WRITE, SHARE})
MAXIMUM_NAME, MAXIMUM_CLIENT = 100, 200
DESKTOP = "Nextcloud desktop"
_VERSION = r"/(\d[\w.]{0,20})"
_PROGRAMS = (
    (re.compile("mirall" + _VERSION), DESKTOP),
    (re.compile("Nextcloud-android" + _VERSION, re.IGNORECASE), "Nextcloud for Android"),
    (re.compile("Nextcloud-iOS" + _VERSION, re.IGNORECASE), "Nextcloud for iOS"),
)
_SYSTEM = re.compile(r"\((Linux|Windows|Macintosh|FreeBSD)\b")
_SYSTEMS = {"Macintosh": "macOS"}


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
    InvalidName, UnknownScope, ScopeTooWide, InvalidExpiry, AccountNotFound, ScopeMissing, ReauthenticationRequired,
    AgainstPolicy (as many as the team allows).
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
    # The token that makes it is locked: once its revocation has been answered, no successor of it comes to be. So are
    # the team, whose policy may be changing, and the person: two at the same moment are counted one after the other.
    locks = Lock(Team, actor.team_id, share=True), Lock(User, actor.user_id), Lock(AccessToken, actor.token_id)
    with unit_of_work(actor, *locks) as actor:
        require_scope(actor, ADMIN)
        if not actor.is_system:
            require_room_for_token(policy_for(actor.team_id), user_id)
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
    requested = set(scopes)
    for scope in sorted(requested - ALL_SCOPES):
        raise UnknownScope(scope=scope)
    if not requested:
        raise UnknownScope
    return [scope for scope in SCOPE_ORDER if scope in requested]


def _clean_expiry(actor: Actor, expires_at: datetime | None) -> datetime | None:
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidExpiry
    if actor.token_id is None:
        return expires_at
    latest = AccessToken.objects.values_list("expires_at", flat=True).get(pk=actor.token_id)
    if latest is not None and expires_at is not None and expires_at > latest:
        raise InvalidExpiry(_("An access token cannot make one that lives longer than itself."))
    return expires_at or latest


def create_app_password(actor: Actor, *, name: str, client: str = "") -> NewToken:
    """For the actor's own account. Raises InvalidName, ScopeMissing, AccountNotFound."""
    return create_token(actor, name=name, scopes=APP_PASSWORD_SCOPES, kind=TokenKind.APP_PASSWORD, client=client)


def clean_client(client: str) -> str:
    """How a program names itself, in a User-Agent header: printable, on one line, not too long."""
    printable = "".join(character for character in client if character.isprintable())
    return " ".join(printable.split())[:MAXIMUM_CLIENT].strip() or "unknown"


def device_name(client: str) -> str:
    """The same as people would say it: `Nextcloud desktop 3.15.3, Linux`. What is unknown stays as it is."""
    cleaned = clean_client(client)
    for pattern, name in _PROGRAMS:
        found = pattern.search(cleaned)
        if found is not None:
            system = _SYSTEM.search(cleaned) if name == DESKTOP else None
            return f"{name} {found[1]}" + (f", {_SYSTEMS.get(system[1], system[1])}" if system else "")
    return cleaned[:MAXIMUM_NAME].strip()


def revoke_token(actor: Actor, *, token_id: int) -> None:
    """Own tokens, or anybody's for an administrator. Twice is the same as once.

    A token may always revoke itself (`actor.token_id`); others only with the admin scope.
    Raises TokenNotFound, ScopeMissing.
    """
    locks = Lock(User, actor.user_id, share=True), Lock(AccessToken, actor.token_id, token_id)
    with unit_of_work(actor, *locks) as actor:
        if actor.token_id != token_id:
            require_scope(actor, ADMIN)
        tokens = AccessToken.objects.filter(pk=token_id)
        if not is_administrator(actor):
            tokens = tokens.filter(user_id=own_id(actor))
        token = tokens.first()
        if token is None:
            raise TokenNotFound
        if token.revoked_at is None:
            AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
            record(actor, "token.revoke", token.name, token=token.pk, user=token.user_id)


def revoke_everything(actor: Actor, *, user_id: int | None = None) -> int:
    """Of the actor's own account; the system and administrators may name another. It stops with the next request.

    All sessions end, also the one that sends the request: an endpoint that wants to keep it signs it in again.
    Returns how many tokens and app passwords it was. Raises AccountNotFound, ScopeMissing, NotAllowed,
    ReauthenticationRequired.
    """
    user_id = _whose(actor, user_id)
    # Under the lock of the person's row: a sign-in at the same moment is either ended by it or comes after it.
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        _whose(actor, user_id)
        if not User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1):
            raise AccountNotFound
        return end_tokens(actor, user_id, "account.revoke_everything")


def end_member_sessions(actor: Actor, *, user_id: int) -> int:
    """Of somebody in the team, for its owners and administrators: sessions, devices and tokens, and nothing else. The
    account stays as it is, and its password lets the person in again. Returns how many tokens and app passwords it was.
    Raises AccountNotFound, NotAllowed, ScopeMissing.
    """
    with managing_member(actor, user_id) as (actor, member):
        require_may_manage(actor, member)
        require_not_above(actor, member)
        User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
        return end_tokens(actor, user_id, "member.end_sessions")


def revoke_tokens(actor: Actor, *, user_id: int) -> int:
    """Devices and tokens alone, for whoever has just set the account's password, which ends its sessions.

    Raises AccountNotFound.
    """
    if not (actor.is_system or actor.user_id == user_id):
        raise AccountNotFound
    with unit_of_work(actor, *changing_person(actor, user_id)) as actor:
        return end_tokens(actor, user_id, "account.revoke_tokens")


def _whose(actor: Actor, user_id: int | None) -> int:
    require_scope(actor, ADMIN)
    require_recent_proof(actor)
    if user_id is None:
        return own_id(actor)
    if user_id != actor.user_id:
        require_administrator(actor)
    return user_id
