"""Small files that are written at the same time by the same actor share one object and one transaction.

A commit costs more than the rows of a small file, and SQLite has one writer: while one request commits, others arrive
and wait; the next one takes all of them along. Those who were together a moment ago come back together, because
they were answered together: the next leader gives them, and those who stood behind them, a moment. A client that writes
one file after the other never waits. What cannot be done together (a full quota, trouble) is done one by one, each in
its own thread with its own answer.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import DatabaseError

from accounts.actor import Actor
from common.errors import CodedError
from files.actions.storing import entry
from files.blobs import contents, ingest
from files.blobs.contents import store_pack
from files.blobs.ingest import Small
from files.queries import tree
from files.queries.tree import LocatedNode
from files.tree.unit_of_work import space_unit_of_work
from files.tree.writing import WriteOptions, WriteOutcome, put_entries
from http_kit.long_requests import release_connection

MAXIMUM_SIZE = 64 * 1024  # bytes of a file: a larger one is worth an object and a commit of its own
MAXIMUM_TOGETHER = 32
GROUPS = 1000  # remembered at most
MOMENT = 0.003  # seconds that a leader gives to those who were in the last batch
W = TypeVar("W")
logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Writing:
    """One file to be written at `names`, from the root of the space. Its rights and its checksums are checked."""

    actor: Actor
    space_id: int
    names: list[str]
    options: WriteOptions
    small: Small
    make_folders: bool = True
    turn: threading.Event = field(default_factory=threading.Event)
    outcome: tuple[LocatedNode, WriteOutcome] | None = None
    leads: bool = False

    @property
    def group(self) -> tuple[int, Actor]:
        return self.space_id, self.actor

    @property
    def place(self) -> tuple[str, ...]:
        return tuple(self.names)


class _Queue:
    """Who waits, by group. A group has an entry as long as one of it leads."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.lock = threading.Lock()
        self.arrived = threading.Condition(self.lock)
        self.waiting: dict[tuple[int, Actor], list[Writing]] = {}
        self.last: dict[tuple[int, Actor], tuple[int, float]] = {}  # how many to wait for, and until when

    def enter(self, writing: Writing) -> bool:
        """Whether it leads: nobody else of its group does."""
        with self.lock:
            if writing.group in self.waiting:
                self.waiting[writing.group].append(writing)
                self.arrived.notify_all()
                return False
            self.waiting[writing.group] = []
            return True

    def take(self, leader: Writing) -> list[Writing]:
        """The leader and who goes along: files of different places, because the order of two of one place counts."""
        with self.lock:
            self._give_a_moment(leader.group)
            batch, stay, places = [leader], list[Writing](), {leader.place}
            for other in self.waiting[leader.group]:
                if len(batch) < MAXIMUM_TOGETHER and other.place not in places:
                    batch.append(other)
                else:
                    stay.append(other)
                places.add(other.place)
            self.waiting[leader.group] = stay
            return batch

    def _give_a_moment(self, group: tuple[int, Actor]) -> None:
        together, end = self.last.pop(group, (1, 0.0))
        now = time.monotonic()
        if together > 1 and now < end:
            self.arrived.wait_for(lambda: len(self.waiting[group]) + 1 >= together, timeout=MOMENT)

    def _remember(self, group: tuple[int, Actor], together: int) -> None:
        if len(self.last) >= GROUPS:  # of those who have not come back
            self.last.clear()
        self.last[group] = (together, time.monotonic() + 10 * MOMENT)

    def leave(self, leader: Writing, batch: list[Writing]) -> None:
        """Wakes all of the batch, and one more to lead the rest."""
        with self.lock:
            rest = self.waiting[leader.group]
            if len(batch) + len(rest) > 1:
                self._remember(leader.group, min(MAXIMUM_TOGETHER, len(batch) + len(rest)))
            if rest:
                following = rest.pop(0)
                following.leads = True
                following.turn.set()
            else:
                del self.waiting[leader.group]
        for other in batch:
            other.turn.set()


_queue = _Queue()
os.register_at_fork(after_in_child=_queue.forget)


def write_with_others(writing: Writing, alone: Callable[[], W], shared: Callable[[LocatedNode, WriteOutcome], W]) -> W:
    """What `shared` makes of the root of the space and of what became of the file, or what `alone` has written.

    Raises what refuses this file (conditions, conflicts).
    """
    if _queue.enter(writing) or _is_next(writing):
        batch = [writing]
        try:
            batch = _queue.take(writing)
            if len(batch) == 1:
                return alone()
            _write(batch)
        finally:
            _queue.leave(writing, batch)
    if writing.outcome is None:
        return alone()
    base, put = writing.outcome
    if put.error is not None:
        raise put.error
    return shared(base, put)


def _is_next(writing: Writing) -> bool:
    """Waits until the file has been written by another, or its own turn to lead has come."""
    release_connection()
    writing.turn.wait()
    return writing.leads


def _write(batch: list[Writing]) -> None:
    """Sets the outcomes of all, or of none. Trouble is not reported: everybody then writes alone and meets it again.

    Only after a refusal nothing can have been committed, so that the object may go.
    """
    pool = batch[0].small.stored.pool
    unused: list[str] = []
    try:
        packed = store_pack(pool, [writing.small for writing in batch])
        unused = sorted({stored.key for stored in packed.values() if stored.key is not None})
        with space_unit_of_work(batch[0].actor, batch[0].space_id) as unit:
            work = unit[batch[0].space_id]
            claimed = contents.claim(pool, list(packed.values()))
            entries = [
                entry(claimed, one.small.stored, one.names, one.options, make_folders=one.make_folders) for one in batch
            ]
            base = tree.place_at(work.actor, work.space, [])
            puts = put_entries(work, base, entries)
    except (CodedError, contents.ContentVanished) as error:
        logger.debug("%s files are not written together: %r", len(batch), error)
    except DatabaseError as error:
        logger.warning("%s files are not written together: %r", len(batch), error)
        return
    else:
        unused = sorted(claimed.unused)
        for writing, put in zip(batch, puts, strict=True):
            writing.outcome = (base, put)
    for key in unused:
        ingest.discard(pool, key)
