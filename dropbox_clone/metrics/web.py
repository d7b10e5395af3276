"""What the web server's threads note about requests: two hooks of gunicorn around each of them.

Hooks of the server see every request at every endpoint, until its last byte, also those that skip middleware; and they
do not stand between the application and sendfile.
"""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from gunicorn.http.body import ChunkedReader

from dropbox_clone import log_queue
from dropbox_clone.metrics import events
from dropbox_clone.web_server import access_log

_NO_BODY = (204, 304)


def begin(worker: Any, request: Any) -> None:
    next(events.requests.began)
    reader = request.body.reader
    announced = getattr(reader, "length", 0)
    if type(reader) is ChunkedReader and reader.parser is not None:
        announced = _Counted(reader.parser)
        reader.parser = announced.pieces()
    request.begun = perf_counter(), announced


def finish(worker: Any, request: Any, environ: dict[str, Any], response: Any) -> None:
    """After the last byte was sent, or the connection broke."""
    next(events.requests.ended)
    begun = getattr(request, "begun", None)
    if begun is None or response is None:
        return
    started, announced = begun
    seconds = perf_counter() - started
    received = announced.size if type(announced) is _Counted else _received(announced, request.body.reader)
    status = response.status_code or 500
    sent = response.sent
    if not sent and response.response_length and request.method != "HEAD" and status not in _NO_BODY:
        sent = response.response_length  # by sendfile, which does not count; less when the client went away
    events.note(("request", request.path, request.method, status, seconds, received, sent))
    if access_log.enabled:
        access_log.write(request, environ, status=status, seconds=seconds, received=received, sent=sent)


class _Counted:
    """The bytes of a chunked body, whoever reads them."""

    def __init__(self, parser: Iterator[bytes]) -> None:
        self.parser, self.size = parser, 0

    def pieces(self) -> Iterator[bytes]:
        for piece in self.parser:
            self.size += len(piece)
            yield piece


def _received(announced: int | None, reader: Any) -> int:
    if not announced:
        return 0
    left = getattr(reader, "length", None)
    return 0 if left is None else announced - int(left)  # None: the client still waits for "100 Continue"


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
    from dropbox_clone.metrics import database, flusher, storage, uploads
    from dropbox_clone.metrics import endpoints as endpoints

    readers = {"request": endpoints.read_request, "upload": uploads.read, **database.READERS, **storage.READERS}
    flusher.start("web", readers, [Gauges(threads), database.gauges])
