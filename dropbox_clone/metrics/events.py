"""Notes of what happened in this process. A note is one append, which needs no lock; `flusher` counts them.

Counting in the request itself would cost a lock and a write to a shared file for each number, of which an upload
has dozens.
"""

import itertools
import os
from collections import deque
from typing import Any

LIMIT = 500_000  # notes; when nobody counts them (no flusher runs) the oldest go
_KEPT = 1000  # in a process without a flusher, such as a command

notes: deque[tuple[Any, ...]] = deque(maxlen=_KEPT)


class Count:
    """How many began and how many ended, each a number that only one call at a time can take."""

    def __init__(self) -> None:
        self.began, self.ended = itertools.count(), itertools.count()

    def now(self) -> int:
        """Under way. What a count would give next is the second word of how it shows itself, and taking none."""
        return max(0, _value(self.began) - _value(self.ended))


def _value(count: "itertools.count[int]") -> int:
    return int(repr(count)[6:-1])


requests = Count()
jobs = Count()


def restart(limit: int = LIMIT) -> None:
    """A flusher starts in this process, or it was forked: what the parent noted is the parent's."""
    global notes, note  # noqa: PLW0603 (a module is the one place per process)
    notes = deque(maxlen=limit)
    note = notes.append
    requests.__init__()  # type: ignore[misc]
    jobs.__init__()  # type: ignore[misc]


note = notes.append
os.register_at_fork(after_in_child=lambda: restart(_KEPT))
