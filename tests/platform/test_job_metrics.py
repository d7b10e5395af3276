"""Jobs: what a worker notes about them, and the id of the request that asked for them."""

import logging
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

from common import log_context
from dropbox_clone.logs import JsonFormatter
from dropbox_clone.metrics import definitions, events, flusher, jobs


@pytest.fixture
def counting() -> Iterator[None]:
    flusher._running = flusher.Flusher("worker", {**jobs.READERS}, [jobs.gauges])
    yield
    flusher._running = None
    events.restart(1000)


def value(name: str, **labels: str) -> float:
    flusher.flush()
    return definitions.OWN.get_sample_value(f"dropbox_clone_{name}", labels) or 0.0


def test_a_job_has_the_id_of_its_request(counting: None) -> None:
    """Through a real broker (kombu's in memory) and a real worker, in threads."""
    app = Celery("test", broker="memory://")
    app.conf.task_ignore_result = True
    seen: list[str] = []
    done = threading.Event()

    @app.task(name="tests.look")
    def look(fails: bool) -> None:
        seen.append(log_context.request_id.get())
        done.set()
        if fails:
            raise ValueError

    with start_worker(app, perform_ping_check=False, pool="threads", concurrency=1, loglevel="ERROR"):
        for fails, identifier in ((False, "request-1"), (True, "request-2")):
            log_context.begin(identifier)
            look.delay(fails)
            assert done.wait(20)
            done.clear()
        deadline = time.monotonic() + 10
        while value("jobs_total", task="tests.look", outcome="failed") < 1 and time.monotonic() < deadline:
            time.sleep(0.05)
    assert seen == ["request-1", "request-2"]
    assert value("jobs_started_total", task="tests.look") == 2
    assert value("jobs_total", task="tests.look", outcome="done") == 1
    assert value("jobs_total", task="tests.look", outcome="failed") == 1
    assert value("job_duration_seconds_count", task="tests.look") == 2
    assert value("job_delay_seconds_count", task="tests.look") == 2
    assert value("jobs_running") == 0


def test_a_job_that_nobody_asked_for_has_an_id_of_its_own(counting: None) -> None:
    task: Any = SimpleNamespace(name="tests.clock", request=SimpleNamespace(is_eager=False, headers=None))
    before = log_context.begin("earlier")
    jobs._begins("1", task)
    assert log_context.request_id.get() not in ("", before)
    jobs._ended("1", task, state="SUCCESS")
    jobs._ended("1", task, state="SUCCESS")  # twice is once
    assert value("jobs_total", task="tests.clock", outcome="done") == 1


def test_lines_of_the_log_say_which_request(caplog: pytest.LogCaptureFixture) -> None:
    import json

    log_context.begin("request-3")
    log_context.acts(42)
    try:
        raise ValueError("password=hunter22")
    except ValueError:
        logging.getLogger("dropbox_clone.test").exception("it failed with token=abc123def")
    line = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert (line["request_id"], line["actor_id"], line["level"]) == ("request-3", "42", "ERROR")
    assert line["message"] == "it failed with token=***"
    assert "ValueError" in line["exception"]
    assert "hunter22" not in line["exception"]
    log_context.begin()
    assert "actor_id" not in json.loads(JsonFormatter().format(caplog.records[-1]))


def test_ids_are_unlike_those_of_other_processes_and_each_other() -> None:
    assert len({log_context.new_request_id() for _ in range(1000)}) == 1000
    numbers = log_context._Numbers()
    first = numbers.take()
    numbers.restart()  # as after a fork
    assert numbers.take() != first
