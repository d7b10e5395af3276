"""A thread looks for the next request of its connection, but never while another connection needs the thread."""

import io
import queue
import socket
import time
from types import SimpleNamespace
from typing import Any

from dropbox_clone.gunicorn_worker import PatientWorker


def has_next(connection: socket.socket, *, buffered: bytes = b"", waiting: int = 0) -> bool:
    worker: Any = PatientWorker.__new__(PatientWorker)
    worker.tpool = SimpleNamespace(_work_queue=queue.SimpleQueue())
    for _ in range(waiting):
        worker.tpool._work_queue.put(None)
    buffer = io.BytesIO()
    buffer.write(buffered)
    parser = SimpleNamespace(unreader=SimpleNamespace(buf=buffer))
    return bool(worker._has_next(SimpleNamespace(sock=connection, parser=parser)))


def test_it_finds_what_has_arrived_and_does_not_wait_for_what_has_not() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        started = time.monotonic()
        assert not has_next(ours)
        assert time.monotonic() - started < 1
        theirs.sendall(b"GET")
        assert has_next(ours)


def test_bytes_that_were_read_ahead_are_the_next_request() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert has_next(ours, buffered=b"GET", waiting=1)


def test_others_who_wait_for_a_thread_go_first() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"GET")
        assert not has_next(ours, waiting=1)
