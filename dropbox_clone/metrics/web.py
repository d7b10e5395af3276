"""What the web server's threads note about requests: two hooks of gunicorn around each of them.

Hooks of the server see every request at every endpoint, until its last byte, also those that skip middleware; and they
do not stand between the application and sendfile.
"""

from time import perf_counter
from typing import Any

from dropbox_clone import log_queue
from dropbox_clone.metrics import events
from dropbox_clone.web_server import access_log, request_bodies

_NO_BODY = (204, 304)


def begin(worker: Any, request: Any) -> None:
    next(events.requests.began)
    counted = request_bodies.count_body(request)
    request.begun = perf_counter(), counted


def finish(worker: Any, request: Any, environ: dict[str, Any], response: Any) -> None:
    """After the last byte was sent, or the connection broke."""
    next(events.requests.ended)
    begun = getattr(request, "begun", None)
    if begun is None or response is None:
        return
    started, counted = begun
    seconds = perf_counter() - started
    received = request_bodies.received_bytes(counted, request)
    status = response.status_code or 500
    sent = response.sent
    if not sent and response.response_length and request.method != "HEAD" and status not in _NO_BODY:
        sent = response.response_length  # by sendfile, which does not count; less when the client went away
    events.note(("request", request.path, request.method, status, seconds, received, sent))
    if access_log.enabled:
        access_log.write(request, environ, status=status, seconds=seconds, received=received, sent=sent)


class Gauges:
    """What is a state of this process."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._dropped = log_queue.lines.dropped

    def __call__(self, seconds: float) -> None:
        from dropbox_clone.metrics import definitions
        from http_kit.long_poll import waiters

        busy, waiting = events.requests.now(), waiters.count
        definitions.THREADS.set(self.threads)
        definitions.BUSY.set(busy)
        definitions.WAITING.set(waiting)
        definitions.BUSY_SECONDS.inc(max(0, busy - waiting) * seconds)
        dropped = log_queue.lines.dropped
        definitions.LOG_LINES_DROPPED.inc(dropped - self._dropped)
        self._dropped = dropped


def start(threads: int) -> None:
    """In a worker process of the web server."""
    from dropbox_clone.metrics import database, flusher, storage
    from dropbox_clone.metrics import endpoints as endpoints

    readers = {"request": endpoints.read_request, "upload": storage.read_upload, **database.READERS, **storage.READERS}
    flusher.start("web", readers, [Gauges(threads), database.gauges])
