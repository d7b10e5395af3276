"""How many bytes of bulk bodies this process may hold at once: they are in memory, and there are many threads.

A body takes its share as it arrives, not as it is announced, so that slow clients hold only what they have sent. Who
finds no room waits a moment, then is told to try again.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from http_kit.errors import Overloaded

BUDGET = 128 * 1024 * 1024  # bytes of bodies; parsing and storing need as much again
PATIENCE = 5.0  # seconds


class Share:
    """What one request holds."""

    def __init__(self, memory: "BodyMemory") -> None:
        self._memory = memory
        self.held = 0

    def take(self, size: int) -> None:
        """Room for `size` more bytes. Waits at most PATIENCE; raises Overloaded."""
        self._memory.take(size)
        self.held += size


class BodyMemory:
    """`budget` bytes for all requests of a process together."""

    def __init__(self, budget: int = BUDGET, patience: float = PATIENCE) -> None:
        self.budget, self.patience = budget, patience
        self._free = budget
        self._changed = threading.Condition()

    @contextmanager
    def share(self) -> Iterator[Share]:
        """Given back at the end, whatever happens."""
        share = Share(self)
        try:
            yield share
        finally:
            with self._changed:
                self._free += share.held
                self._changed.notify_all()

    def take(self, size: int) -> None:
        deadline = time.monotonic() + self.patience
        with self._changed:
            while self._free < size:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Overloaded
                self._changed.wait(left)
            self._free -= size


memory = BodyMemory()
