"""One run of a move: how fast it may be (MOVE_BANDWIDTH for all of its threads together), and what it did."""

import threading
import time
from dataclasses import asdict, dataclass


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


@dataclass
class MoveReport:
    """`blobs` and `bytes` were moved, `back` of them by going back to where they had been; `damaged` were skipped.
    `removed` are objects that were left behind long enough, `contents` those that belong to another pool now.
    """

    blobs: int = 0
    bytes: int = 0
    back: int = 0
    damaged: int = 0
    contents: int = 0
    removed: int = 0
    removed_bytes: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @property
    def idle(self) -> bool:
        return not any(self.as_dict().values())
