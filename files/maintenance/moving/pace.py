"""How fast bytes may be moved: MOVE_BANDWIDTH for all threads of a mover together."""

import threading
import time


class Stopped(Exception):
    """The run is over: give up the copy in hand."""


class Pace:
    """`take` waits until that many bytes may pass. `bandwidth` in bytes a second, None: as fast as it goes."""

    def __init__(self, bandwidth: int | None) -> None:
        self._bandwidth = bandwidth
        self._lock = threading.Lock()
        self._free_at = time.monotonic()
        self.stopped = threading.Event()

    def take(self, size: int) -> None:
        if self.stopped.is_set():
            raise Stopped
        if not self._bandwidth:
            return
        with self._lock:
            begin = max(self._free_at, time.monotonic())
            self._free_at = begin + size / self._bandwidth
        if self.stopped.wait(max(0.0, begin - time.monotonic())):
            raise Stopped
