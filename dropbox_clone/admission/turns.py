"""Threads are handed out in turns: one line after the other, each with at most its share.

A line is a person whose credentials a thread has found good before (`credentials`), or else an address. Every other
turn goes to a person, so that strangers, however many addresses they have, take at most half.

One thread in RESERVE is kept for lines that have FEW, so that two persons with all their uploads do not keep a third
one waiting; strangers together never have those.

And few at a time begin: only one thread of a process computes at any moment, so that a hundred that all want to make
everybody else, health checks too, wait for a hundred turns of the interpreter at every system call. Of these places a
line has CROWD, and strangers together have half, as long as somebody else was there within a second. Whoever has had a
thread for YOUNG seconds mostly waits (for a client, a change, a store), and makes room for the next to begin; AGED of
them at a time.

Used by one thread alone, which waits for all connections.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable
from itertools import islice
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item", bound=Hashable)

YOUNG = 0.1  # seconds
AGED = 4  # who may be found to wait, in that time: on a machine that is busy, those who compute look the same
BEGINNERS = 8  # requests at once: more than enough to keep a process busy
CROWD = 2  # beginners of one line while somebody else is there
RESERVE = 4  # the part of all threads, one in so many, that is for lines that have FEW
FEW = 2  # threads
PRESENT = 1.0  # seconds after its last request for which a line still counts as being there


class Line(NamedTuple):
    """Who waits together: one person, or the strangers of one address."""

    name: str
    known: bool = False  # a person, no stranger


class Turns(Generic[Item]):
    """`places` are all threads, `share` is how many of them one line may have at the same time."""

    def __init__(
        self, *, places: int, share: int, beginners: int = BEGINNERS, clock: Callable[[], float] = monotonic
    ) -> None:
        self.free = places
        self.share = share
        self._reserve = places // RESERVE
        self._strangers, self._most_strangers = 0, places - self._reserve
        self.waiting = 0
        self._beginners, self._clock = beginners, clock
        self._busy: Counter[Line] = Counter()
        self._aged = float("-inf")  # when somebody was found to wait last
        self._young: OrderedDict[Item, tuple[float, Line]] = OrderedDict()  # when they began
        self._young_of: Counter[Line] = Counter()
        self._young_strangers = 0
        self._present: OrderedDict[Line, float] = OrderedDict()  # until when
        self._lines: dict[bool, OrderedDict[Line, deque[Item]]] = {True: OrderedDict(), False: OrderedDict()}
        self._persons_turn = True

    def ask(self, line: Line, item: Item) -> bool:
        """True: go ahead, and call `leave` afterwards. False: `item` waits, and `next` will give it."""
        self._is_here(line)
        if line not in self._lines[line.known] and self._may_begin(line):
            self._take(line, item)
            return True
        self._lines[line.known].setdefault(line, deque()).append(item)
        self.waiting += 1
        return False

    def leave(self, line: Line, item: Item) -> None:
        self._busy[line] -= 1
        if not self._busy[line]:
            del self._busy[line]
        self._grows_old(item)
        self.free += 1
        self._strangers -= not line.known
        self._is_here(line)

    def next(self) -> tuple[Line, Item] | None:
        """Whose turn it is; it has its place already. None when nobody may go ahead now."""
        if not self.waiting or not self._is_room():
            return None
        for known in (self._persons_turn, not self._persons_turn):
            lines = self._lines[known]
            line = next((line for line in lines if self._may_begin(line)), None)
            if line is not None:
                item = lines[line].popleft()
                lines.move_to_end(line)
                self._shorter(line)
                self._persons_turn = not known
                self._take(line, item)
                return line, item
        return None

    def move(self, belongs: Callable[[Item], bool], source: Line, target: Line) -> None:
        """Those who wait in the line of an address, and turn out to be a person's."""
        waiting = self._lines[source.known].get(source)
        moving = [item for item in waiting if belongs(item)] if waiting else []
        for item in moving:
            self._lines[source.known][source].remove(item)
            self._lines[target.known].setdefault(target, deque()).append(item)
        if moving:
            self._is_here(target)
            if not self._lines[source.known][source]:
                del self._lines[source.known][source]

    def give_up(self, has_waited: Callable[[Item], bool]) -> list[Item]:
        """Those who waited long enough, by what the test says of the first of each line."""
        given_up = []
        for lines in self._lines.values():
            for line, waiting in list(lines.items()):
                while waiting and has_waited(waiting[0]):
                    given_up.append(waiting.popleft())
                if not waiting:
                    del lines[line]
        self.waiting -= len(given_up)
        return given_up

    def strangers(self) -> list[Line]:
        """Addresses with somebody waiting."""
        return list(self._lines[False])

    def _shorter(self, line: Line) -> None:
        self.waiting -= 1
        if not self._lines[line.known][line]:
            del self._lines[line.known][line]

    def _may_begin(self, line: Line) -> bool:
        busy = self._busy[line]
        if busy >= self.share or (busy >= FEW and self.free <= self._reserve) or not self._is_room():
            return False
        if not line.known and self._strangers >= self._most_strangers:
            return False
        if self._is_alone(line):
            return True
        if not line.known and self._young_strangers >= max(1, self._beginners // 2):
            return False
        return self._young_of[line] < CROWD

    def _is_here(self, line: Line) -> None:
        self._present[line] = self._clock() + PRESENT
        self._present.move_to_end(line)

    def _is_alone(self, line: Line) -> bool:
        now = self._clock()
        while self._present and (oldest := next(iter(self._present.items())))[1] < now:
            del self._present[oldest[0]]
        return all(other == line for other in islice(self._present, 2)) and all(
            other == line for other in islice(self._busy, 2)
        )

    def _is_room(self) -> bool:
        """Those who have begun long ago make room."""
        if self.free <= 0:
            return False
        now = self._clock()
        if now - self._aged >= YOUNG:
            for item, (began, _) in list(islice(self._young.items(), AGED)):
                if now - began < YOUNG:
                    break
                self._grows_old(item)
                self._aged = now
        return len(self._young) < self._beginners

    def _grows_old(self, item: Item) -> None:
        found = self._young.pop(item, None)
        if found is None:
            return
        line = found[1]
        self._young_of[line] -= 1
        if not self._young_of[line]:
            del self._young_of[line]
        self._young_strangers -= not line.known

    def _take(self, line: Line, item: Item) -> None:
        self._busy[line] += 1
        self._young[item] = (self._clock(), line)
        self._young_of[line] += 1
        self._young_strangers += not line.known
        self._strangers += not line.known
        self.free -= 1
