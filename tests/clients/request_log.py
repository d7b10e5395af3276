"""What a client asked for, out of the product's access log (ACCESS_LOG=on)."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(rb"access: method=(\S+) path=(\S+) status=(\d+) received=(\d+) sent=(\d+) ms=([\d.]+)")
# A line is written after the answer: seconds after the last one in which there is none to come.
LATE = 0.3


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str  # as it was sent, percent-encoded; without the query
    status: int
    received: int  # bytes
    sent: int
    ms: float

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class RequestLog:
    """`requests` are those since it was made (or `clear`), whoever sent them; it waits for the last line."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._from = file.stat().st_size

    def clear(self) -> None:
        self._wait()
        self._from = self.file.stat().st_size

    @property
    def requests(self) -> list[Asked]:
        self._wait()
        return self.now()

    def now(self) -> list[Asked]:
        """Those that are written down already."""
        with self.file.open("rb") as log:
            log.seek(self._from)
            return [_asked(found) for found in LINE.finditer(log.read())]

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        while time.time() - self.file.stat().st_mtime < LATE and time.monotonic() < deadline:
            time.sleep(0.05)

    def of(self, method: str) -> list[Asked]:
        return [asked for asked in self.requests if asked.method == method]

    @property
    def methods(self) -> Counter[str]:
        return Counter(asked.method for asked in self.requests)

    @property
    def failures(self) -> list[str]:
        return [str(asked) for asked in self.requests if asked.status >= 500]


def _asked(found: re.Match[bytes]) -> Asked:
    method, path, status, received, sent, ms = (word.decode(errors="replace") for word in found.groups())
    return Asked(method, path, int(status), int(received), int(sent), float(ms))
