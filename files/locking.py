"""The lock doctrine in code (docs/locking.md): spaces by id; then contents by hash; then quota accounts by id."""

from collections.abc import Iterable

from django.db import connection

from files import rows
from files.errors import NotFound
from files.models import Space


def lock_spaces(space_ids: Iterable[int]) -> dict[int, Space]:
    """The rows, locked until the end of the transaction, by id.

    SQLite has one writer, taken by BEGIN IMMEDIATE: there the transaction itself is the lock.
    """
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    wanted = sorted(set(space_ids))
    marks = ", ".join(["%s"] * len(wanted))
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    select = f"SELECT {rows.columns(Space, 's')} FROM files_space s WHERE s.id IN ({marks}) ORDER BY s.id{lock}"
    spaces = {space.pk: space for space in rows.select(Space, select, wanted)}
    if len(spaces) != len(wanted):
        raise NotFound
    return spaces
