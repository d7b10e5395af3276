"""What the database, the broker and the pools know, the same from every replica: take the maximum, not the sum.

It is asked in a thread of its own and at most every few seconds, so that a database that hangs never holds up the
numbers of the processes: then these are missing, and `dropbox_clone_state_age_seconds` grows.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for

from django.db import connection
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dropbox_clone.metrics.definitions import PREFIX
from dropbox_clone.metrics.state_questions import QUESTIONS, Question

logger = logging.getLogger(__name__)
PATIENCE = 1.0  # seconds for which a scrape waits for news
FORGOTTEN = 120.0  # seconds after which old answers are not given any more
Answer = list[Metric]


class _State:
    """One for each process that is asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._running: dict[str, Future[None]] = {}
        self._answers: dict[str, tuple[float, Answer]] = {}

    def metrics(self) -> Iterable[Metric]:
        with self._lock:
            running = [self._ask(question) for question in QUESTIONS if self._is_old(question)]
        wait_for(running, timeout=PATIENCE)
        age = GaugeMetricFamily(f"{PREFIX}_state_age_seconds", "Since this was last asked for.", labels=["question"])
        moment = time.monotonic()
        for question in QUESTIONS:
            answered, answer = self._answers.get(question.name, (float("-inf"), []))
            if moment - answered < question.seconds + FORGOTTEN:
                yield from answer
            age.add_metric([question.name], moment - answered)
        yield age

    def _is_old(self, question: Question) -> bool:
        answered, _ = self._answers.get(question.name, (float("-inf"), []))
        return time.monotonic() - answered > question.seconds

    def _ask(self, question: Question) -> "Future[None]":
        if self._threads is None:
            self._threads = ThreadPoolExecutor(len(QUESTIONS), thread_name_prefix="metrics-state")
        earlier = self._running.get(question.name)
        if earlier is None or earlier.done():
            earlier = self._running[question.name] = self._threads.submit(self._answer, question.name, question.ask)
        return earlier

    def _answer(self, name: str, ask: Callable[[], Answer]) -> None:
        try:
            self._answers[name] = time.monotonic(), ask()
        except Exception as error:  # the database, the broker: their own metrics and /readyz tell
            logger.info("metrics: %s cannot be asked for: %s", name, type(error).__name__)
        finally:
            connection.close()


_state = _State()


def _restart() -> None:
    global _state  # noqa: PLW0603 (threads do not survive a fork)
    _state = _State()


os.register_at_fork(after_in_child=_restart)


class StateCollector(Collector):
    """For the registry of prometheus_client."""

    def collect(self) -> Iterable[Metric]:
        return _state.metrics()
