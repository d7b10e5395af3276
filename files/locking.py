"""The lock doctrine in code (docs/locking.md): spaces by id; then contents by hash; then quota accounts by id."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from accounts.actor import Actor
from accounts.unit_of_work import Lock, look_again, look_again_with, require_may_change
from files import sql_rows
from files.errors import NotFound
from files.models import Space


@dataclass(frozen=True, slots=True)
class Locked:
    """Who acts, as they are now, the locked rows by id, and by which brake the client is held (files.tree.brake)."""

    actor: Actor
    spaces: dict[int, Space]
    held_by: int | None = None


def lock_spaces(actor: Actor, space_ids: Iterable[int]) -> Locked:
    """Locks the rows until the end of the transaction and reads all that there is to know under it: one message.

    SQLite has one writer, taken by BEGIN IMMEDIATE: there the transaction itself is the lock. Raises NotFound, and
    InvalidCredentials and the like as accounts.unit_of_work does.
    """
    require_may_change(actor)
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    wanted = sorted(set(space_ids))
    marks, columns = ", ".join(["%s"] * len(wanted)), sql_rows.columns(Space, "s")
    held_by: int | None = None
    if actor.is_system:
        look_again(actor, Lock(Space, *wanted))
        found = sql_rows.fetch(f"SELECT {columns} FROM files_space s WHERE s.id IN ({marks})", wanted)
    else:
        join = (
            f"LEFT JOIN files_space s ON s.id IN ({marks}) "
            "LEFT JOIN files_brake b ON b.client = %s AND b.released_at IS NULL"
        )
        locks, parameters = [Lock(Space, *wanted)], [*wanted, actor.credential]
        actor, rows = look_again_with(actor, locks, f"b.id, {columns}", join, parameters)
        held_by = rows[0][0]
        found = [row[1:] for row in rows]
    spaces = {space.pk: space for space in (sql_rows.load(Space, row) for row in found if row[0] is not None)}
    if len(spaces) != len(wanted):
        raise NotFound
    return Locked(actor, spaces, held_by)
