"""A bounded pool of psycopg2 connections that all threads of a process share.

Threads are many, because most of them wait for slow clients; connections of PostgreSQL are few, because each is a
process of the server. Django's own pool needs psycopg 3.
"""

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.utils import OperationalError
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from dropbox_clone.metrics import events

WAIT = 5.0  # seconds for a free connection; then the request fails
LOOK = 0.25  # seconds between two looks at whether the server is away
MAX_AGE = 900.0  # seconds; the memory of a server process grows with what it has seen


@dataclass
class Pool:
    """At most `size` connections, in use or idle. The one used last is taken first, so that few stay warm."""

    size: int
    is_away: Callable[[], bool] = lambda: False
    idle: deque[Any] = field(default_factory=deque)
    born: dict[int, float] = field(default_factory=dict)  # id(connection) -> when it was opened
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.places = threading.BoundedSemaphore(self.size)

    def take(self, connect: Callable[[], Any]) -> Any:
        """An idle connection that still lives, or a new one. Raises OperationalError."""
        started = time.perf_counter()
        self._wait_for_place()
        try:
            while (connection := self._pop()) is not None:
                if _lives(connection):
                    break
                self._discard(connection)
            else:
                connection = connect()
                self.born[id(connection)] = time.monotonic()
        except BaseException:
            self.places.release()
            events.note(("no_connection", "away"))
            raise
        events.note(("connection", time.perf_counter() - started))
        return connection

    def _wait_for_place(self) -> None:
        """Raises OperationalError when there is none for WAIT seconds, or the server is found to be away."""
        deadline = time.monotonic() + WAIT
        while not self.is_away():
            if self.places.acquire(timeout=max(0.0, min(LOOK, deadline - time.monotonic()))):
                return
            if time.monotonic() >= deadline:
                events.note(("no_connection", "busy"))
                raise OperationalError(f"all {self.size} database connections of this process were busy for {WAIT:g} s")
        events.note(("no_connection", "away"))
        raise OperationalError("the database server does not answer")

    def give_back(self, connection: Any, *, usable: bool) -> None:
        """Of a connection in a transaction, of a broken or an old one nobody can use the rest."""
        try:
            young = time.monotonic() - self.born.get(id(connection), 0.0) < MAX_AGE
            if (
                usable
                and young
                and not connection.closed
                and connection.info.transaction_status == TRANSACTION_STATUS_IDLE
            ):
                with self.lock:
                    self.idle.append(connection)
            else:
                self._discard(connection)
        finally:
            self.places.release()

    def close(self) -> None:
        """The idle ones; those in use are closed when they are given back, by their age or at the process's end."""
        while (connection := self._pop()) is not None:
            self._discard(connection)

    def _pop(self) -> Any:
        with self.lock:
            return self.idle.pop() if self.idle else None

    def _discard(self, connection: Any) -> None:
        self.born.pop(id(connection), None)
        connection.close()


def _lives(connection: Any) -> bool:
    """An idle connection has nothing to say: when there is something to read, it is the server's farewell."""
    if connection.closed:
        return False
    try:
        readable, _, _ = select.select([connection.fileno()], [], [], 0)
    except (OSError, ValueError):
        return False
    return not readable


class Pools:
    """One for each database of this process."""

    def __init__(self) -> None:
        self._pools: dict[str, Pool] = {}
        self._lock = threading.Lock()
        self._parents: list[Any] = []
        os.register_at_fork(after_in_child=self._forget)

    def of(self, name: str, size: int, is_away: Callable[[], bool] = lambda: False) -> Pool:
        pool = self._pools.get(name)
        if pool is None:
            with self._lock:
                pool = self._pools.setdefault(name, Pool(size, is_away))
        return pool

    def figures(self) -> list[tuple[int, int, int]]:
        """Of each pool: connections in use, idle ones, and the most that there may be."""
        return [(pool.size - pool.places._value, len(pool.idle), pool.size) for pool in list(self._pools.values())]

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _forget(self) -> None:
        """A forked child must neither use nor close its parent's connections: closing says farewell to the server."""
        self._parents.append(self._pools)
        self._pools = {}
        self._lock = threading.Lock()


pools = Pools()
