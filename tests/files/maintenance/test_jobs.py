"""Leases, outcomes, and what the schedule starts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from dropbox_clone.schedule import UPKEEP as SCHEDULED
from files import tasks
from files.actions.trash import empty_trash, trash_nodes
from files.maintenance import jobs, upkeep
from files.maintenance.jobs import Progress, run_job
from files.models import Job, JobRun, JobState, Node, Pool
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_a_run_is_recorded() -> None:
    run = run_job("test", lambda progress: {"done": 3})
    assert run is not None
    assert run.state == JobState.DONE
    assert run.result == {"done": 3}
    job = Job.objects.get(name="test")
    assert job.succeeded_at == run.finished_at
    assert job.leased_until is None
    assert jobs.last_success("test") == job.succeeded_at


def test_nothing_to_do_is_a_success_without_a_row() -> None:
    assert run_job("test", lambda progress: {}, has_work=lambda: False) is None
    assert jobs.last_success("test") is not None
    assert not JobRun.objects.exists()


def test_never_twice_at_once() -> None:
    inner: list[JobRun | None] = []

    def work(progress: Progress) -> Mapping[str, Any]:
        inner.append(run_job("test", lambda progress: {}))
        assert Job.objects.get(name="test").leased_until is not None
        return {}

    assert run_job("test", work) is not None
    assert inner == [None]
    assert Job.objects.get(name="test").leased_until is None


def test_a_failure_is_recorded_and_the_next_run_tries_again(caplog: pytest.LogCaptureFixture) -> None:
    def broken(progress: Progress) -> Mapping[str, Any]:
        raise ValueError("secret detail")

    run = run_job("test", broken)
    assert run is not None
    assert run.state == JobState.FAILED
    assert run.error_code == "ValueError"
    job = Job.objects.get(name="test")
    assert job.failed_at is not None
    assert job.succeeded_at is None
    assert run_job("test", lambda progress: {}) is not None


def test_what_was_asked_for_runs_once_more_when_it_was_asked_for_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(progress: Progress) -> Mapping[str, Any]:
        jobs.ask_for("trash")
        assert upkeep.run_asked() == [], "somebody does it already"
        return {}

    upkeep.jobs()
    monkeypatch.setitem(upkeep.UPKEEP, "trash", replace(upkeep.UPKEEP["trash"], work=work))
    jobs.ask_for("trash")
    assert [run.state for run in upkeep.run_asked()] == [JobState.DONE]
    assert jobs.asked_for() == ["trash"]


def test_what_was_asked_for_is_not_forgotten_with_a_killed_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(progress: Progress) -> Mapping[str, Any]:
        raise jobs.LeaseLost

    upkeep.jobs()
    monkeypatch.setitem(upkeep.UPKEEP, "trash", replace(upkeep.UPKEEP["trash"], work=lost))
    jobs.ask_for("trash")
    assert [run.state for run in upkeep.run_asked()] == [JobState.LOST]
    assert jobs.asked_for() == ["trash"]


def test_the_lease_of_a_killed_process_runs_out() -> None:
    class Killed(BaseException):
        pass

    def killed(progress: Progress) -> Mapping[str, Any]:
        raise Killed

    with pytest.raises(Killed):
        run_job("test", killed)
    assert JobRun.objects.get().state == JobState.RUNNING
    assert run_job("test", lambda progress: {}) is None, "perhaps it lives"
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert run_job("test", lambda progress: {}) is not None
    assert [run.state for run in JobRun.objects.order_by("pk")] == [JobState.LOST, JobState.DONE]


def test_a_run_that_died_after_its_work_was_done_is_closed_by_the_next_look() -> None:
    job = Job.objects.create(name="test", holder="dead", leased_until=timezone.now() - timedelta(seconds=1))
    JobRun.objects.create(job=job, started_at=timezone.now())
    assert run_job("test", lambda progress: {}, has_work=lambda: False) is None
    assert JobRun.objects.get().state == JobState.LOST
    job.refresh_from_db()
    assert job.leased_until is None


def test_who_lost_the_lease_stops() -> None:
    def work(progress: Progress) -> Mapping[str, Any]:
        Job.objects.filter(name="test").update(holder="somebody else", leased_until=timezone.now() + jobs.LEASE)
        lease = jobs.Lease("test", "me", timezone.now())
        lease.renew()
        lease.keep()
        raise AssertionError("it did not notice")

    run = run_job("test", work)
    assert run is not None
    assert run.state == JobState.LOST
    assert Job.objects.get(name="test").holder == "somebody else", "their lease stays"


def test_everything_scheduled_exists_and_the_other_way_round() -> None:
    assert {name for name, _ in SCHEDULED} == set(upkeep.UPKEEP)
    entries = [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] == "files.tasks.upkeep"]
    assert {entry["args"][0] for entry in entries} == set(upkeep.UPKEEP)
    assert {job.name for job in upkeep.jobs()} == set(upkeep.UPKEEP)


@pytest.mark.parametrize("name", sorted(upkeep.UPKEEP))
def test_every_job_runs(pool: Pool, name: str) -> None:
    put(actor_of(make_user()), "a.txt", b"hello")
    assert tasks.upkeep_now(name) == JobState.DONE
    assert tasks.upkeep(name) == "idle", "it has just run, and there is nothing to do"


def test_purge_runs_as_soon_as_there_is_something_to_purge(pool: Pool) -> None:
    actor = actor_of(make_user())
    trash_nodes(actor, node_ids=[put(actor, "a/b.txt", b"hello").node.parent_id or 0])
    assert tasks.upkeep("purge") == "idle"
    empty_trash(actor)
    assert tasks.upkeep("purge") == JobState.DONE
    assert JobRun.objects.get().result == {"nodes": 2}
    assert Node.objects.count() == 1


def test_daily_jobs_are_due_when_overdue_or_at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = timezone.now().replace(hour=12)
    due = upkeep.UPKEEP["gc"].is_due
    assert due(), "never run"
    Job.objects.create(name="gc", succeeded_at=noon)
    for hours, expected in ((1, False), (11, False), (14, True), (23, False), (25, True)):
        monkeypatch.setattr(upkeep, "now", lambda hours=hours: noon + timedelta(hours=hours))
        assert due() is expected, hours


def test_what_the_weekly_check_finds_is_a_failure_with_its_result(pool: Pool) -> None:
    put(actor_of(make_user()), "a.txt", b"hello")
    Node.objects.filter(name="").update(size=1)
    assert tasks.upkeep("fsck") == JobState.FAILED
    run = JobRun.objects.get()
    assert run.error_code == "findings"
    assert run.result["found"] == {"node.sums": 1, "ledger.lines": 2}
    assert tasks.upkeep("fsck") == "idle", "not every hour"
    Job.objects.update(failed_at=timezone.now() - timedelta(hours=25))
    assert tasks.upkeep("fsck") == JobState.FAILED


def test_a_pool_that_does_not_answer_fails_the_collection(pool: Pool) -> None:
    Pool.objects.create(name="far", url="s3://key:secret@127.0.0.1:9/bucket?secure=0")
    assert tasks.upkeep("gc") == JobState.FAILED
    assert JobRun.objects.get().error_code == "pool_unavailable"
    assert tasks.upkeep("gc") == "idle"
    Job.objects.update(failed_at=timezone.now() - timedelta(hours=2))
    assert tasks.upkeep("gc") == JobState.FAILED


@pytest.mark.parametrize("name", sorted(name for name, job in upkeep.UPKEEP.items() if job.by_time))
def test_looking_whether_a_daily_job_is_due_does_not_put_it_off(pool: Pool, name: str) -> None:
    assert tasks.upkeep(name) == JobState.DONE
    hour = timezone.now() - timedelta(hours=1)
    Job.objects.update(succeeded_at=hour)
    assert tasks.upkeep(name) == "idle"
    assert Job.objects.get(name=name).succeeded_at == hour
