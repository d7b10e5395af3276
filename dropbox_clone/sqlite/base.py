"""Writers wait in a queue of the kernel instead of sleeping and trying again.

SQLite lets one transaction write at a time; who comes second sleeps for 1, 2, 5, ... 100 ms and tries again, so that
under load the lock is idle most of the time and somebody is unlucky for seconds. An exclusive `flock` on a file beside
the database, taken before BEGIN IMMEDIATE and given back after COMMIT or ROLLBACK, wakes the next one at once. It is no
part of the correctness: SQLite's own lock still holds, and a process that dies gives the queue back by dying.
"""

import fcntl
import os
import sqlite3
from _thread import get_ident
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

from dropbox_clone.sqlite.wal_index import WalIndex


@lru_cache(maxsize=1024)
def _with_question_marks(query: str) -> str:
    converted: str = base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")
    return converted


class CursorWrapper(base.SQLiteCursorWrapper):
    """Remembers the converted form of statements: those of an insertion of many rows are long."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None:
            return _with_question_marks(query)
        converted: str = super().convert_query(query, param_names=param_names)
        return converted


def _with_errors_of_django(method: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: "DirectCursor", *arguments: Any) -> Any:
        try:
            return method(self, *arguments)
        except sqlite3.Error:
            with self.db.wrap_database_errors:
                raise

    return call


class DirectCursor(CursorWrapper):
    """What Django's wrapper around a cursor does, in the cursor itself: errors are Django's, nothing runs in a broken
    transaction. Two objects and a dozen calls fewer for each statement, of which an upload has two dozen.
    """

    db: "DatabaseWrapper"

    def execute(self, query: str, params: Any = None) -> Any:
        self.db.validate_no_broken_transaction()
        return self._execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        self.db.validate_no_broken_transaction()
        return self._executemany(query, param_list)

    _execute = _with_errors_of_django(CursorWrapper.execute)
    _executemany = _with_errors_of_django(CursorWrapper.executemany)
    fetchone = _with_errors_of_django(CursorWrapper.fetchone)
    fetchmany = _with_errors_of_django(CursorWrapper.fetchmany)
    fetchall = _with_errors_of_django(CursorWrapper.fetchall)

    def __enter__(self) -> "DirectCursor":
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(sqlite3.Error):
            self.close()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose write transactions queue."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._queue: int | None = None
        self._wal_index: WalIndex | None = None

    def get_new_connection(self, conn_params: Any) -> Any:
        opened = super().get_new_connection(conn_params)
        if not self.is_in_memory_db():
            opened.execute(
                "SELECT 1 FROM sqlite_schema LIMIT 1"
            ).fetchone()  # from here on the index stays the same file
            self._wal_index = WalIndex.of(str(self.settings_dict["NAME"]))
        return opened

    def change_mark(self) -> tuple[int, bytes] | None:
        """Another one after each commit by anybody (common.commit_cache); None when it cannot be told."""
        return None if self._wal_index is None else self._wal_index.mark()

    def cursor(self) -> Any:
        """Django's own cursor where somebody watches the statements, or where there is no connection yet."""
        if (
            self.connection is None
            or self.execute_wrappers
            or self.queries_logged
            or self.health_check_enabled  # type: ignore[attr-defined]
            or self._thread_ident != get_ident()  # type: ignore[attr-defined]
        ):
            return super().cursor()
        cursor: DirectCursor = self.connection.cursor(factory=DirectCursor)
        cursor.db = self
        return cursor

    def create_cursor(self, name: str | None = None) -> CursorWrapper:
        cursor: CursorWrapper = self.connection.cursor(factory=CursorWrapper)
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        self._enter_queue()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave_queue()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._leave_queue()  # after a failed commit Django rolls back, and that leaves it

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_queue()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._wal_index = None
            self._leave_queue()
            if self._queue is not None:
                os.close(self._queue)
                self._queue = None

    def _enter_queue(self) -> None:
        if self.is_in_memory_db():
            return
        if self._queue is None:
            path = f"{self.settings_dict['NAME']}.queue"
            self._queue = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._queue, fcntl.LOCK_EX)

    def _leave_queue(self) -> None:
        if self._queue is not None:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
