"""How long the database takes, and how full the pools of connections are."""

from collections.abc import Callable
from functools import wraps
from time import perf_counter
from typing import Any

from dropbox_clone.metrics import events
from dropbox_clone.metrics.flusher import Reader, Tally


def watch(engine: str) -> None:
    """PostgreSQL: each statement is a journey, and its cursors note it (postgresql/base.py). In SQLite a statement
    costs no more than noting it would; what waits is the end of a transaction.
    """
    if engine == "dropbox_clone.sqlite":
        from dropbox_clone.sqlite.base import DatabaseWrapper

        wrapper: Any = DatabaseWrapper
        if not hasattr(wrapper._commit, "__wrapped__"):
            wrapper._commit = _timed(wrapper._commit)


def _timed(method: Callable[[Any], None]) -> Callable[[Any], None]:
    @wraps(method)
    def timed(self: Any) -> None:
        started = perf_counter()
        method(self)
        events.note(("database", "commit", perf_counter() - started))

    return timed


def _read(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    tally.time(definitions.STATEMENT_SECONDS, note[2], note[1])


def _read_connection(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    tally.time(definitions.CONNECTION_SECONDS, note[1])


def _read_refusal(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    tally.count(definitions.CONNECTION_REFUSED, note[1])


def _read_cache(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    tally.count(definitions.CACHE_ERRORS)


READERS: dict[str, Reader] = {
    "cache_away": _read_cache,
    "database": _read,
    "connection": _read_connection,
    "no_connection": _read_refusal,
}


def gauges(seconds: float) -> None:
    from dropbox_clone.metrics import definitions
    from dropbox_clone.postgresql.pool import pools

    for in_use, idle, size in pools.figures():
        definitions.CONNECTIONS.labels("in_use").set(in_use)
        definitions.CONNECTIONS.labels("idle").set(idle)
        definitions.CONNECTION_LIMIT.set(size)
