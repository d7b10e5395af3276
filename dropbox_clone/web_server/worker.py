"""gunicorn's gthread, with a little patience for the next request of a connection that is kept alive.

Connections without a thread are the gate's (`dropbox_clone.admission`): a thread never waits for a head, nor for a
client who has stopped reading a file.

gthread gives a connection back to its main thread after each answer, and the main thread hands it to a thread again
when the next request comes: two hand-overs and four system calls for each request, in which threads wait for each
other. A client in the middle of its work sends the next request at once, so the thread that has just answered looks
for it first, for a moment that is too short for anybody to miss the thread.
"""

import contextlib
import errno
import os
import select
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from common import cpus
from dropbox_clone.admission.pace import PacedSocket, Rest, SlowClient, Stalled
from dropbox_clone.admission.refusals import Refusal
from dropbox_clone.admission.stage import READ, Stage
from dropbox_clone.admission.turns import YOUNG
from dropbox_clone.web_server.connection import ServerConnection
from dropbox_clone.web_server.draining import is_draining

PATIENCE = 2  # milliseconds
RESERVED = 2  # threads that have nothing to do but answer /healthz, /readyz and /metrics
FLOOD, AT_ONCE = 256, 64  # connections from which on many are accepted at once
KEPT = 64 * 1024  # bytes of an answer that are kept in memory for a client that does not take them: any page has less
LARGE = 1024 * 1024  # bytes from which on it is worthwhile to look for another CPU
IN_A_ROW = 1000  # requests, so that no connection keeps a thread forever while others wait for one


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

    def __init__(self, sock: Any) -> None:
        self.sock = sock
        self.unsent = b""

    def sendall(self, data: bytes) -> None:
        try:
            self.sock.sendall(data, socket.MSG_MORE)
        except Stalled as stalled:
            self.unsent = data[-stalled.left :]
            raise


class WholeResponse(wsgi.Response):
    """gunicorn sends the headers, and then the body: two packets, and two wake-ups of the client, which the server
    waits for when they share a core. Here they leave together, when the body is at hand and its length is known.
    """

    sock: Any
    _body_follows = False
    _unsent_head = b""

    def send_headers(self) -> None:
        if self.headers_sent or not self._body_follows or self.chunked or self._omits_body or not self.response_length:
            super().send_headers()
            return
        connection = self.sock
        self.sock = follows = MoreFollows(connection)
        try:
            super().send_headers()
        finally:
            self.sock, self._unsent_head = connection, follows.unsent

    def write(self, arg: bytes) -> None:
        self._body_follows = bool(arg)
        is_whole = len(arg) == self.response_length and not self.headers_sent and not self._omits_body
        if not is_whole or not arg or len(arg) > KEPT:
            super().write(arg)
            return
        self.sock.may_stall = True
        try:
            super().write(arg)
        except Stalled as stalled:
            self._keep(arg[-stalled.left :] if self.headers_sent else self._unsent_head + arg)
        finally:
            self.sock.may_stall = False

    def _keep(self, unsent: bytes) -> None:
        """A whole answer whose client takes nothing for a moment: the rest is sent without a thread, as of a file."""
        self.headers_sent, self.sent = True, self.response_length
        descriptor = os.memfd_create("rest", os.MFD_CLOEXEC)
        os.write(descriptor, unsent)
        self.sock.rest = Rest(descriptor, 0, len(unsent))

    def sendfile(self, respiter: Any) -> bool:
        """A file follows the headers as a body does. When the client takes nothing for a moment, what is left is sent
        without a thread (see `admission.stage`).
        """
        self._body_follows = True
        try:
            with cpus.roaming() if (self.response_length or 0) >= LARGE else nullcontext():
                return bool(super().sendfile(respiter))
        except Stalled as stalled:
            if self.response_length is None:
                raise SlowClient from stalled
            file = respiter.filelike
            offset = os.lseek(file.fileno(), 0, os.SEEK_CUR) + self.response_length - stalled.left
            self.sock.rest = Rest(os.dup(file.fileno()), offset, stalled.left, look=getattr(file, "look", None))
            return True


