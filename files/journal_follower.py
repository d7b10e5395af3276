"""Following the journals of all spaces, in small steps that may be interrupted at any moment.

Search follows them to keep its index (search/indexing/following.py); previews, webhooks and notifications will be
followers too. A follower has a name, and a position in each space. It begins with a space where `first_seq` says, and
from then on gets each change at least once, in the order of the space's journal: `prepare` may see a change again after
a crash, or twice at the same moment in two workers; `apply` happens once, in one transaction with the new position.

A follower is run by a task (how often: dropbox_clone/schedule.py) and named in settings.JOURNAL_FOLLOWERS, so that
metrics tell how far it is behind. A lost message costs nothing: the positions say what is left.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Min, OuterRef, QuerySet, Subquery, Sum
from django.utils.module_loading import import_string

from common.clock import now
from files.models import Change, FollowerPosition, Space
from files.models.job import JournalPosition

logger = logging.getLogger(__name__)

BATCH = 200  # changes at most in one step
# Of the time that a step took: others write meanwhile. The longer one while they do: who waits for a response comes
# first, and the follower catches up when they are done.
PAUSE, PAUSE_WHEN_BUSY = 0.5, 4.0
LONGEST_PAUSE = 1.0  # seconds
# A space that is written to right now is left alone until it is calm for CALM, but for WAIT at most.
CALM, WAIT = timedelta(seconds=2), timedelta(seconds=15)
LOOKED_AT = 200  # spaces behind, of which the oldest change is looked for


@dataclass(frozen=True, slots=True)
class Followed:
    """`count` things were handled, `finished` when nothing was left to do."""

    count: int
    finished: bool


@dataclass(frozen=True, slots=True)
class Lag:
    """Spaces with something that the follower has not handled, and when the oldest of it happened (None: not known)."""

    spaces: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step handles: lines of a journal, in order."""

    changes: Sequence[Change]

    @property
    def count(self) -> int:
        return len(self.changes)


