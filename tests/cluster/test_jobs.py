"""Jobs go on whoever is killed."""

import time

import celery
import pytest

from deploy.cluster import RunningCluster
from deploy.cluster.load_generator import Connection, LoadGenerator

pytestmark = pytest.mark.timeout(300)


def found(connection: Connection, word: str, seconds: float = 90) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = connection.ask("GET", f"/api/v1/search?q={word}")
        if answer and word.encode() in answer:
            return True
        time.sleep(0.5)
    return False


def test_what_killed_workers_had_in_hand_is_done(cluster: RunningCluster, load: LoadGenerator) -> None:
    connection = Connection(load)
    for number in range(5):
        connection.put(f"/jobs/word{number}zebra.txt", b"text with a platypus in it")
        for worker in cluster.of("worker"):
            worker.kill()
        time.sleep(0.7)
    assert all(found(connection, f"word{number}zebra") for number in range(5))
    assert not load.failures


def test_the_clock_is_started_again(cluster: RunningCluster, load: LoadGenerator) -> None:
    before = cluster.parts["beat"]
    before.kill()
    deadline = time.monotonic() + 30
    while (after := cluster.parts["beat"]).pid in (None, before.pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert after.restarts == before.restarts + 1
    connection = Connection(load)
    connection.put("/jobs/afterclock.txt", b"x")
    assert found(connection, "afterclock")


def test_a_message_in_the_hand_of_a_killed_worker_is_given_to_another(
    cluster: RunningCluster, load: LoadGenerator
) -> None:
    """The worker waits for a frozen database when it is killed: the message was not acknowledged."""
    ask = "from files.models import JobRun; print('runs:', JobRun.objects.filter(job__name='records').count())"
    before = _number(cluster.manage("shell", "-c", ask))
    cluster.command("scale", "worker", "1")
    with celery.Celery(broker=cluster.environment()["BROKER_URL"]) as app:
        cluster.parts["postgresql"].freeze()
        try:
            app.send_task("files.tasks.upkeep_now", ["records"])
            time.sleep(0.7)  # the worker has it, and has not yet given the database up
            cluster.of("worker")[0].kill()
        finally:
            cluster.parts["postgresql"].thaw()
    deadline = time.monotonic() + 60
    while _number(cluster.manage("shell", "-c", ask)) <= before:
        assert time.monotonic() < deadline, "the message was lost"
        time.sleep(1)
    cluster.command("scale", "worker", "2")


def _number(text: str) -> int:
    return int(text.rpartition("runs:")[2])
