"""sendfile that looks up from its work. gunicorn's configuration loads it before Django, so it knows no tables."""

import os
import select
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

LOOK_UP = 3.0  # seconds to wait for a client that takes nothing, until the next look
BLOCK = 8 * 1024 * 1024  # bytes that the system is asked to send of a file at once
STALLED = 120.0  # seconds without one byte


class WatchedSocket:
    """A socket that sends a file as sendfile does, and looks up from it every few seconds."""

    def __init__(self, sock: socket.socket, look: Callable[[], None]) -> None:
        self._sock, self._look = sock, look

    def sendall(self, data: bytes, flags: int = 0) -> None:
        self._sock.sendall(data, flags)

    def sendfile(self, file: Any, offset: int, count: int) -> None:
        """Raises TimeoutError for a client that takes nothing for STALLED seconds, and what `look` raises."""
        timeout = self._sock.gettimeout()
        self._sock.setblocking(False)
        try:
            self._send(file.fileno(), offset, offset + count)
        finally:
            if self._sock.fileno() >= 0:
                self._sock.settimeout(timeout)

    def _send(self, file: int, offset: int, end: int) -> None:
        to, ready, moved = self._sock.fileno(), select.poll(), monotonic()
        ready.register(to, select.POLLOUT)
        while offset < end:
            self._look()
            try:
                sent = os.sendfile(to, file, offset, min(end - offset, BLOCK))
            except BlockingIOError:
                if not ready.poll(LOOK_UP * 1000) and monotonic() - moved > STALLED:
                    raise TimeoutError("the client takes nothing") from None
                continue
            if not sent:  # the file is shorter than it was
                return
            offset, moved = offset + sent, monotonic()
