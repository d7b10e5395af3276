"""What ends by the passing of time: trash, earlier versions, uploads, and records (sessions: accounts/tasks.py)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from accounts.actor import system
from accounts.chain.cutting import remove_older_than
from accounts.policies import policy_for
from common.clock import now
from files.actions import idempotency, versions
from files.actions.space_states import purge_space
from files.actions.trash import purge_items
from files.actions.uploads import expire_uploads, shrink_uploads
from files.errors import NotFound
from files.maintenance.jobs import Progress
from files.maintenance.ranges import id_ranges
from files.maintenance.thinning import TIERS, Dated, to_remove
from files.models import Brake, BrakeCounter, CopyJob, Erasure, JobRun, Node, Space, Version
from files.models.job import CopyState
from files.queries.retention import old_trash, shorter
from files.queries.tree import locate
from files.tree.unit_of_work import space_unit_of_work

BATCH = 100
RUNS_KEPT = timedelta(days=30)
COPIES_KEPT = timedelta(days=7)
BRAKES_KEPT = timedelta(days=90)  # after the client was allowed to go on
ERASURES_KEPT = timedelta(days=30)  # after what they tell of must be gone


def nothing() -> None:
    """Progress that nobody wants to know."""


def purge_old_trash(*, progress: Progress = nothing) -> int:
    """Marks as purged what has been in the trash for longer than TRASH_RETENTION, or its team keeps it. Returns how
    many.
    """
    old = old_trash()
    purged = 0
    for space_id in list(old.values_list("space_id", flat=True).distinct().order_by("space_id")):
        while item_ids := list(old.filter(space_id=space_id).values_list("pk", flat=True)[:BATCH]):
            progress()
            try:
                purged += purge_items(system("retention"), item_ids=item_ids)
            except NotFound:  # one was restored or purged meanwhile: the list is made again
                continue
    return purged


def deleted_long_ago() -> "QuerySet[Space]":
    """Shared spaces whose time in which they can be restored is over, and of which something is left."""
    return Space.objects.filter(deleted_at__lt=now() - settings.TRASH_RETENTION, purged_at=None)


def purge_deleted_spaces(*, progress: Progress = nothing) -> int:
    """Returns how many."""
    purged = 0
    for space_id in list(deleted_long_ago().order_by("pk").values_list("pk", flat=True)):
        progress()
        purged += purge_space(system("retention"), space_id=space_id)
    return purged


def thin_versions(*, progress: Progress = nothing) -> tuple[int, int]:
    """Removes earlier versions by policy (thinning.py): `(versions, bytes)`. One file a transaction."""
    removed = size = 0
    for low, high in id_ranges(Node):
        progress()
        moment, aged = now(), _aged(low, high)
        for node_id in [pk for pk, rows, kept in aged if to_remove(rows, 0, now=moment, retention=kept)]:
            progress()
            count, freed = thin_file(node_id)
            removed += count
            size += freed
    return removed, size


def thin_file(node_id: int) -> tuple[int, int]:
    """Under its space's lock, by what it has then. Deleted files are left to the trash's own end."""
    space_id = Node.objects.filter(pk=node_id).values_list("space_id", flat=True).first()
    if space_id is None or not Space.objects.filter(pk=space_id).exists():
        return 0, 0
    with space_unit_of_work(system("retention"), space_id) as unit:
        try:
            place = locate(system("retention"), node_id)
        except NotFound:
            return 0, 0
        if place.space.pk != space_id or place.node.version_id is None:
            return 0, 0
        rows = {version.pk: version for version in Version.objects.filter(node_id=node_id).order_by("pk")}
        dated = [Dated(pk, version.created_at) for pk, version in rows.items()]
        kept = shorter(settings.VERSION_RETENTION, policy_for(place.space.team_id).version_days)
        going = to_remove(dated, place.node.version_id, now=now(), retention=kept)
        doomed = [rows[pk] for pk in going]
        versions.remove(unit[space_id], place, doomed)
    return len(doomed), sum(version.size for version in doomed)


def _aged(low: int, high: int) -> Iterator[tuple[int, list[Dated], timedelta]]:
    """Versions of the files that have earlier ones from before the first tier's age, and how long they are kept."""
    earlier = Version.objects.filter(node_id__gt=low, node_id__lte=high, created_at__lt=now() - TIERS[0].age).exclude(
        pk=F("node__version_id")
    )
    rows = (
        Version.objects.filter(node_id__gt=low, node_id__lte=high, node_id__in=earlier.values("node_id"))
        .order_by("node_id", "pk")
        .values_list("node_id", "node__space__team__policy__version_days", "pk", "created_at")
    )
    for (node_id, days), group in groupby(rows.iterator(), key=lambda row: row[:2]):
        dated = [Dated(pk, created_at) for _, _, pk, created_at in group]
        yield node_id, dated, shorter(settings.VERSION_RETENTION, days)


def end_uploads(*, progress: Progress = nothing) -> int:
    """Ends the uploads whose time is over, and shrinks what the silent ones hold. Returns how many ended."""
    ended = 0
    while count := expire_uploads():
        ended += count
        progress()
    while shrink_uploads():
        progress()
    return ended


def clean_records(*, progress: Progress = nothing) -> dict[str, int]:
    """Removes what only had to be remembered for a while, in short statements. Counts by kind."""
    counts = {"idempotency_keys": 0}
    while forgotten := idempotency.forget_expired():
        counts["idempotency_keys"] += forgotten
        progress()
    counts["audit_events"] = remove_older_than(settings.AUDIT_RETENTION, progress=progress)
    kept = settings.ERASURE_PERIOD + ERASURES_KEPT
    counts["erasures"] = _old_rows(Erasure.objects.filter(at__lt=now() - kept), progress)
    finished = CopyJob.objects.exclude(state=CopyState.RUNNING).filter(updated_at__lt=now() - COPIES_KEPT)
    counts["copies"] = _old_rows(finished, progress)
    counts["brakes"] = _old_rows(Brake.objects.filter(released_at__lt=now() - BRAKES_KEPT), progress)
    old = BrakeCounter.objects.filter(began_at__lt=now() - settings.BRAKE_WINDOW - settings.BRAKE_ACCEPTED)
    counts["brake_counters"] = _old_rows(old, progress)
    counts["job_runs"] = _old_rows(JobRun.objects.filter(started_at__lt=now() - RUNS_KEPT), progress)
    return counts


def _old_rows(rows: "QuerySet[Any]", progress: Progress) -> int:
    removed = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:1_000]):
        removed += rows.model._default_manager.filter(pk__in=batch).delete()[0]
        progress()
    return removed
