"""A thread looks for the next request of its connection, but never while another connection needs the thread."""

import contextlib
import os
import socket
import struct
import time
from types import SimpleNamespace
from typing import Any

import pytest

from dropbox_clone.admission.pace import PacedSocket
from dropbox_clone.web_server.worker import DateHeader, PatientWorker, WholeResponse


def has_next(connection: socket.socket, *, buffered: bytes = b"", waiting: int = 0) -> bool:
    worker: Any = PatientWorker.__new__(PatientWorker)
    worker.stage = SimpleNamespace(turns=SimpleNamespace(waiting=waiting), is_ready=lambda one: bool(one.inbox))
    ours = PacedSocket(fileno=connection.dup().detach())
    with ours:
        return bool(worker._has_next(SimpleNamespace(sock=ours, inbox=bytearray(buffered))))


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
        assert has_next(ours, buffered=b"GET")


def test_others_who_wait_for_a_thread_go_first() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"GET")
        assert not has_next(ours, waiting=1)


def shut_listener() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    listener.shutdown(socket.SHUT_RDWR)  # as another process does that drains
    return listener


def test_a_process_ends_well_when_another_one_has_shut_their_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dropbox_clone.web_server.worker.is_draining", lambda: True)
    worker: Any = PatientWorker.__new__(PatientWorker)
    worker.alive, worker.nr_conns = True, 0
    with shut_listener() as listener:
        worker.accept(SimpleNamespace(sock=listener))
    assert worker.alive is False


def test_a_broken_socket_is_an_error_at_any_other_time() -> None:
    worker: Any = PatientWorker.__new__(PatientWorker)
    worker.nr_conns = 0
    with shut_listener() as listener, pytest.raises(OSError, match="Invalid argument"):
        worker.accept(SimpleNamespace(sock=listener))


def test_the_date_of_an_answer_is_right_and_made_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([1_800_000_000.2, 1_800_000_000.9, 1_800_000_001.0])
    monkeypatch.setattr("dropbox_clone.web_server.worker.time.time", lambda: next(moments))
    date = DateHeader()
    first, same, later = date(), date(), date()
    assert first is same
    assert (first, later) == ("Fri, 15 Jan 2027 08:00:00 GMT", "Fri, 15 Jan 2027 08:00:01 GMT")
    assert date(0) == "Thu, 01 Jan 1970 00:00:00 GMT"


class Recorder:
    """A socket that notes what is sent, and whether more was said to follow."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, int]] = []

    def sendall(self, data: bytes, flags: int = 0) -> None:
        self.sent.append((data, flags))


def answer(headers: list[tuple[str, str]], *parts: bytes, method: str = "GET") -> list[tuple[bytes, int]]:
    sock, config = Recorder(), SimpleNamespace(is_ssl=False, sendfile=None, protocol="http")
    request: Any = SimpleNamespace(method=method, version=(1, 1), should_close=lambda: False, trailers=[])
    response = WholeResponse(request, sock, config)
    response.start_response("200 OK", headers)
    for part in parts:
        response.write(part)
    response.close()
    return sock.sent


def test_headers_wait_for_the_body_that_follows_at_once() -> None:
    (head, flags), (body, none) = answer([("Content-Length", "5")], b"bytes")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert head.endswith(b"\r\n\r\n")
    assert (flags, body, none) == (socket.MSG_MORE, b"bytes", 0)


@pytest.mark.parametrize("free", [0, 20, 3000])
def test_what_is_left_of_a_page_that_nobody_takes_is_sent_without_a_thread(free: int) -> None:
    """Whether its client stops in the head or in the body, which then come whole."""
    ours, theirs = socket.socketpair()
    with ours, theirs, PacedSocket(fileno=ours.detach()) as sock:
        sock.renew()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 10_000))
        waiting = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                waiting += sock.send(b"x" * 100, socket.MSG_DONTWAIT)
        theirs.recv(free)
        config: Any = SimpleNamespace(is_ssl=False, sendfile=None, protocol="http")
        request: Any = SimpleNamespace(method="GET", version=(1, 1), should_close=lambda: False, trailers=[])
        page = bytes(range(256)) * 200
        response = WholeResponse(request, sock, config)
        response.start_response("200 OK", [("Content-Length", str(len(page)))])
        response.write(page)
        response.close()
        rest = sock.rest
        assert rest is not None
        assert not sock.may_stall
        kept = os.pread(rest.descriptor, rest.left, rest.offset)
        rest.close()
        sock.shutdown(socket.SHUT_WR)
        got = b""
        while data := theirs.recv(65536):
            got += data
        head, _, body = (got.lstrip(b"x") + kept).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert body == page


def test_headers_without_a_body_leave_at_once() -> None:
    assert [flags for _, flags in answer([("Content-Length", "0")])] == [0]
    assert [flags for _, flags in answer([("Content-Length", "5")], method="HEAD")] == [0]


def test_headers_of_a_stream_leave_at_once() -> None:
    """Nobody knows when its next part comes."""
    sent = answer([], b"one", b"two")
    assert {flags for _, flags in sent} == {0}
    assert b"".join(data for data, _ in sent).endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
