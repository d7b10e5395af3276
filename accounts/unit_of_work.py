"""The transaction of an action, in which what the actor may is read again.

Somebody who sends a body slowly authenticated long before their act: by then they may have been removed, demoted
or signed out, or their token revoked. So an action opens its transaction here (those on trees in
files.tree.unit_of_work, which does the same), and continues with the actor that it returns:

    with unit_of_work(actor, Lock(Team, team_id)) as actor:
        require_team_manager(actor, team_id)

The locks are taken first, then the rights are read, in one message to the database: so an act that had to wait for
another one sees what that one has changed. Without a lock of its own an act holds the actor's own rows, so that a
removal and a revocation wait for its end, or it for theirs (docs/locking.md).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import support
from accounts.actor import WRITE, Actor, PrincipalKind
from accounts.errors import InvalidCredentials, SupportReadOnly
from accounts.models import AccessToken, User
from accounts.tokens import epoch_of, scopes_of

Row = tuple[Any, ...]

_RIGHTS = (
    "u.is_active, u.is_staff, u.session_epoch, u.password, m.team_id, m.role, t.scopes, "
    "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > %s)"
)
_WIDTH = 8
_FROM = (
    "FROM (SELECT 1 AS one) o LEFT JOIN accounts_user u ON u.id = %s "
    "LEFT JOIN accounts_membership m ON m.user_id = u.id "
    "LEFT JOIN accounts_accesstoken t ON t.id = %s AND t.user_id = u.id "
)


class Lock:
    """Rows to be locked until the end of the transaction, in the order of their ids; None among the ids is nothing.

    `share`: others may read and share them, and nobody changes them.
    """

    __slots__ = ("ids", "share", "table")

    def __init__(self, model: type[Model], *ids: Any, share: bool = False) -> None:
        self.table, self.share = model._meta.db_table, share
        self.ids = list(dict.fromkeys(pk for pk in ids if pk is not None))

    def statement(self) -> tuple[str, Sequence[Any]]:
        marks = ", ".join(["%s"] * len(self.ids))
        kind = "SHARE" if self.share else "NO KEY UPDATE"  # rows that refer to them may still be inserted
        return f'SELECT 1 FROM "{self.table}" WHERE id IN ({marks}) ORDER BY id FOR {kind}; ', self.ids  # noqa: S608


def own_rows(actor: Actor) -> tuple[Lock, Lock]:
    """The person and the token that act, in the order in which everybody takes them."""
    return Lock(User, actor.user_id, share=True), Lock(AccessToken, actor.token_id, share=True)


def changing_person(actor: Actor, user_id: int) -> tuple[Lock, Lock]:
    """The same for an act that changes what lets a person in: whoever acts as that person waits for its end."""
    return Lock(User, actor.user_id, user_id), Lock(AccessToken, actor.token_id, share=True)


@contextmanager
def unit_of_work(actor: Actor, *locks: Lock, only_notes: bool = False) -> Iterator[Actor]:
    """A transaction that holds the locks (by default: the actor's own rows), and the actor as it is now.

    `only_notes`: it writes down that the actor has read something, and changes nothing of theirs.

    Raises InvalidCredentials when who acts has been stopped, is in no team any more or in another one, or has lost the
    token, session or password that was shown; of a link what opening it would raise; SupportEnded, SupportReadOnly.
    """
    with transaction.atomic():
        if not only_notes:
            require_may_change(actor)
        yield look_again(actor, *(locks or own_rows(actor)))


def require_may_change(actor: Actor) -> None:
    """The gate of every act, whatever scope it asks for: an administrator who acts as somebody else may only look,
    unless both have agreed on more (accounts/support.py). Raises SupportReadOnly.
    """
    if actor.support is not None and not actor.may(WRITE):
        raise SupportReadOnly


def look_again(actor: Actor, *locks: Lock) -> Actor:
    """The actor as it is now. Raises InvalidCredentials and the like. With locks, in the caller's transaction.

    What a link is now is known to the app of links (settings.LINK_PRINCIPAL). The system, and a visitor whom nobody
    knows, have nothing that they could have lost.
    """
    if actor.principal.kind in (PrincipalKind.SYSTEM, PrincipalKind.NOBODY):
        _lock_only(locks)
        return actor
    return look_again_with(actor, locks)[0]


def look_again_with(
    actor: Actor, locks: Sequence[Lock], columns: str = "", join: str = "", parameters: Sequence[Any] = ()
) -> tuple[Actor, list[Row]]:
    """The same for a person or a link, and further `columns` of tables that `join` adds (LEFT JOIN, its `parameters`).

    What was waited for is seen: PostgreSQL takes a new snapshot for each statement, so the locks are statements
    before the one that reads. SQLite has one writer, and the transaction itself is the lock.
    """
    sql, values = _lock_statements(locks)
    select = f"SELECT {_RIGHTS}{', ' if columns else ''}{columns} {_FROM}{join}"
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(sql + select, [*values, now, actor.user_id, actor.token_id, *parameters])
        found: list[Row] = cursor.fetchall()
    return _renewed(actor, found[0][:_WIDTH]), [row[_WIDTH:] for row in found]


@dataclass(frozen=True, slots=True)
class _Rights:
    is_active: bool | None
    is_staff: bool
    session_epoch: int
    password_hash: str
    team_id: int | None
    role: str
    scopes: "str | list[str] | None"
    token_holds: bool


def _renewed(actor: Actor, row: Row) -> Actor:
    if actor.principal.kind is PrincipalKind.LINK:
        renewed: Callable[[Actor], Actor] = import_string(settings.LINK_PRINCIPAL)
        return renewed(actor)
    rights = _Rights(*row)
    if not rights.is_active or rights.team_id is None:
        raise InvalidCredentials
    if actor.team_id is not None and actor.team_id != rights.team_id:
        raise InvalidCredentials  # what was found and counted for them was of the other team; the next request is right
    scopes = actor.scopes
    if actor.token_id is not None:
        if rights.scopes is None or not rights.token_holds:
            raise InvalidCredentials
        scopes = scopes & scopes_of(rights.scopes)
    if actor.epoch is not None and actor.epoch != epoch_of(rights.session_epoch, rights.password_hash):
        raise InvalidCredentials
    if actor.session_key is not None and not _session_exists(actor.session_key):
        raise InvalidCredentials
    if actor.support is not None:
        support.require_running(actor.support)
    is_staff = bool(rights.is_staff) and actor.support is None  # who is supported lends nobody the installation
    known = actor.team_id, actor.role, actor.scopes, actor.is_staff
    if known == (rights.team_id, rights.role, scopes, is_staff):
        return actor
    return replace(actor, team_id=rights.team_id, role=rights.role, scopes=scopes, is_staff=is_staff)


def _session_exists(key: str) -> bool:
    """Signing out removes it; so does whatever else ends one session."""
    return bool(import_module(settings.SESSION_ENGINE).SessionStore().exists(key))


def _lock_statements(locks: Sequence[Lock]) -> tuple[str, list[Any]]:
    """Nothing where the transaction is the lock."""
    if not connection.features.has_select_for_update:
        return "", []
    statements = [lock.statement() for lock in locks if lock.ids]
    assert not statements or connection.in_atomic_block, "a lock belongs to a transaction"
    return "".join(sql for sql, _ in statements), [pk for _, ids in statements for pk in ids]


def _lock_only(locks: Sequence[Lock]) -> None:
    sql, values = _lock_statements(locks)
    if sql:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
