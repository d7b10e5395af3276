"""A range of an S3 object as a stream that survives a broken connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from storage.base import ObjectReader, StorageError

if TYPE_CHECKING:
    from botocore.response import StreamingBody

_RECONNECTIONS = 2  # in a row without a byte in between


class S3Reader(ObjectReader):
    """Goes on where it was, in the same object (its ETag), when the server hangs up. For one thread.

    `fetch(offset, etag)` answers a GetObject response for everything from `offset` to the end of the range.
    """

    def __init__(self, key: str, first: Any, offset: int, fetch: Callable[[int, str], Any]) -> None:
        self._key = key
        self._body: StreamingBody = first["Body"]
        self._etag: str = first["ETag"]
        self._left: int = first["ContentLength"]
        self._offset = offset
        self._fetch = fetch
        self._closed = False

    def read(self, n: int = -1) -> bytes:
        if self._closed:
            raise ValueError("read of a closed reader")
        wanted = self._left if n < 0 else min(n, self._left)
        pieces = []
        while wanted:
            piece = self._some(wanted)
            pieces.append(piece)
            self._offset += len(piece)
            self._left -= len(piece)
            wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _some(self, wanted: int) -> bytes:
        """At least one byte."""
        for attempt in range(_RECONNECTIONS + 1):
            try:
                piece = self._body.read(wanted)
            except (BotoCoreError, OSError):
                piece = b""
            if piece:
                return piece
            self._body.close()
            if attempt < _RECONNECTIONS:
                self._body = self._fetch(self._offset, self._etag)["Body"]
        raise StorageError("unavailable", self._key, f"the connection broke with {self._left} bytes to go")

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._body.close()


class EmptyReader(ObjectReader):
    """A range without bytes: S3 has no way to ask for one."""

    def read(self, n: int = -1) -> bytes:
        return b""

    def close(self) -> None:
        pass