class Follower:
    """Subclasses give a name, and override what they need: `prepare` and `apply` for most."""

    name: ClassVar[str]

    # What a follower is.

    def first_seq(self, space: Space) -> int:
        """The change after which a space is followed that was not followed before: what comes from now on; 0 for all
        that was ever done. In the transaction that stores the position.
        """
        return space.seq

    def plan(self, position: Any) -> Any:
        """The next step, a Batch or what is like one; None when nothing is left. Outside any transaction."""
        changes = list(self.lines_after(position)[:BATCH])
        return Batch(changes) if changes else None

    def prepare(self, batch: Any) -> None:
        """What is slow or leaves the database (a message, a call), before the transaction. It may happen again."""

    def apply(self, batch: Any) -> None:
        """What is stored, in the transaction that moves the position."""

    def positions(self) -> "QuerySet[Any]":
        """All of this follower, with `space_id`."""
        return FollowerPosition.objects.filter(name=self.name)

    def new_position(self, space_id: int, seq: int) -> JournalPosition:
        return FollowerPosition(name=self.name, space_id=space_id, seq=seq, settled=seq)

    def spaces_with_more(self) -> set[int]:
        """Those with work that comes from changes which were handled already."""
        return set()

    def has_more(self, space_id: int) -> bool:
        return False

    # What following is.

    def run(self, *, seconds: float, only_calm: bool = False) -> int:
        """For a task: returns what `follow_all` counts.

        A second run at the same time would do no harm, only work twice: a mark in the cache spares it. That of a killed
        worker runs out by itself.
        """
        mark = f"following:{self.name}"
        if not cache.add(mark, 1, timeout=seconds * 1.5):
            return 0
        try:
            return self.follow_all(seconds=seconds, only_calm=only_calm).count
        finally:
            cache.delete(mark)

    def follow_all(self, *, seconds: float, only_calm: bool = False) -> Followed:
        """All spaces that have changed, for about this long; with `only_calm` not those that are being written to. One
        that fails does not hold up the others; its error is raised at the end.
        """
        deadline = time.monotonic() + seconds
        count, failure = 0, None
        behind = self.spaces_behind()
        for space_id in self.calm(behind) if only_calm else behind:
            try:
                followed = self.follow(space_id, deadline=deadline)
            except Exception as error:
                logger.exception("%s: following space %s failed", self.name, space_id)
                failure = error
                continue
            count += followed.count
            if not followed.finished:
                break
        else:
            if failure is not None:
                raise failure
            return Followed(count, finished=True)
        return Followed(count, finished=False)

    def follow(self, space_id: int, *, deadline: float = float("inf")) -> Followed:
        """One space, until nothing is left or until the deadline (`time.monotonic`)."""
        count = 0
        while True:
            started, before = time.monotonic(), _numbers_taken()
            done = self.step(space_id)
            if done is None:
                return Followed(count, finished=True)
            count += done
            if time.monotonic() >= deadline:
                return Followed(count, finished=False)
            pause = PAUSE if _numbers_taken() == before else PAUSE_WHEN_BUSY
            time.sleep(min(LONGEST_PAUSE, (time.monotonic() - started) * pause))

    def step(self, space_id: int) -> int | None:
        """One batch; returns its count, or None when nothing is left or somebody else is at it.

        What changes between the plan and the transaction comes later in the journal.
        """
        position = self.positions().filter(space_id=space_id).first()
        if position is None:
            return self._begin(space_id)
        batch = self.plan(position)
        if batch is not None:
            self.prepare(batch)
        with transaction.atomic():
            mine = self.positions().filter(space_id=space_id)
            locked = mine.select_for_update(skip_locked=True).first()
            if locked is None or locked.steps != position.steps:
                return None
            if batch is None:
                if locked.settled != locked.seq and not self.has_more(space_id):
                    mine.update(settled=locked.seq)
                return None
            self.apply(batch)
            moved: dict[str, Any] = {"steps": F("steps") + 1}
            if batch.changes:
                moved["seq"] = batch.changes[-1].seq
                if not self.has_more(space_id):
                    moved["settled"] = batch.changes[-1].seq
            mine.update(**moved)
        return int(batch.count)

    def _begin(self, space_id: int) -> int | None:
        """A space that has not been seen."""
        with transaction.atomic():
            space = Space.objects.filter(pk=space_id, root__isnull=False).first()
            if space is None:
                return None
            position = self.new_position(space_id, self.first_seq(space))
            type(position)._default_manager.bulk_create([position], ignore_conflicts=True)
        return 0

    def lines_after(self, position: Any) -> "QuerySet[Change]":
        """The lines of its space that come after a position, in order."""
        return Change.objects.filter(space_id=position.space_id, seq__gt=position.seq).order_by("seq")

    def spaces_behind(self) -> list[int]:
        """Those with something that this follower has not handled."""
        settled = self.positions().filter(space_id=OuterRef("pk")).values("settled")[:1]
        rows = Space.objects.annotate(settled=Subquery(settled))
        behind = set(rows.filter(settled__isnull=True).values_list("pk", flat=True))
        behind |= set(rows.filter(settled__lt=F("seq")).values_list("pk", flat=True))
        return sorted(behind | self.spaces_with_more())

    def calm(self, space_ids: Sequence[int]) -> list[int]:
        """Those of them whose last change is some time ago, or whose first one that was not handled is older still."""
        seq = self.positions().filter(space_id=OuterRef("pk")).values("seq")[:1]
        spaces = Space.objects.filter(pk__in=space_ids).annotate(followed=Subquery(seq))
        at = Change.objects.filter(space_id=OuterRef("pk")).values("at")
        last, first = at.filter(seq=OuterRef("seq"))[:1], at.filter(seq=OuterRef("followed") + 1)[:1]
        rows = spaces.annotate(last=Subquery(last), first=Subquery(first)).values_list("pk", "last", "first")
        moment = now()
        return sorted(
            pk
            for pk, last_at, first_at in rows
            if last_at is None or last_at <= moment - CALM or first_at is None or first_at <= moment - WAIT
        )

    def lag(self) -> Lag:
        """For metrics: how much is left to do, and for how long it has waited."""
        behind = self.spaces_behind()
        seq = self.positions().filter(space_id=OuterRef("pk")).values("seq")[:1]
        first = Change.objects.filter(space_id=OuterRef("pk"), seq=OuterRef("followed") + 1).values("at")[:1]
        spaces = Space.objects.filter(pk__in=behind[:LOOKED_AT]).annotate(followed=Subquery(seq))
        oldest = spaces.filter(followed__lt=F("seq")).annotate(first=Subquery(first)).aggregate(at=Min("first"))["at"]
        return Lag(len(behind), oldest)


def followers() -> list[Follower]:
    """All that this installation has."""
    return [import_string(dotted_path) for dotted_path in settings.JOURNAL_FOLLOWERS]


def _numbers_taken() -> int:
    """By all journals together: it changes when anybody writes."""
    return Space.objects.aggregate(taken=Sum("seq"))["taken"] or 0
