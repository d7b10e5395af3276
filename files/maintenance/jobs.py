"""One job at a time, on whatever machine: a lease in the database, renewed while its process lives.

A process that is killed leaves its lease behind; it runs out, and the next start of the job goes on.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error, connection, connections
from django.db.models import Q

from common.clock import now
from files.models import Job, JobRun, JobState

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
IDLE_NOTE = timedelta(minutes=5)  # how often a job that finds nothing to do says that it is well
LONGEST = timedelta(hours=24)  # a job that hangs longer loses its lease

Progress = Callable[[], None]
Result = Mapping[str, Any]


class LeaseLost(Exception):
    """Somebody else has the job now: stop."""


class Problem(Exception):
    """The job did its work, and what it found needs a person: the run counts as failed, with its result."""

    def __init__(self, code: str, result: Result) -> None:
        super().__init__(code)
        self.code, self.result = code, result


@dataclass
class Lease:
    """Held by one run; `keep` is to be called between two steps."""

    name: str
    holder: str
    until: datetime
    lost: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def keep(self) -> None:
        """Cheap. Raises LeaseLost."""
        if self.lost.is_set():
            raise LeaseLost(self.name)

    def renew(self) -> None:
        until = now() + lease_time()
        mine = Job.objects.filter(name=self.name, holder=self.holder)
        if not mine.update(leased_until=until):
            self.lost.set()


def lease_time() -> timedelta:
    return getattr(settings, "JOB_LEASE", LEASE)


def run_job(
    name: str,
    work: Callable[[Progress], Result],
    *,
    has_work: Callable[[], bool] = lambda: True,
    idle_is_success: bool = True,
) -> JobRun | None:
    """Runs `work` unless there is nothing to do or somebody does it already (then None).

    `work` gets a function to call between its steps. An exception is logged and ends the run as failed: the next
    one tries again. `idle_is_success` is False for jobs that are due by the time of their last success.
    """
    if not has_work():
        _note_idle(name, well=idle_is_success)
        return None
    lease = _acquire(name)
    if lease is None:
        return None
    _close_lost(name)
    run = JobRun.objects.create(job_id=name, started_at=now())
    try:
        with _renewing(lease):
            run.result = dict(work(lease.keep))
        run.state = JobState.DONE
    except LeaseLost:
        run.state, run.error_code = JobState.LOST, "lease_lost"
    except Problem as problem:
        logger.error("job %s: %s %s", name, problem.code, dict(problem.result))
        run.state, run.error_code, run.result = JobState.FAILED, problem.code, dict(problem.result)
    except Exception as error:
        logger.exception("job %s failed", name)
        run.state, run.error_code = JobState.FAILED, str(getattr(error, "code", type(error).__name__))[:100]
    _release(lease, run)
    return run


def ask_for(name: str) -> None:
    """`run_asked` of some worker starts it within seconds, whether or not it is due. Needs the database only, so that
    nobody who presses a button waits for a broker.
    """
    Job.objects.filter(name=name).update(asked_at=now())


def asked_for() -> list[str]:
    """Names of the jobs that somebody wants now, who asked first first."""
    return list(Job.objects.exclude(asked_at=None).order_by("asked_at").values_list("name", flat=True))


def last_success(name: str) -> datetime | None:
    return Job.objects.filter(name=name).values_list("succeeded_at", flat=True).first()


def failed_since(name: str, moment: datetime) -> bool:
    return Job.objects.filter(name=name, failed_at__gt=moment).exists()


def _acquire(name: str) -> Lease | None:
    Job.objects.get_or_create(name=name)
    moment, holder = now(), secrets.token_hex(16)
    until = moment + lease_time()
    free = Job.objects.filter(Q(leased_until=None) | Q(leased_until__lte=moment), name=name)
    if not free.update(holder=holder, leased_until=until, started_at=moment):
        return None
    return Lease(name, holder, until)


def _release(lease: Lease, run: JobRun) -> None:
    run.finished_at = now()
    run.save(update_fields=["state", "result", "error_code", "finished_at"])
    ended: dict[str, Any] = {"leased_until": None, "holder": ""}
    if run.state == JobState.DONE:
        ended["succeeded_at"] = run.finished_at
    elif run.state == JobState.FAILED:
        ended["failed_at"] = run.finished_at
    mine = Job.objects.filter(name=lease.name, holder=lease.holder)
    if run.state != JobState.LOST:
        mine.filter(asked_at__lte=run.started_at).update(asked_at=None)
    mine.update(**ended)


def _close_lost(name: str) -> None:
    """Runs whose process died, seen by who has the lease, or when it has run out."""
    JobRun.objects.filter(job_id=name, state=JobState.RUNNING).update(state=JobState.LOST, finished_at=now())


def _note_idle(name: str, *, well: bool) -> None:
    """Nothing to do is a success too (`well`); written now and then only."""
    moment = now()
    job, _ = Job.objects.get_or_create(name=name)
    if job.leased_until is not None and job.leased_until < moment:
        over = Job.objects.filter(name=name, leased_until=job.leased_until)
        if over.update(leased_until=None, holder=""):
            _close_lost(name)
    if well and (job.succeeded_at is None or job.succeeded_at < moment - IDLE_NOTE):
        Job.objects.filter(name=name).update(succeeded_at=moment)


@contextmanager
def _renewing(lease: Lease) -> Iterator[None]:
    """A thread with a connection of its own, so that one long step does not cost the lease."""
    thread = threading.Thread(target=_renew, args=(lease,), name=f"lease-{lease.name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        lease.stopped.set()
        thread.join()


def _renew(lease: Lease) -> None:
    pause = lease_time().total_seconds() / 4
    end = time.monotonic() + LONGEST.total_seconds()
    while not lease.stopped.wait(pause) and not lease.lost.is_set() and time.monotonic() < end:
        try:
            lease.renew()
        except Error:
            logger.warning("the lease of job %s could not be renewed", lease.name, exc_info=True)
        finally:
            connections.close_all()
    connection.close()
