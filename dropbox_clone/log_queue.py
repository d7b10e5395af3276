"""Lines for the standard error that no request waits for.

A pipe that nobody reads takes 64 KiB, and then every write to it waits: with it every request that logs, /healthz too.
So where the standard error can make a writer wait (a pipe, a socket, a terminal), lines go to one thread of this
process through a queue of MOST bytes. What does not fit is dropped and counted by a metric, and by a
line as soon as somebody reads again. A file is written to at once.
"""

import atexit
import logging
import os
import stat
import sys
import threading
from collections import deque
from contextlib import suppress
from time import monotonic, sleep

STDERR = 2
MOST = 4 * 1024 * 1024  # bytes; some ten thousand lines
TOGETHER = 0.02  # seconds for which lines are gathered: one system call, and one wake-up, for many
AT_ONCE = 64 * 1024  # bytes
FLUSH = 1.0  # seconds that the end of the process waits for a reader


class LineQueue:
    """May be used by all threads; starts anew in a process that was forked."""

    def __init__(self, descriptor: int = STDERR, *, most: int = MOST) -> None:
        self.descriptor, self.most = descriptor, most
        self.dropped = 0  # ever, in this process
        self._start_anew()
        os.register_at_fork(after_in_child=self._start_anew)
        atexit.register(self.flush)

    def _start_anew(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._unsaid = 0
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, line: bytes) -> None:
        """Returns at once, whoever reads."""
        with self._lock:
            if self._size + len(line) > self.most:
                self.dropped += 1
                self._unsaid += 1
                return
            self._lines.append(line)
            self._size += len(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_on, name="log", daemon=True)
                self._thread.start()
        if not self._wake.is_set():
            self._wake.set()

    def flush(self, seconds: float = FLUSH) -> None:
        end = monotonic() + seconds
        while self._thread is not None and self._size and monotonic() < end:
            sleep(TOGETHER / 4)

    def _write_on(self) -> None:
        while True:
            self._wake.wait()
            sleep(TOGETHER)
            self._wake.clear()
            while text := self._some():
                self._write(text)
                with self._lock:
                    self._size -= len(text)
                self._tell()

    def _some(self) -> bytes:
        taken, size = [], 0
        with self._lock:
            while self._lines and size < AT_ONCE:
                line = self._lines.popleft()
                taken.append(line)
                size += len(line)
        return b"".join(taken)

    def _write(self, text: bytes) -> None:
        with suppress(OSError):  # a reader of the log that is gone must not end the thread
            while text:
                text = text[os.write(self.descriptor, text) :]

    def _tell(self) -> None:
        with self._lock:
            unsaid, self._unsaid = self._unsaid, 0
        if unsaid:
            logging.getLogger(__name__).warning("%d log lines were dropped: nobody read the standard error", unsaid)


def can_wait(descriptor: int = STDERR) -> bool:
    """Whether a write may have to wait for a reader."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode)


class StderrHandler(logging.StreamHandler):
    """logging's own, except where it would make a request wait."""

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not sys.__stderr__ or not can_wait():
            super().emit(record)
            return
        try:
            lines.put((self.format(record) + self.terminator).encode(errors="replace"))
        except Exception:
            self.handleError(record)


def write(line: bytes) -> None:
    """A whole line, with its end."""
    if can_wait():
        lines.put(line)
        return
    with suppress(OSError):
        os.write(STDERR, line)


lines = LineQueue()
