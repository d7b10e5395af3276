"""What has been read need not be read again while the database has not changed.

Only where the database can tell for less than a read costs (dropbox_clone/sqlite; PostgreSQL cannot), and never inside
a transaction, whose own changes nobody has been told of yet. A reader sees exactly what a new query would show.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

MAXIMUM = 2048  # entries; they are small rows
T = TypeVar("T")

_remembered: dict[Hashable, tuple[object, Any]] = {}


def unchanged(connection: Any, key: Hashable, read: Callable[[], T], *, also: Hashable = None) -> T:
    """What `read` gives, or gave when it was last asked for with this key, while nothing has changed.

    `connection` is Django's; `also` is what the answer depends on besides the database, such as the second.
    """
    mark = _mark(connection)
    if mark is None:
        return read()
    state = (mark, also)
    found = _remembered.get(key)
    if found is not None and found[0] == state:
        value: T = found[1]
        return value
    value = read()
    if len(_remembered) >= MAXIMUM:
        _remembered.clear()
    _remembered[key] = (state, value)  # of before the read: a change meanwhile makes it worthless, never wrong
    return value


def _mark(connection: Any) -> Hashable:
    """None where nothing can be said."""
    if connection.in_atomic_block:
        return None
    change_mark: Callable[[], Hashable] | None = getattr(connection, "change_mark", None)
    return change_mark() if change_mark is not None else None
