"""A range of a remote object, fetched window by window: each request stands alone, so none can break half-way."""

from __future__ import annotations

from collections.abc import Callable

from storage.base import ObjectReader, StorageError

_WINDOW = 8 << 20


class WindowReader(ObjectReader):
    """`fetch(offset, length)` answers exactly these bytes of one version of the object. For one thread."""

    def __init__(self, key: str, offset: int, left: int, fetch: Callable[[int, int], bytes]) -> None:
        self._key = key
        self._offset = offset
        self._left = left  # not fetched yet
        self._fetch = fetch
        self._window = memoryview(b"")
        self._closed = False

    def read(self, n: int = -1) -> bytes:
        if self._closed:
            raise ValueError("read of a closed reader")
        wanted = self._left + len(self._window) if n < 0 else n
        pieces = []
        while wanted and (self._window or self._left):
            if not self._window:
                self._fill()
            piece = self._window[:wanted]
            self._window = self._window[len(piece) :]
            wanted -= len(piece)
            pieces.append(piece)
        return bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)

    def _fill(self) -> None:
        length = min(_WINDOW, self._left)
        content = self._fetch(self._offset, length)
        if len(content) != length:
            raise StorageError("unavailable", self._key, f"{len(content)} bytes instead of {length}")
        self._offset += length
        self._left -= length
        self._window = memoryview(content)

    def close(self) -> None:
        self._closed = True
        self._window = memoryview(b"")
