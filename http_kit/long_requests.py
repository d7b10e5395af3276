"""While bytes pass, which may take hours, a request lets go of what is scarce and looks again at who asks."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from accounts.actor import Actor, PrincipalKind
from accounts.errors import InvalidCredentials, ScopeMissing
from accounts.unit_of_work import look_again

EVERY = 3.0  # seconds between two looks
_LOSING = (PrincipalKind.USER, PrincipalKind.LINK)  # who may lose a right while they wait


def release_connection() -> None:
    """The database connection of this thread: those of PostgreSQL are few, one of SQLite costs nothing to keep.

    The next query opens another one.
    """
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()


_SENT = "_sent_nodes"


def sends(response: Any, node_ids: Sequence[int]) -> None:
    """Says which files or folders a response is of, so that it ends with the right to them."""
    setattr(response, _SENT, tuple(node_ids))


def sent_by(response: Any) -> tuple[int, ...]:
    return getattr(response, _SENT, ())


class Watch:
    """Called as often as one likes, asks every few seconds whether the actor may still do what they do.

    Raises InvalidCredentials (of a link what opening it would), and ScopeMissing without `scope`; and what `also`
    raises, which is asked with the actor as it is now. A database that does not answer is no reason to stop.
    """

    def __init__(self, actor: Actor, scope: str | None = None, also: Callable[[Actor], None] | None = None) -> None:
        self._actor, self._scope, self._also = actor, scope, also
        self._due = monotonic() + EVERY

    def __call__(self) -> None:
        if self._actor.principal.kind not in _LOSING or monotonic() < self._due:
            return
        try:
            self.look()
        except (DatabaseError, InterfaceError):
            connection.close_if_unusable_or_obsolete()
        finally:
            self._due = monotonic() + EVERY

    def look(self) -> Actor:
        """The actor as it is now."""
        try:
            actor = look_again(self._actor)
            if self._also is not None:
                self._also(actor)
        finally:
            release_connection()
        if actor.team_id != self._actor.team_id:  # all that was found for them was found in the other team
            raise InvalidCredentials
        if self._scope is not None and not actor.may(self._scope):
            raise ScopeMissing(scope=self._scope)
        return actor