class PatientWorker(ThreadWorker):
    """What comes before a thread has a connection, and after it has responded, is done by `stage`."""

    stage: Stage
    reserve: ThreadPoolExecutor
    looks: ThreadPoolExecutor

    def init_process(self) -> None:
        from dropbox_clone.web_server.socket_body import socket_chunks  # after Django: it knows the database

        util.http_date = DateHeader()
        Body.socket_chunks = socket_chunks
        wsgi.Response = WholeResponse
        self.reserve = ThreadPoolExecutor(RESERVED, thread_name_prefix="reserved")
        self.looks = ThreadPoolExecutor(1, thread_name_prefix="looks")
        super().init_process()

    def run(self) -> None:
        configuration = self.admission
        # The stage makes room itself when there are too many: gunicorn would accept nobody any more.
        self.worker_connections = sys.maxsize
        self.stage = Stage(
            configuration.admission,
            poller=self.poller,
            threads=self.cfg.threads,
            keep_alive=self.cfg.keepalive,
            trusted=configuration.trusted_proxies,
            session_cookie=self.session_cookie,
            run=self.enqueue_req,
            look=self._look,
            closed=self._one_less,
        )
        PacedSocket.configure(configuration.admission)
        super().run()
        self.reserve.shutdown(wait=False)
        self.looks.shutdown(wait=False)

    @property
    def admission(self) -> Any:
        from django.conf import settings

        return settings.CONFIGURATION

    @property
    def session_cookie(self) -> str:
        from django.conf import settings

        return str(settings.SESSION_COOKIE_NAME)

    def _look(self, conn: Any, rest: Rest) -> None:
        def answer(done: Any) -> None:
            may = not done.cancelled() and done.exception() is None
            self.method_queue.defer(partial(self.stage.has_looked, conn, rest, may=may))

        assert rest.look is not None
        self.looks.submit(rest.look).add_done_callback(answer)

    def _one_less(self) -> None:
        self.nr_conns -= 1

    def handle_request(self, req: Any, conn: Any) -> Any:
        if is_draining():
            req.force_close()  # the next request of this client belongs to another replica
        try:
            with cpus.roaming() if _has_large_body(req) else nullcontext():
                return super().handle_request(req, conn)
        finally:
            self._learn(conn.credential, getattr(req, "person", None))

    def _learn(self, credential: bytes, person: int | None) -> None:
        if credential and person is not None and self.stage.credentials.person_of(credential) != person:
            self.method_queue.defer(self.stage.learn, credential, person)

    # --- new connections ---

    def accept(self, listener: Any) -> None:
        """When another process of ours has shut the socket that all share, SIGTERM is on its way to this one, too: it
        finishes what it has. Failing here would end the interpreter below the threads that still answer.
        """
        try:
            # One at a time, so that all processes get some; but not while a flood fills the queue of the kernel.
            for _ in range(1 if self.nr_conns < FLOOD else AT_ONCE):
                sock, client = PacedSocket.accepted(listener.sock)
                self.nr_conns += 1
                self.stage.welcome(ServerConnection(self.cfg, sock, client, listener.getsockname()))
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.ECONNABORTED):
                return
            if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                if not self.stage.make_room():
                    time.sleep(0.01)  # instead of asking again and again
                return
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

    # --- requests ---

    def enqueue_req(self, conn: Any) -> None:
        threads = self.reserve if conn.reserved else self.tpool
        future = threads.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def handle(self, conn: Any) -> Any:
        for _ in range(IN_A_ROW):
            conn.begin_request()
            result = super().handle(conn)
            if result is not True or conn.is_http2:
                break
            conn.inbox = bytearray(conn.parser.unreader.take_buffered())
            if (
                conn.sock.rest is not None
                or not self.alive
                or conn.reserved
                or conn.trusted
                or not self._has_next(conn)
            ):
                break
        return result

    def _has_next(self, conn: Any) -> bool:
        """Whether the next request is there. Not while other connections wait for a thread."""
        if self.stage.turns.waiting:
            return False
        if not conn.inbox:
            waiting = select.poll()
            waiting.register(conn.sock, select.POLLIN)
            if not waiting.poll(PATIENCE):
                return False
            try:
                conn.inbox += conn.sock.recv_now(READ) or b""
            except OSError:
                return False
        try:
            return bool(conn.inbox) and self.stage.is_ready(conn)
        except Refusal:
            return False  # the stage finds the same, and reports it

    def finish_request(self, conn: Any, fs: Any) -> None:
        """On the main thread, after a thread had the connection."""
        self.stage.leave_thread(conn)
        try:
            keep = bool(fs.result()) if not fs.cancelled() else False
            if conn.sock.rest is not None:
                rest, conn.sock.rest = conn.sock.rest, None
                rest.keep_alive = keep
                self.stage.send_rest(conn, rest)
            elif keep:
                self.stage.next_request(conn, seconds=None if self.alive else STOP_KEEPALIVE_LINGER)
            else:
                self.stage.say_goodbye(conn)
        except Exception:
            self.log.exception("a connection is given up")
            self.stage.drop(conn)

    # --- time ---

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Whoever waits for a thread may have one as soon as others have had theirs for a moment."""
        super().wait_for_and_dispatch_events(min(timeout, YOUNG / 2) if self.stage.turns.waiting else timeout)

    def murder_keepalived(self, force: bool = False) -> None:
        self.stage.look_at_the_clock(force=force)

    def _cap_keepalive(self, deadline: float) -> None:
        self.stage.cap_idle(deadline)


def _has_large_body(request: Any) -> bool:
    """Or one of unknown length."""
    reader = request.body.reader
    return isinstance(reader, ChunkedReader) or getattr(reader, "length", 0) >= LARGE
