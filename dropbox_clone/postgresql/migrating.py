"""Migrations beside replicas that serve: whoever would wait in a circle, it is the migration that gives way.

A migration that changes two tables holds the lock of the first while it waits for the second. With a request that has
them the other way round that is a deadlock, and PostgreSQL ends the one that finds it, often the request. A migration
that waits for a lock for less than `deadlock_timeout` (1 s) ends before anybody looks for a deadlock; what it did is
rolled back, and it is tried again. No request waits longer behind it than LOCK_TIMEOUT either.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import Error, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.errors import DeadlockDetected, LockNotAvailable

LOCK_TIMEOUT = "200ms"
PATIENCE = 600  # seconds in which the locks must be had
PAUSE = 2.0  # seconds at most between two attempts


def migrate_beside_requests(
    connection: BaseDatabaseWrapper, migrate: Callable[[], object], *, patience: float = PATIENCE
) -> None:
    """Calls `migrate` until it had its locks. Every migration is atomic or can be run again after an interruption.

    Raises OperationalError of the last attempt when something holds a lock for longer than `patience` seconds.
    """
    deadline = time.monotonic() + patience
    with _short_waits(connection):
        while True:
            try:
                migrate()
                return
            except OperationalError as error:
                gave_way = isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)
                if not gave_way or time.monotonic() > deadline:
                    raise
            time.sleep(random.uniform(PAUSE / 10, PAUSE))  # noqa: S311 (spreads attempts)


@contextmanager
def _short_waits(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    try:
        with connection.execute_wrapper(_wait_for_old_transactions):
            yield
    finally:
        with suppress(Error), connection.cursor() as cursor:  # of a session that is gone the setting is gone too
            cursor.execute("RESET lock_timeout")


def _wait_for_old_transactions(
    execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
) -> Any:
    """An index that is made concurrently waits for every transaction that is older, and nobody waits for it."""
    if "CONCURRENTLY" not in str(sql):
        return execute(sql, parameters, many, context)
    cursor = context["cursor"]
    cursor.execute("SET lock_timeout = 0")
    try:
        return execute(sql, parameters, many, context)
    finally:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
