"""The lock doctrine in code (docs/locking.md): spaces by id; then contents by hash; then quota accounts by id."""

from collections.abc import Iterable

from django.db import connection

from accounts.actor import Actor
from accounts.unit_of_work import Lock, look_again, look_again_with
from files import sql_rows
from files.errors import NotFound
from files.models import Space


def lock_spaces(actor: Actor, space_ids: Iterable[int]) -> tuple[Actor, dict[int, Space]]:
    """Who acts, as they are now, and the rows by id, locked until the end of the transaction: one message for both.

    SQLite has one writer, taken by BEGIN IMMEDIATE: there the transaction itself is the lock. Raises NotFound, and
    InvalidCredentials as accounts.unit_of_work does.
    """
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    wanted = sorted(set(space_ids))
    marks, columns = ", ".join(["%s"] * len(wanted)), sql_rows.columns(Space, "s")
    if actor.is_system:
        look_again(actor, Lock(Space, *wanted))
        found = sql_rows.fetch(f"SELECT {columns} FROM files_space s WHERE s.id IN ({marks})", wanted)
    else:
        join = f"LEFT JOIN files_space s ON s.id IN ({marks})"
        actor, found = look_again_with(actor, [Lock(Space, *wanted)], columns, join, wanted)
    spaces = {space.pk: space for space in (sql_rows.load(Space, row) for row in found if row[0] is not None)}
    if len(spaces) != len(wanted):
        raise NotFound
    return actor, spaces
