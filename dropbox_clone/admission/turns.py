"""Threads are handed out in turns: one address after the other, each with at most its share.

And few at a time begin: only one thread of a process computes at any moment, so that a hundred that all want to make
everybody else, health checks too, wait for a hundred turns of the interpreter at every system call. Whoever has had a
thread for YOUNG seconds mostly waits (for a client, a change, a store), and makes room for the next to begin; AGED of
them at a time.

Used by one thread alone, which waits for all connections.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from itertools import islice
from time import monotonic
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)

YOUNG = 0.1  # seconds
AGED = 4  # who may be found to wait, in that time: on a machine that is busy, those who compute look the same
BEGINNERS = 32  # requests at once: more than enough to keep a process busy


class Turns(Generic[Item]):
    """`places` are all threads, `share` is how many of them one address may have at the same time."""

    def __init__(
        self, *, places: int, share: int, beginners: int = BEGINNERS, clock: Callable[[], float] = monotonic
    ) -> None:
        self.free = places
        self.share = share
        self.waiting = 0
        self._beginners, self._clock = beginners, clock
        self._busy: dict[Hashable, int] = {}
        self._aged = float("-inf")  # when somebody was found to wait last
        self._young: OrderedDict[Item, float] = OrderedDict()  # when they began
        self._lines: OrderedDict[Hashable, deque[Item]] = OrderedDict()  # of addresses with somebody waiting

    def ask(self, address: Hashable, item: Item) -> bool:
        """True: go ahead, and call `leave` afterwards. False: `item` waits, and `next` will give it."""
        if address not in self._lines and self._busy.get(address, 0) < self.share and self._is_room():
            self._take(address, item)
            return True
        self._lines.setdefault(address, deque()).append(item)
        self.waiting += 1
        return False

    def leave(self, address: Hashable, item: Item) -> None:
        left = self._busy[address] - 1
        if left:
            self._busy[address] = left
        else:
            del self._busy[address]
        self._young.pop(item, None)
        self.free += 1

    def next(self) -> Item | None:
        """Whose turn it is; it has its place already. None when nobody may go ahead now."""
        if not self.waiting or not self._is_room():
            return None
        for address in self._lines:
            if self._busy.get(address, 0) < self.share:
                break
        else:
            return None
        line = self._lines[address]
        item = line.popleft()
        self.waiting -= 1
        if line:
            self._lines.move_to_end(address)
        else:
            del self._lines[address]
        self._take(address, item)
        return item

    def give_up(self, has_waited: Callable[[Item], bool]) -> list[Item]:
        """Those who waited long enough, by what the test says of the first of each line."""
        given_up = []
        for address, line in list(self._lines.items()):
            while line and has_waited(line[0]):
                given_up.append(line.popleft())
            if not line:
                del self._lines[address]
        self.waiting -= len(given_up)
        return given_up

    def _is_room(self) -> bool:
        if self.free <= 0:
            return False
        if len(self._young) < self._beginners:
            return True
        now = self._clock()
        if now - self._aged < YOUNG:
            return False
        for item, began in list(islice(self._young.items(), AGED)):
            if now - began < YOUNG:
                break
            del self._young[item]
            self._aged = now
        return len(self._young) < self._beginners

    def _take(self, address: Hashable, item: Item) -> None:
        self._busy[address] = self._busy.get(address, 0) + 1
        self._young[item] = self._clock()
        self.free -= 1
