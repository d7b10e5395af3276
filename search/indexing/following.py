"""The index follows the journals (files/journal_follower.py): a step's documents and the place that it has come to are
stored together or not at all.

A line of the journal stands for a whole tree where a folder came, went or left its space; its folders wait in a table
and are walked first (folder_queue.py). What counts is always how the tree is now, so that every step may be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from files.journal_follower import Follower
from files.models import Change, ChangeKind, Node, NodeKind, Space
from search import extraction
from search.indexing import folder_queue, writing
from search.indexing.folder_queue import Planned
from search.models import Document, FolderVisit, SearchCursor

STEP = 200  # nodes at most
STEP_BYTES = 1_000_000  # of files at most, but for a single larger one: about 0.1 s under SQLite's write lock

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
class IndexBatch:
    """Nodes to be looked at: children of folders that wait, or else those of the next lines."""

    space_id: int
    planned: Sequence[Planned]
    changes: Sequence[Change]
    node_ids: Sequence[int]

    @property
    def count(self) -> int:
        return len(self.node_ids)


class IndexFollower(Follower):
    """Keeps the documents of the index. Texts are read before the transaction."""

    name = "index"

    def positions(self) -> "QuerySet[Any]":
        return SearchCursor.objects.all()

    def new_position(self, space_id: int, seq: int) -> SearchCursor:
        return SearchCursor(space_id=space_id, seq=seq)

    def first_seq(self, space: Space) -> int:
        """The whole tree is to be walked, and no journal before that."""
        assert space.root_id is not None
        folder_queue.enqueue(space.pk, [space.root_id])
        return space.seq

    def spaces_with_more(self) -> set[int]:
        return set(FolderVisit.objects.values_list("space_id", flat=True).distinct())

    def has_more(self, space_id: int) -> bool:
        return folder_queue.any_left(space_id)

    def plan(self, position: SearchCursor) -> IndexBatch | None:
        planned = folder_queue.plan(position.space_id, nodes=STEP, size=STEP_BYTES)
        changes = [] if planned else self._next_changes(position)
        if not planned and not changes:
            return None
        node_ids = [node.pk for item in planned for node in item.children]
        node_ids += dict.fromkeys(change.node_id for change in changes if change.kind != ChangeKind.EXPIRE)
        return IndexBatch(position.space_id, planned, changes, node_ids)

    def prepare(self, batch: IndexBatch) -> None:
        extraction.extract(_contents(batch.node_ids))

    def apply(self, batch: IndexBatch) -> None:
        if batch.planned:
            folder_queue.carry_out(batch.space_id, batch.planned)
        elif batch.changes[-1].node_kind == NodeKind.FOLDER and _needs_walk(batch.changes[-1]):
            folder_queue.enqueue(batch.space_id, [batch.changes[-1].node_id])
        writing.bring_up_to_date(batch.node_ids)

    def _next_changes(self, position: SearchCursor) -> list[Change]:
        """At most STEP lines; a line of a tree is the last one, because its folders come before the lines after it."""
        taken: list[Change] = []
        size = 0
        lines = self.lines_after(position).only("seq", "kind", "node_id", "node_kind", "size", "space_id")
        for change in lines[:STEP]:
            size += change.size if change.node_kind == NodeKind.FILE else 0
            if taken and size > STEP_BYTES:
                break
            taken.append(change)
            if change.node_kind == NodeKind.FOLDER and change.kind not in (ChangeKind.CREATE, ChangeKind.EXPIRE):
                break
        return taken


INDEX = IndexFollower()


def _contents(node_ids: Sequence[int]) -> list[int]:
    rows = Node.objects.filter(pk__in=node_ids, version__isnull=False)
    return list(rows.values_list("version__content_id", flat=True))


def _needs_walk(change: Change) -> bool:
    """A folder that moved within its space takes its documents along, if it had any before: then so had those below
    it, or they are waiting to be visited. To be asked before its own document is written.
    """
    if change.kind == ChangeKind.MOVE:
        return not Document.objects.filter(pk=change.node_id, space_id=change.space_id).exists()
    return change.kind in _OF_A_TREE
