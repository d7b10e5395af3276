"""Two hooks of gunicorn: when a client is told to send the body of its request, and what happens to it when the
response comes before it was read. And how many bytes of it have come.

gunicorn sends "100 Continue" before the application has seen the request. Here it is sent when the first byte is
read, so that a request that must be refused (quota, rights, name) is refused before its client sends anything
(RFC 9110 section 10.1.1). And when a response comes early, the client that is still sending learns from it that the
connection ends, and a part of what it sends is read and thrown away: an answer that meets unread bytes is
destroyed by the reset of the connection (RFC 9112 section 9.6).

A client that sends headers and body apart, as Qt and so Nextcloud's clients do, keeps a small body to itself until the
headers are acknowledged (Nagle's algorithm, RFC 9293 section 3.7.4), and the system delays that for 40 ms in the hope
of an answer that would carry it. There is none before the body: so the headers are acknowledged at once.
"""

import contextlib
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

from gunicorn.http.body import ChunkedReader, EOFReader, LengthReader

DRAINED_BY_GUNICORN = 32 * 1024  # bytes; it reads up to 64 KiB that are left over, and keeps the connection


class WaitingReader:
    """Stands in for the reader of a body until the first read, and then sends "100 Continue"."""

    def __init__(self, body: Any, connection: socket.socket) -> None:
        self._body, self._reader, self._connection = body, body.reader, connection

    def begin(self) -> None:
        self._body.reader = self._reader
        self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def read(self, size: int) -> bytes:
        self.begin()
        data: bytes = self._reader.read(size)
        return data


def pre_request(worker: Any, request: Any) -> None:
    """Before the application is called; most requests have no body and pass through."""
    reader = request.body.reader
    if isinstance(reader, EOFReader) or getattr(reader, "length", None) == 0:
        return
    expected, request._expected_100_continue = request._expected_100_continue, False
    if expected and not request.unreader.buf.tell():  # otherwise some of it is here: its client does not wait
        request.body.reader = WaitingReader(request.body, request.unreader.sock)
    elif request.unreader.buf.tell() < getattr(reader, "length", 1):
        acknowledge(request.unreader.sock)
    request.should_close = partial(_should_close, request)


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    """After the answer is sent, before the connection is closed."""
    if response is None or not response.headers_sent or _nearly_read(request.body):
        return
    reader = request.body.reader
    if not isinstance(reader, WaitingReader):
        request.unreader.sock.unread = True  # the gate lingers, without a thread


def acknowledge(connection: socket.socket) -> None:
    """What has arrived, now. Where there is no such option (it is Linux's), the system does it in its own time."""
    option = getattr(socket, "TCP_QUICKACK", None)
    if option is not None:
        with contextlib.suppress(OSError):  # not TCP, or closed: the next read finds out
            connection.setsockopt(socket.IPPROTO_TCP, option, 1)


def _should_close(request: Any) -> bool:
    """gunicorn calls it for the Connection header, and when the response is out."""
    return bool(type(request).should_close(request)) or not _nearly_read(request.body)


def _nearly_read(body: Any) -> bool:
    reader = body.reader
    if isinstance(reader, EOFReader):
        return True
    if body.failed:
        return False
    if isinstance(reader, LengthReader):
        return bool(reader.length <= DRAINED_BY_GUNICORN)
    return isinstance(reader, ChunkedReader) and reader.parser is None


# --- how many bytes have come ---


class CountedChunks:
    """The bytes of a chunked body, whoever reads them."""

    def __init__(self, parser: Iterator[bytes]) -> None:
        self.parser, self.size = parser, 0

    def pieces(self) -> Iterator[bytes]:
        for piece in self.parser:
            self.size += len(piece)
            yield piece


def count_body(request: Any) -> int | CountedChunks | None:
    """Before anybody reads: for `received_bytes`."""
    reader = request.body.reader
    if type(reader) is ChunkedReader and reader.parser is not None:
        counted = CountedChunks(reader.parser)
        reader.parser = counted.pieces()
        return counted
    length: int | None = getattr(reader, "length", 0)
    return length


def received_bytes(counted: int | CountedChunks | None, request: Any) -> int:
    """How many of the body's bytes somebody has read."""
    if isinstance(counted, CountedChunks):
        return counted.size
    left = getattr(request.body.reader, "length", None)  # None: the client still waits for "100 Continue"
    return counted - int(left) if counted and left is not None else 0
