"""What workers note about jobs, by Celery's signals. A job has the id of the request that asked for it."""

import time
from typing import Any

from celery import signals

from common import log_context
from dropbox_clone.metrics import events
from dropbox_clone.metrics.flusher import Reader, Tally

_started: dict[str, float] = {}  # id of the message -> when it began here
ASKED_AT, REQUEST_ID = "asked_at", "request_id"  # headers of messages


def watch() -> None:
    """In every process: it may ask for jobs, or do them."""
    signals.before_task_publish.connect(_asked, dispatch_uid="metrics.asked")
    signals.task_prerun.connect(_begins, dispatch_uid="metrics.begins")
    signals.task_postrun.connect(_ended, dispatch_uid="metrics.ended")


def _asked(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None:
        headers[ASKED_AT] = time.time()
        if identifier := log_context.request_id.get():
            headers[REQUEST_ID] = identifier


def _begins(task_id: str, task: Any, **_: Any) -> None:
    if task.request.is_eager:
        return
    log_context.begin(_header(task, REQUEST_ID) or "")
    next(events.jobs.began)
    _started[task_id] = time.perf_counter()
    sent_at = _header(task, ASKED_AT)
    events.note(("job_begins", task.name, max(0.0, time.time() - sent_at) if isinstance(sent_at, float) else None))


def _ended(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    begun = _started.pop(task_id, None)
    if begun is None:
        return
    next(events.jobs.ended)
    events.note(("job", task.name, "done" if state == "SUCCESS" else "failed", time.perf_counter() - begun))


def _header(task: Any, name: str) -> Any:
    """Celery puts the headers of a message among the attributes of the request, or into its `headers`."""
    value = getattr(task.request, name, None)
    return value if value is not None else (task.request.headers or {}).get(name)


def _read_begin(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    tally.count(definitions.JOBS_STARTED, note[1])
    if note[2] is not None:
        tally.time(definitions.JOB_DELAY, note[2], note[1])


def _read_end(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    _, name, outcome, seconds = note
    tally.count(definitions.JOBS, name, outcome)
    tally.time(definitions.JOB_SECONDS, seconds, name)


READERS: dict[str, Reader] = {"job_begins": _read_begin, "job": _read_end}


def gauges(seconds: float) -> None:
    from dropbox_clone.metrics import definitions

    definitions.JOBS_RUNNING.set(events.jobs.now())
