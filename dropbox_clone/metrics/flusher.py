"""One thread of each process turns notes into metrics, twice a second and when somebody asks for them."""

import os
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from dropbox_clone.metrics import events

PAUSE = 0.5  # seconds
Key = tuple[str, ...]
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Tally:
    """Sums of one round, so that each number is written once and not for each note."""

    def __init__(self) -> None:
        self.counts: dict[tuple[Any, Key], float] = defaultdict(float)
        self.times: dict[tuple[Any, Key], list[float]] = {}

    def count(self, metric: Any, *labels: str, by: float = 1) -> None:
        self.counts[metric, labels] += by

    def time(self, metric: Any, seconds: float, *labels: str) -> None:
        """The last number is the sum, those before it are the buckets'."""
        numbers = self.times.get((metric, labels))
        if numbers is None:
            numbers = self.times[metric, labels] = [0.0] * (len(metric._upper_bounds) + 1)
        numbers[bisect_left(metric._upper_bounds, seconds)] += 1
        numbers[-1] += seconds

    def write(self) -> None:
        for (metric, labels), amount in self.counts.items():
            (metric.labels(*labels) if labels else metric).inc(amount)
        for (metric, labels), numbers in self.times.items():
            child = metric.labels(*labels) if labels else metric
            child._sum.inc(numbers[-1])
            for bucket, amount in zip(child._buckets, numbers, strict=False):
                if amount:
                    bucket.inc(amount)


Reader = Callable[[Tally, tuple[Any, ...]], None]


class Flusher:
    """`gauges` are called in every round, with the seconds since the last one, for what is a state."""

    def __init__(self, role: str, readers: dict[str, Reader], gauges: Iterable[Callable[[float], None]]) -> None:
        self.role, self.readers, self.gauges = role, readers, list(gauges)
        self._lock = threading.Lock()
        self._at, self._cpu = time.monotonic(), 0.0
        events.restart()

    def start(self) -> None:
        threading.Thread(target=self._run, name="metrics", daemon=True).start()

    def flush(self) -> None:
        """What was noted until now is in the metrics when this returns."""
        from dropbox_clone.metrics import definitions

        with self._lock:
            tally, notes = Tally(), events.notes
            for _ in range(len(notes)):
                note = notes.popleft()
                self.readers[note[0]](tally, note)
            moment, cpu = time.monotonic(), time.process_time()
            tally.count(definitions.CPU_SECONDS, self.role, by=cpu - self._cpu)
            for gauge in self.gauges:
                gauge(moment - self._at)
            self._at, self._cpu = moment, cpu
            tally.write()
            definitions.PROCESSES.labels(self.role).set(1)
            definitions.MEMORY.labels(self.role).set(_resident())

    def _run(self) -> None:
        while True:
            time.sleep(PAUSE)
            try:
                self.flush()
            except Exception:
                # A folder that is gone (the process is being stopped), a full /dev/shm: numbers are not worth a word
                # in the log twice a second, and never a request.
                time.sleep(30 * PAUSE)


def _resident() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * _PAGE


_running: Flusher | None = None


def start(role: str, readers: dict[str, Reader], gauges: Iterable[Callable[[float], None]]) -> None:
    """In every process that serves, after its fork."""
    global _running  # noqa: PLW0603 (one per process)
    _running = Flusher(role, readers, gauges)
    _running.start()


def flush() -> None:
    if _running is not None:
        _running.flush()


def _forget() -> None:
    global _running  # noqa: PLW0603
    _running = None


os.register_at_fork(after_in_child=_forget)
