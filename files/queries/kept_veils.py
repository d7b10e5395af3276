"""Veils that have been made are kept while nothing has changed in their spaces, so that whoever asks for a large folder
again pays for the number of its space, and not for all that lies on the ways to what is hidden.

A veil belongs to what is hidden and to the numbers of the last changes of the spaces that it lies over. The numbers are
read before it is made, so it is never older than they say, and what is told of it is never older than what is listed
afterwards. Each process keeps its own. Within a transaction, whose numbers nobody else knows yet, nothing is kept.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Collection
from threading import Lock
from time import monotonic
from typing import Protocol, TypeVar

from django.db import connection

from files import sql_rows

MAXIMUM_WEIGHT = 50_000  # folders of all that are kept: some 20 MB
SECONDS = 300.0  # what a repair by fsck sets right has no number


class Weighed(Protocol):
    """`weight`: how many folders it knows."""

    @property
    def weight(self) -> int: ...


Key = tuple[tuple[tuple[int, int], ...], frozenset[int]]
T = TypeVar("T", bound=Weighed)


class Kept:
    """The last ones that were asked for, up to a weight of all together and an age of each."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[Key, tuple[float, Weighed]] = OrderedDict()
        self._weight = 0

    def get(self, key: Key) -> Weighed | None:
        with self._lock:
            found = self._found.get(key)
            if found is None:
                return None
            if found[0] < monotonic() - SECONDS:
                self._forget(key)
                return None
            self._found.move_to_end(key)
            return found[1]

    def put(self, key: Key, value: Weighed) -> None:
        with self._lock:
            if key in self._found:
                self._forget(key)
            self._found[key] = monotonic(), value
            self._weight += value.weight
            while self._weight > MAXIMUM_WEIGHT:
                self._forget(next(iter(self._found)))

    def unlock(self) -> None:
        """After a fork: the lock may have been held by a thread that is not here."""
        self._lock = Lock()

    def _forget(self, key: Key) -> None:
        self._weight -= self._found.pop(key)[1].weight


_KEPT = Kept()
os.register_at_fork(after_in_child=_KEPT.unlock)


def kept(hidden: frozenset[int], space_ids: Collection[int], make: Callable[[], T]) -> T:
    """What `make` gives for these restricted folders of these spaces, or gave when they had the same numbers. One query
    where it is kept.
    """
    if connection.in_atomic_block:
        return make()
    key = (_numbers(space_ids), hidden)
    found = _KEPT.get(key)
    if found is None:
        made = make()
        _KEPT.put(key, made)
        return made
    return found  # type: ignore[return-value]


def _numbers(space_ids: Collection[int]) -> tuple[tuple[int, int], ...]:
    wanted = sorted(set(space_ids))
    marks = ", ".join(["%s"] * len(wanted))
    rows = sql_rows.fetch(f"SELECT id, seq FROM files_space WHERE id IN ({marks}) ORDER BY id", wanted)
    return tuple((int(pk), int(seq)) for pk, seq in rows)
