"""On which CPU the threads of a process run.

Only one thread of a Python process computes at a time. When the system spreads them over cores, every hand-over of the
interpreter wakes up another core, which costs more than a small request does, above all in a virtual machine (docs/
decisions/0018). A process that stays on one CPU hands over within it. What works outside the interpreter for long
(hashing, copying the bytes of a large transfer) may use every CPU all the same: it `roams`.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

SYSTEM = Path("/sys/devices/system/cpu")

_home: frozenset[int] | None = None  # the one CPU of this process; None: wherever the system likes
_allowed: frozenset[int] = frozenset()


def choose(taken: Iterable[int | None], system: Path = SYSTEM) -> int | None:
    """Of the CPUs that this process may use the one that fewest have taken; first one of each core, then those that
    share a core with another. None when there is no choice, or no such thing on this system.
    """
    if not hasattr(os, "sched_getaffinity"):
        return None
    allowed = os.sched_getaffinity(0)
    counts = list(taken)
    return min(allowed, key=lambda cpu: (counts.count(cpu), _rank(cpu, system), cpu)) if len(allowed) > 1 else None


def stay(cpu: int | None) -> None:
    """For this thread and those that it starts. Call it before there are others."""
    global _home, _allowed  # noqa: PLW0603 - a fact of the process
    if cpu is None:
        return
    _allowed = frozenset(os.sched_getaffinity(0))
    _home = frozenset([cpu])
    os.sched_setaffinity(0, _home)


def leave() -> None:
    """This thread may run everywhere from now on. Nothing happens in a process that never stayed."""
    if _home is not None:
        os.sched_setaffinity(0, _allowed)


@contextmanager
def roaming() -> Iterator[None]:
    """This thread may run everywhere for a while."""
    leave()
    try:
        yield
    finally:
        if _home is not None:
            os.sched_setaffinity(0, _home)


def _rank(cpu: int, system: Path) -> int:
    """Its place among those of its core; 0 where nobody can tell."""
    try:
        siblings = (system / f"cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return 0
    return sum(1 for other in _numbers(siblings) if other < cpu)


def _numbers(text: str) -> list[int]:
    """Of "0-1,4", as the kernel writes lists of CPUs."""
    found = list[int]()
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if first.isdigit():
            found += range(int(first), int(last or first) + 1)
    return found
