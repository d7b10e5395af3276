"""The jobs by name: what each does, and how it sees in the database that there is something to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.clock import now
from files.actions.brake_revert import run_reverts
from files.actions.large_copy import run_copies
from files.actions.lock import sweep_locks
from files.actions.mounts import reconcile_all
from files.actions.trash import remove_purged_rows
from files.actions.uploads import silent_uploads
from files.maintenance import compact, moving, regions, retention, teams
from files.maintenance.fsck import run_fsck
from files.maintenance.fsck.ledger import recount
from files.maintenance.gc import run_gc
from files.maintenance.jobs import Problem, Progress, asked_for, failed_since, last_success, run_job
from files.models import Brake, BrakeState, CopyJob, Job, JobRun, NodeLock, TrashItem, Upload
from files.models.job import CopyState
from files.queries.mount_list import users_to_reconcile
from files.queries.retention import old_trash

DAY = timedelta(days=1)
COPYING = 20.0  # seconds of one run, so that a worker gets to other jobs
NIGHT = range(1, 5)  # hours, UTC: what is heavy runs then, and at any hour when it is overdue


@dataclass(frozen=True, slots=True)
class Upkeep:
    """`work` returns what it counted; `is_due` reads the database only. `by_time`: due by its last success, not by
    work that waits.
    """

    name: str
    title: Any
    work: Callable[[Progress], Mapping[str, Any]]
    is_due: Callable[[], bool]
    by_time: bool = False

    def run(self, *, now_please: bool = False) -> JobRun | None:
        """None when there is nothing to do, or somebody does it already."""
        has_work = (lambda: True) if now_please else self.is_due
        return run_job(self.name, self.work, has_work=has_work, idle_is_success=not self.by_time)


def _purge(progress: Progress) -> dict[str, int]:
    removed = 0
    while TrashItem.objects.filter(purging=True).exists():
        removed += remove_purged_rows()
        progress()
    return {"nodes": removed}


def _sweep_locks(progress: Progress) -> dict[str, int]:
    removed = 0
    while swept := sweep_locks():
        removed += swept
        progress()
    return {"locks": removed}


def _trash(progress: Progress) -> dict[str, int]:
    items = retention.purge_old_trash(progress=progress)
    spaces = retention.purge_deleted_spaces(progress=progress)
    return {"items": items, "spaces": spaces}


def _thin(progress: Progress) -> dict[str, int]:
    removed, size = retention.thin_versions(progress=progress)
    return {"versions": removed, "bytes": size}


def _gc(progress: Progress) -> dict[str, Any]:
    report = run_gc(progress=progress)
    if report.failed_pools:
        raise Problem("pool_unavailable", report.as_dict())
    return report.as_dict()


def _regions(progress: Progress) -> dict[str, int]:
    report = regions.run_regions(progress=progress)
    if report.failed or report.waiting:
        raise Problem("no_pool_in_region" if report.waiting else "damaged", report.as_dict())
    return report.as_dict()


def _move_due() -> bool:
    return not failed_since("move", now() - timedelta(seconds=30)) and moving.is_due()


def _fsck(progress: Progress) -> dict[str, Any]:
    report = run_fsck(progress=progress)
    if not report.clean:
        raise Problem("findings", report.as_dict())
    return report.as_dict()


def _older_than(
    name: str, interval: timedelta, *, at_night: timedelta | None = None, retry: timedelta = timedelta(hours=1)
) -> Callable[[], bool]:
    """Due `interval` after the last success; at night already after `at_night`; `retry` after a failure."""

    def is_due() -> bool:
        moment, last = now(), last_success(name)
        if failed_since(name, moment - retry):
            return False
        if last is None or last < moment - interval:
            return True
        return at_night is not None and moment.hour in NIGHT and last < moment - at_night

    return is_due


def _purge_due() -> bool:
    return TrashItem.objects.filter(purging=True).exists()


def _uploads_due() -> bool:
    return Upload.objects.filter(expires_at__lte=now()).exists() or silent_uploads().exists()


def _locks_due() -> bool:
    return NodeLock.objects.filter(expires_at__lte=now()).exists()


def _trash_due() -> bool:
    return old_trash().exists() or retention.deleted_long_ago().exists()


NIGHTLY: Any = {"interval": DAY, "at_night": timedelta(hours=12)}
UPKEEP = {
    upkeep.name: upkeep
    for upkeep in (
        Upkeep("purge", _("Remove the rows of what was purged"), _purge, _purge_due),
        Upkeep(
            "uploads",
            _("End uploads whose time is over, free what silent ones reserve"),
            lambda progress: {"uploads": retention.end_uploads(progress=progress)},
            _uploads_due,
        ),
        Upkeep(
            "copies",
            _("Make large copies"),
            lambda progress: {"nodes": run_copies(seconds=COPYING, progress=progress)},
            lambda: CopyJob.objects.filter(state=CopyState.RUNNING).exists(),
        ),
        Upkeep(
            "brakes",
            _("Undo what held clients did"),
            lambda progress: {"steps": run_reverts(seconds=COPYING, progress=progress)},
            lambda: Brake.objects.filter(state=BrakeState.REVERTING).exists(),
        ),
        Upkeep(
            "mounts",
            _("Make and take away what is shared in people's files"),
            lambda progress: {"people": reconcile_all(progress=progress)},
            lambda: bool(users_to_reconcile(limit=1)),
        ),
        Upkeep("locks", _("Remove locks that have expired"), _sweep_locks, _locks_due),
        Upkeep(
            "trash",
            _("Purge old trash, and spaces that were deleted long ago"),
            _trash,
            _trash_due,
        ),
        Upkeep(
            "move",
            _("Move bytes out of draining pools"),
            lambda progress: moving.run_move(progress=progress).as_dict(),
            _move_due,
        ),
        Upkeep(
            "regions",
            _("Bring the bytes of teams into their region"),
            _regions,
            lambda: regions.unsettled().exists() and not failed_since("regions", now() - timedelta(minutes=5)),
        ),
        Upkeep(
            "teams",
            _("Give each team contents of its own"),
            lambda progress: teams.run_teams(progress=progress).as_dict(),
            _older_than("teams", DAY),
            by_time=True,
        ),
        Upkeep("versions", _("Thin out earlier versions"), _thin, _older_than("versions", **NIGHTLY), by_time=True),
        Upkeep(
            "gc",
            _("Collect bytes that nothing needs"),
            _gc,
            _older_than("gc", **NIGHTLY),
            by_time=True,
        ),
        Upkeep(
            "compact",
            _("Put contents of many pieces together"),
            lambda progress: compact.run_compact(progress=progress).as_dict(),
            _older_than("compact", DAY),
            by_time=True,
        ),
        Upkeep(
            "fsck", _("Check everything but the bytes"), _fsck, _older_than("fsck", 7 * DAY, retry=DAY), by_time=True
        ),
        Upkeep(
            "ledger",
            _("Count again what an earlier release did not count"),
            lambda progress: {"accounts": recount()},
            _older_than("ledger", DAY),
            by_time=True,
        ),
        Upkeep(
            "records",
            _("Remove old records of requests, audit and jobs"),
            lambda progress: retention.clean_records(progress=progress),
            _older_than("records", DAY),
            by_time=True,
        ),
    )
}


def run_asked() -> list[JobRun]:
    """What people have requested, one after the other; what another process does already is left to it."""
    runs = (UPKEEP[name].run(now_please=True) for name in asked_for() if name in UPKEEP)
    return [run for run in runs if run is not None]


def jobs() -> list[Job]:
    """A row for each job, also for those that have never run."""
    Job.objects.bulk_create([Job(name=name) for name in UPKEEP], ignore_conflicts=True)
    return list(Job.objects.order_by("name"))
