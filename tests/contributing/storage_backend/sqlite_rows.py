"""A toy storage backend, `toy:///srv/objects.sqlite3`: a row per object. In the product: storage/sqlite_rows.py."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from urllib.parse import SplitResult

from common.file_urls import path_in
from storage.base import QUARANTINE, Capabilities, ObjectInfo, ObjectReader, Storage, StorageError
from storage.memory import MemoryReader

PAGE = 1000
TABLE = "CREATE TABLE IF NOT EXISTS object (key TEXT PRIMARY KEY, content BLOB, modified REAL)"


class SqliteRowsStorage(Storage):
    """Whole objects pass through memory, so it is for small ones."""

    supported = Capabilities(conditional_put=True)

    def __init__(self, path: str) -> None:
        self._path, self._lock = path, threading.Lock()

    @property
    def capabilities(self) -> Capabilities:
        return self.supported

    @contextmanager
    def _rows(self) -> Iterator[sqlite3.Connection]:
        """A transaction. Every error of the backend becomes a StorageError."""
        try:
            with self._lock, closing(sqlite3.connect(self._path)) as connection, connection:
                connection.execute(TABLE)
                yield connection
        except sqlite3.OperationalError as error:
            full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
            raise StorageError("no_space" if full else "unavailable", detail=str(error)) from error

    def _put(self, key: str, chunks: Iterable[bytes | memoryview], size: int | None) -> int:
        content = bytearray()
        for chunk in chunks:
            content += chunk
            if size is not None and len(content) > size:
                break
        if size is not None and len(content) != size:
            raise StorageError("refused", key, f"other than the announced {size} bytes")
        with self._rows() as rows:
            row = (key, bytes(content), datetime.now(UTC).timestamp())
            if not rows.execute("INSERT INTO object VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row).rowcount:
                raise StorageError("refused", key, "exists")
        return len(content)

    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader:
        count = max(0, self._size(key) - offset) if length is None else length
        with self._rows() as rows:
            found = rows.execute("SELECT substr(content, ?, ?) FROM object WHERE key = ?", (offset + 1, count, key))
            row = found.fetchone()
        if row is None:
            raise StorageError("not_found", key)
        content = row[0] or b""
        return MemoryReader(content, 0, len(content))

    def _delete(self, key: str) -> None:
        with self._rows() as rows:
            rows.execute("DELETE FROM object WHERE key = ?", (key,))

    def _size(self, key: str) -> int:
        with self._rows() as rows:
            found = rows.execute("SELECT length(content) FROM object WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise StorageError("not_found", key)
        return int(found[0])

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        sql = "SELECT key, length(content), modified FROM object WHERE key > ? ORDER BY key LIMIT ?"
        while True:
            with self._rows() as rows:
                page = rows.execute(sql, (after, PAGE)).fetchall()
            for key, size, modified in page:
                hidden = key.startswith(QUARANTINE) and not prefix.startswith(QUARANTINE)
                if key.startswith(prefix) and not hidden:
                    yield ObjectInfo(key, size, datetime.fromtimestamp(modified, UTC))
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def abandoned(self, older_than: datetime) -> Iterator[str]:
        return iter(())  # a transaction that was not committed leaves nothing

    def sweep_abandoned(self, older_than: datetime) -> int:
        return 0


def build(parts: SplitResult, options: dict[str, str]) -> Storage:
    """From the parts of a storage URL. In the product, this function is in storage/registry.py."""
    return SqliteRowsStorage(path_in(parts.path))
