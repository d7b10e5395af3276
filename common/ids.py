"""Numbers for rows that people get to see: unique, in the order of time, and silent about how many others there are.

A counter of the database tells whoever makes two files how many all others have made in between. These numbers are a
time in milliseconds with random bits below it, so that only the own distance in time can be read from them, which the
owner knows. They grow, so that what was made later has the larger number, and rows of one act lie together in an index.
"""

import os
import re
import secrets
import threading
import time
from datetime import datetime

EPOCH = 1_767_225_600_000  # milliseconds: 2026-01-01 UTC
RANDOM_BITS = 12  # so that a number stays below 2**53, which JSON in a browser can hold
_GAP = 64  # between two of the same millisecond: 1 to 64


class _Numbers:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def take(self, count: int, above: int) -> range:
        moment = (time.time_ns() // 1_000_000 - EPOCH) << RANDOM_BITS
        with self._lock:
            floor = max(self._last, above)
            first = moment + secrets.randbits(RANDOM_BITS) if moment > floor else floor + 1 + secrets.randbelow(_GAP)
            self._last = first + count - 1
        return range(first, first + count)

    def forget(self) -> None:
        """After a fork: the lock may have been held by a thread that is not here."""
        self._lock = threading.Lock()


_numbers = _Numbers()
os.register_at_fork(after_in_child=_numbers.forget)


MAXIMUM = 2**63 - 1  # what a database keeps in a BIGINT
WRITTEN = "[0-9]{1,19}"  # the pattern of an id in text
_WRITTEN = re.compile(WRITTEN, re.ASCII)


def is_id(number: int) -> bool:
    """Whether a row can have this number. Databases fail at larger ones instead of finding nothing."""
    return 0 < number <= MAXIMUM


def is_written_id(text: str) -> bool:
    """Whether a client may have meant an id by this. Whether one exists, or can, is for the core to say."""
    return _WRITTEN.fullmatch(text) is not None


def id_of(text: str) -> int | None:
    """The number that a client has written, when it can be one: of ASCII digits, as a database can keep it."""
    if not is_written_id(text):
        return None
    number = int(text)
    return number if number <= MAXIMUM else None


def new_id() -> int:
    """Positive, below 2**53 until 2095. Two processes may, about once in 2**12 times that they take one in the same
    millisecond, take the same: who inserts looks (files/sql_rows.py).
    """
    return new_ids(1)[0]


def id_at(moment: datetime) -> int:
    """The least number that is taken at this time or later, by a clock that goes right."""
    return max(0, int(moment.timestamp() * 1000) - EPOCH) << RANDOM_BITS


def new_ids(count: int, *, above: int = 0) -> range:
    """As many, one after the other, all of them larger than `above`."""
    return _numbers.take(count, above)
