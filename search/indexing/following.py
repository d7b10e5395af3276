"""Following the journal of a space, in small steps. A step is one transaction: its documents and the place that it
has come to are there together or not at all.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Sum

from common.clock import now
from files.models import Change, ChangeKind, Node, NodeKind, Space
from search import extraction
from search.indexing import folder_queue, writing
from search.models import Document, FolderVisit, SearchCursor

logger = logging.getLogger(__name__)

STEP = 200  # nodes at most
STEP_BYTES = 1_000_000  # of files at most, but for a single larger one: about 0.1 s under SQLite's write lock
# Of the time that a step took: others write meanwhile. The longer one while they do: who waits for an answer comes
# first, and the index catches up when they are done.
PAUSE, PAUSE_WHEN_BUSY = 0.5, 4.0
LONGEST_PAUSE = 1.0  # seconds
# A space that is written to right now is left alone until it is calm for CALM, but for WAIT at most.
CALM, WAIT = timedelta(seconds=2), timedelta(seconds=15)

# After these the nodes below are somewhere else, or nowhere.
_OF_A_TREE = {
    ChangeKind.COPY,
    ChangeKind.RESTORE,
    ChangeKind.TRASH,
    ChangeKind.MOVE_IN,
    ChangeKind.MOVE_OUT,
    ChangeKind.PURGE,
}


@dataclass(frozen=True, slots=True)
class Followed:
    """`nodes` looked at, `finished` when nothing was left to do."""

    nodes: int
    finished: bool


def follow_all(*, seconds: float, only_calm: bool = False) -> Followed:
    """All spaces that have changed, for about this long; with `only_calm` not those that are being written to. One
    that fails does not hold up the others; its error is raised at the end.
    """
    deadline = time.monotonic() + seconds
    count, failure = 0, None
    behind = spaces_behind()
    for space_id in calm(behind) if only_calm else behind:
        try:
            followed = follow(space_id, deadline=deadline)
        except Exception as error:
            logger.exception("indexing space %s failed", space_id)
            failure = error
            continue
        count += followed.nodes
        if not followed.finished:
            break
    else:
        if failure is not None:
            raise failure
        return Followed(count, finished=True)
    return Followed(count, finished=False)


def spaces_behind() -> list[int]:
    """Those whose journal or tree has something that the index has not seen."""
    settled = SearchCursor.objects.filter(space_id=OuterRef("pk")).values("settled")[:1]
    rows = Space.objects.annotate(settled=Subquery(settled))
    behind = set(rows.filter(settled__isnull=True).values_list("pk", flat=True))
    behind |= set(rows.filter(settled__lt=F("seq")).values_list("pk", flat=True))
    behind |= set(FolderVisit.objects.values_list("space_id", flat=True).distinct())
    return sorted(behind)


def calm(space_ids: Sequence[int]) -> list[int]:
    """Those of them whose last change is some time ago, or whose first one that is not in the index is older still."""
    seq = SearchCursor.objects.filter(space_id=OuterRef("pk")).values("seq")[:1]
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


def follow(space_id: int, *, deadline: float = float("inf")) -> Followed:
    """One space, until nothing is left or until the deadline (`time.monotonic`)."""
    count = 0
    while True:
        started, before = time.monotonic(), _numbers_taken()
        done = step(space_id)
        if done is None:
            return Followed(count, finished=True)
        count += done
        if time.monotonic() >= deadline:
            return Followed(count, finished=False)
        pause = PAUSE if _numbers_taken() == before else PAUSE_WHEN_BUSY
        time.sleep(min(LONGEST_PAUSE, (time.monotonic() - started) * pause))


def _numbers_taken() -> int:
    """By all journals together: it changes when anybody writes."""
    return Space.objects.aggregate(taken=Sum("seq"))["taken"] or 0


def step(space_id: int) -> int | None:
    """Looks at about STEP nodes; returns how many, or None when nothing is left or somebody else is at it.

    What is slow, planning and reading files, comes before the transaction. What changes between the two comes later
    in the journal.
    """
    cursor = SearchCursor.objects.filter(pk=space_id).first()
    if cursor is None:
        return _start(space_id)
    planned = folder_queue.plan(space_id, nodes=STEP, size=STEP_BYTES)
    changes = [] if planned else _next_changes(cursor)
    node_ids = [node.pk for item in planned for node in item.children]
    node_ids += dict.fromkeys(change.node_id for change in changes if change.kind != ChangeKind.EXPIRE)
    extraction.extract(_contents(node_ids))
    with transaction.atomic():
        locked = SearchCursor.objects.select_for_update(skip_locked=True).filter(pk=space_id).first()
        if locked is None or locked.steps != cursor.steps:
            return None
        if not planned and not changes:
            _settle(locked)
            return None
        if planned:
            folder_queue.carry_out(space_id, planned)
        else:
            _carry_out(locked, changes)
        writing.bring_up_to_date(node_ids)
        SearchCursor.objects.filter(pk=space_id).update(steps=F("steps") + 1)
    return len(node_ids)


def _start(space_id: int) -> int | None:
    """A space that has not been seen: its whole tree is to be walked, and no journal before that."""
    with transaction.atomic():
        space = Space.objects.filter(pk=space_id, root__isnull=False).first()
        if space is None or space.root_id is None:
            return None
        folder_queue.enqueue(space_id, [space.root_id])
        SearchCursor.objects.bulk_create([SearchCursor(space_id=space_id, seq=space.seq)], ignore_conflicts=True)
    return 0


def _contents(node_ids: Sequence[int]) -> list[int]:
    rows = Node.objects.filter(pk__in=node_ids, version__isnull=False)
    return list(rows.values_list("version__content_id", flat=True))


def _next_changes(cursor: SearchCursor) -> list[Change]:
    """At most STEP lines; a line of a tree is the last one, because its folders come before the lines after it."""
    taken: list[Change] = []
    size = 0
    lines = Change.objects.filter(space_id=cursor.space_id, seq__gt=cursor.seq).order_by("seq")
    for change in lines.only("seq", "kind", "node_id", "node_kind", "size", "space_id")[:STEP]:
        size += change.size if change.node_kind == NodeKind.FILE else 0
        if taken and size > STEP_BYTES:
            break
        taken.append(change)
        if change.node_kind == NodeKind.FOLDER and change.kind not in (ChangeKind.CREATE, ChangeKind.EXPIRE):
            break
    return taken


def _carry_out(cursor: SearchCursor, changes: Sequence[Change]) -> None:
    last = changes[-1]
    if last.node_kind == NodeKind.FOLDER and _needs_walk(last):
        folder_queue.enqueue(cursor.space_id, [last.node_id])
    settled = cursor.settled if folder_queue.any_left(cursor.space_id) else last.seq
    SearchCursor.objects.filter(pk=cursor.pk).update(seq=last.seq, settled=settled)


def _settle(cursor: SearchCursor) -> None:
    if cursor.settled != cursor.seq and not folder_queue.any_left(cursor.space_id):
        SearchCursor.objects.filter(pk=cursor.pk).update(settled=cursor.seq)


def _needs_walk(change: Change) -> bool:
    """A folder that moved within its space takes its documents along, if it had any before: then so had those below
    it, or they are waiting to be visited. To be asked before its own document is written.
    """
    if change.kind == ChangeKind.MOVE:
        return not Document.objects.filter(pk=change.node_id, space_id=change.space_id).exists()
    return change.kind in _OF_A_TREE
