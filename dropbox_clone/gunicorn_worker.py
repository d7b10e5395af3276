"""gunicorn's gthread, with a little patience for the next request of a connection that is kept alive.

gthread gives a connection back to its main thread after each answer, and the main thread hands it to a thread again
when the next request comes: two hand-overs and four system calls for each request, in which threads wait for each
other. A client in the middle of its work sends the next request at once, so the thread that has just answered looks
for it first, for a moment that is too short for anybody to miss the thread.
"""

import select
import time
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

PATIENCE = 2  # milliseconds
IN_A_ROW = 1000  # requests, so that no connection keeps a thread for ever while others wait for one


class DateHeader:
    """Stands in for gunicorn's `http_date`: the text is put together once a second instead of for every answer
    (RFC 9110 section 6.6.1).
    """

    def __init__(self) -> None:
        self.make = util.http_date
        self.last = (0, "")

    def __call__(self, timestamp: float | None = None) -> str:
        if timestamp is not None:
            return str(self.make(timestamp))
        now = int(time.time())
        second, text = self.last
        if second != now:
            text = str(self.make(now))
            self.last = (now, text)
        return text


class PatientWorker(ThreadWorker):
    def init_process(self) -> None:
        util.http_date = DateHeader()
        super().init_process()

    def handle(self, conn: Any) -> Any:
        for _ in range(IN_A_ROW):
            result = super().handle(conn)
            if result is not True or not self.alive or conn.is_http2 or not self._has_next(conn):
                return result
        return result

    def _has_next(self, conn: Any) -> bool:
        """Whether the next request has begun to arrive. Not while other connections wait for a thread."""
        if conn.parser.unreader.buf.tell():
            return True
        if self.tpool._work_queue.qsize():
            return False
        waiting = select.poll()
        waiting.register(conn.sock, select.POLLIN)
        return bool(waiting.poll(PATIENCE))
