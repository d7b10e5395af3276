"""gunicorn's gthread, with a little patience for the next request of a connection that is kept alive.

gthread gives a connection back to its main thread after each answer, and the main thread hands it to a thread again
when the next request comes: two hand-overs and four system calls for each request, in which threads wait for each
other. A client in the middle of its work sends the next request at once, so the thread that has just answered looks
for it first, for a moment that is too short for anybody to miss the thread.
"""

import contextlib
import errno
import select
import socket
import time
from contextlib import nullcontext
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.body import ChunkedReader
from gunicorn.workers.gthread import ThreadWorker

from common import cpus
from dropbox_clone.draining import is_draining
from dropbox_clone.watched_socket import WatchedSocket

PATIENCE = 2  # milliseconds
LINGER, LINGER_BYTES = 2.0, 64 * 1024  # as gunicorn's own (RFC 9112 section 9.6)
LARGE = 1024 * 1024  # bytes from which on it is worth while to look for another CPU
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


class MoreFollows:
    """A socket whose `sendall` says that the next one comes at once, so that the system waits for it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def sendall(self, data: bytes) -> None:
        self.sock.sendall(data, socket.MSG_MORE)


class WholeResponse(wsgi.Response):
    """gunicorn sends the headers, and then the body: two packets, and two wake-ups of the client, which the server
    waits for when they share a core. Here they leave together, when the body is at hand and its length is known.
    """

    sock: Any
    _body_follows = False

    def send_headers(self) -> None:
        if self.headers_sent or not self._body_follows or self.chunked or self._omits_body or not self.response_length:
            super().send_headers()
            return
        connection = self.sock
        self.sock = MoreFollows(connection)
        try:
            super().send_headers()
        finally:
            self.sock = connection

    def write(self, arg: bytes) -> None:
        self._body_follows = bool(arg)
        super().write(arg)

    def sendfile(self, respiter: Any) -> bool:
        """A file follows the headers as a body does."""
        self._body_follows = True
        connection, look = self.sock, getattr(respiter.filelike, "look", None)
        if look is not None:
            self.sock = WatchedSocket(connection, look)
        try:
            with cpus.roaming() if (self.response_length or 0) >= LARGE else nullcontext():
                return bool(super().sendfile(respiter))
        finally:
            self.sock = connection


class PatientWorker(ThreadWorker):
    def init_process(self) -> None:
        util.http_date = DateHeader()
        wsgi.Response = WholeResponse
        super().init_process()

    def handle_request(self, req: Any, conn: Any) -> Any:
        if is_draining():
            req.force_close()  # the next request of this client belongs to another replica
        with cpus.roaming() if _has_large_body(req) else nullcontext():
            return super().handle_request(req, conn)

    def accept(self, listener: Any) -> None:
        """When another process of ours has shut the socket that all share, SIGTERM is on its way to this one, too: it
        finishes what it has. Failing here would end the interpreter below the threads that still answer.
        """
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno != errno.EINVAL or not is_draining():
                raise
            self.alive = False

    def set_accept_enabled(self, enabled: bool) -> None:
        if not enabled and self._accepting and not self.alive and is_draining():
            for listener in self.sockets:
                self._close_to_new_connections(listener)
        super().set_accept_enabled(enabled)

    def _close_to_new_connections(self, listener: Any) -> None:
        """Take those that the kernel has accepted already, then have it refuse: an open queue that nobody reads would
        reset them at the end. Not of a socket that the supervisor holds, who hands it to the next web server.
        """
        waiting = select.poll()
        waiting.register(listener, select.POLLIN)
        for _ in range(self.cfg.backlog):
            if not waiting.poll(0):
                break
            self.accept(listener)
        if not any(isinstance(address, int) for address in self.cfg.address):
            with contextlib.suppress(OSError):  # another process of ours was first
                listener.sock.shutdown(socket.SHUT_RDWR)

    def handle(self, conn: Any) -> Any:
        for _ in range(IN_A_ROW):
            result = super().handle(conn)
            if result is not True or not self.alive or conn.is_http2 or not self._has_next(conn):
                break
        if result is False:
            _say_goodbye(conn.sock)
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


def _has_large_body(request: Any) -> bool:
    """Or one of unknown length."""
    reader = request.body.reader
    return isinstance(reader, ChunkedReader) or getattr(reader, "length", 0) >= LARGE


def _say_goodbye(connection: socket.socket) -> None:
    """Wait for the client to close its side, here in a thread: gunicorn waits for it in the one thread that accepts
    connections, so that every client that does not close stops all others for two seconds.
    """
    deadline, left = time.monotonic() + LINGER, LINGER_BYTES
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while left > 0 and (seconds := deadline - time.monotonic()) > 0:
            connection.settimeout(seconds)
            received = len(connection.recv(4096))
            if not received:
                break
            left -= received
        connection.shutdown(socket.SHUT_RDWR)
