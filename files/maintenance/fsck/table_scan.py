"""Runs the checks of rows. What looks wrong is looked at again under its space's lock before it is reported."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction

from accounts.actor import system
from common.paths import InvalidName, clean_name, folded
from files.errors import NotFound
from files.locking import lock_spaces
from files.maintenance.fsck import repair
from files.maintenance.fsck.findings import Finding, FsckReport
from files.maintenance.fsck.row_checks import RowCheck, row_checks
from files.maintenance.ranges import id_ranges, select
from files.models import Node, TrashItem
from files.tree.keys import long_key

Progress = Callable[[], None]
MAXIMUM_STEPS = 1_000  # from a node upwards: far more than the deepest tree has


def check_rows(report: FsckReport, *, mend: bool, progress: Progress) -> Iterator[Finding]:
    """All checks of rows against rows but the ledger's. `mend` recomputes wrong sums, heights, counts and spaces of
    grants, and removes grants of links that are gone.
    """
    damaged: set[int] = set()
    every = row_checks()
    for model in dict.fromkeys(check.model for check in every):
        checks = [check for check in every if check.model is model]
        for low, high in id_ranges(model):
            progress()
            for check, row in _suspects(checks, low, high):
                finding = _confirm(check, row, mend=mend)
                if finding is None:
                    continue
                yield finding
                if finding.code in repair.SUMS and row[1] is not None:
                    damaged.add(row[1])
    yield from _check_names(report, progress)
    if mend:
        for space_id in sorted(damaged):
            repair.recompute_sums(space_id)


def _suspects(checks: list[RowCheck], low: int, high: int) -> Iterator[tuple[RowCheck, tuple[Any, ...]]]:
    for check in checks:
        for row in select(check.sql, low=low, high=high):
            yield check, row


def _confirm(check: RowCheck, row: tuple[Any, ...], *, mend: bool) -> Finding | None:
    """The same statement for this row alone, in a transaction that holds the lock of its space."""
    row_id, space_id, _ = row
    with transaction.atomic():
        if space_id is not None:
            try:
                lock_spaces(system("fsck"), [space_id])
            except NotFound:
                return None
        code = check.code
        is_sum = check.model is Node and code in repair.SUMS
        top, cyclic = _top_of(row_id) if is_sum else (row_id, False)
        # Its rows are being removed, leaves first. Asked before the row is looked at, which may go with its item in
        # between: what goes is marked under the lock that is held here, and removed without it.
        if is_sum and TrashItem.objects.filter(node_id=top, purging=True).exists():
            return None
        again = select(check.sql, low=row_id - 1, high=row_id)
        if not again:
            return None
        if cyclic:
            return Finding("node.cycle", f"node {row_id}", f"in space {space_id}")
        repaired = mend and code in repair.SUMS
        if mend and code == "content.extent_count":
            repair.recount_extents(row_id)
            repaired = True
        if mend and code == "access.space" and space_id is not None:
            repaired = repair.follow_node(check.model, row_id, space_id)
        if mend and check.mend is not None:
            repaired = check.mend(row_id)
        where = f"in space {space_id}, " if space_id is not None and check.subject != "space" else ""
        return Finding(code, f"{check.subject} {row_id}", where + again[0][2], repaired=repaired)


def _top_of(node_id: int) -> tuple[int, bool]:
    """The node without a parent above this one, and whether there is none because of a cycle."""
    current = node_id
    for _ in range(MAXIMUM_STEPS):
        parent_id = Node.objects.filter(pk=current).values_list("parent_id", flat=True).first()
        if parent_id is None:
            return current, False
        current = parent_id
    return current, True


def _check_names(report: FsckReport, progress: Progress) -> Iterator[Finding]:
    """Names and their keys. A row that changed meanwhile has a key that fits: both change in one statement."""
    for low, high in id_ranges(Node):
        progress()
        nodes = Node.objects.filter(pk__gt=low, pk__lte=high)
        rows = nodes.values_list("pk", "space_id", "name", "name_key", "parent_id")
        for pk, space_id, name, key, parent_id in rows.iterator():
            report.checked["nodes"] += 1
            if key not in (folded(name), long_key(name)) or not _allowed(name, is_top=parent_id is None):
                yield Finding("node.name", f"node {pk}", f"in space {space_id}, {name!r} has the key {key!r}")


def _allowed(name: str, *, is_top: bool) -> bool:
    if not name:
        return is_top  # a root; a nameless top of the trash is found as such
    try:
        return clean_name(name) == name
    except InvalidName:
        return False
