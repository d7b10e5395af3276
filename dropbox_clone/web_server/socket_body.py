"""The bytes of a body straight from gunicorn's socket: `socket_chunks`, which the worker makes a method of gunicorn's
`Body` and `http_kit.body` uses where the server's input has it.

gunicorn's own reader copies every byte three times more than the one time that the kernel needs. What it has buffered
already is taken first, and every byte that was taken is counted in it, so that it knows where the next request of the
connection begins. With anything that is not exactly gunicorn's, nothing is yielded, and the caller reads the input as
WSGI says.

Whoever waits for a client gives the database connection to others meanwhile.
"""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from gunicorn.http.body import ChunkedReader, LengthReader

from http_kit.body import PATIENCE, Deadline
from http_kit.long_requests import release_connection

SMALLEST, LARGEST = 128 * 1024, 2 * 1024 * 1024  # bytes of a chunk; more is 5 % quicker and holds twice the memory
FAST, SLOW = 0.05, 0.5  # seconds for a chunk from which on the next one is larger or smaller
GATHERED = 256 * 1024  # bytes of a chunked body that are passed on together


def socket_chunks(stream: Any, length: int | None, deadline: Deadline | None = None) -> Iterator[bytes]:
    """Chunks of at most 2 MiB, `length` bytes in all (None: chunked) unless the client goes away."""
    reader = getattr(stream, "reader", None)
    begin = getattr(reader, "begin", None)
    if begin is not None:  # the client waits for "100 Continue" (request_bodies.py)
        begin()
        reader = stream.reader
    if reader is None or not hasattr(stream, "buf") or stream.buf.tell():
        return
    if type(reader) is LengthReader and reader.length == length:
        yield from _of_length(reader, deadline)
    elif type(reader) is ChunkedReader and length is None and reader.parser and not reader.buf.tell():
        with _hurried(reader.req.unreader, deadline):
            yield from _gathered(reader)


@contextmanager
def _hurried(unreader: Any, deadline: Deadline | None) -> Iterator[None]:
    """gunicorn's parser waits inside for the next bytes of a length or a chunk: it does so until the deadline only."""
    if deadline is None or not isinstance(getattr(unreader, "sock", None), socket.socket):
        yield
        return
    waiting, read = _poll(unreader.sock), unreader.chunk

    def chunk(size_hint: int | None = None) -> bytes:
        deadline.wait(waiting)
        data: bytes = read(size_hint)
        return data

    unreader.chunk = chunk
    try:
        yield
    finally:
        del unreader.chunk


def _of_length(reader: Any, deadline: Deadline | None) -> Iterator[bytes]:
    unreader = reader.unreader
    if not isinstance(getattr(unreader, "sock", None), socket.socket):
        return
    buffered = unreader.take_buffered()
    if buffered:
        chunk = buffered[: reader.length]
        if len(buffered) > reader.length:
            unreader.unread(buffered[reader.length :])
        reader.length -= len(chunk)
        if chunk:
            yield chunk
    if deadline is not None or reader.length <= SMALLEST:
        received = _small(unreader.sock, reader.length, deadline)
    else:
        received = _large(unreader.sock, reader.length)
    for chunk in received:
        reader.length -= len(chunk)
        yield chunk


def _small(connection: socket.socket, left: int, deadline: Deadline | None) -> Iterator[bytes]:
    waiting = _poll(connection)
    while left:
        if not waiting.poll(PATIENCE):
            release_connection()
        if deadline is not None:
            deadline.wait(waiting)
        chunk = connection.recv(left)
        if not chunk:
            return
        left -= len(chunk)
        yield chunk


def _large(connection: socket.socket, left: int) -> Iterator[bytes]:
    """Large chunks from who sends fast, small ones from who does not: a slow client holds little memory."""
    release_connection()
    size = SMALLEST
    while left:
        started = monotonic()
        # MSG_WAITALL: one system call, and one turn at the interpreter's lock, for a whole chunk.
        chunk = connection.recv(min(size, left), socket.MSG_WAITALL)
        if not chunk:
            return
        left -= len(chunk)
        took = monotonic() - started
        yield chunk
        size = min(size * 2, LARGEST) if took < FAST else max(size // 2, SMALLEST) if took > SLOW else size


def _gathered(reader: Any) -> Iterator[bytes]:
    """gunicorn's parser of the framing, without its buffer. Small chunks are passed on together, while more comes."""
    unreader = reader.req.unreader
    if not isinstance(getattr(unreader, "sock", None), socket.socket):
        return
    waiting = _poll(unreader.sock)
    gathered, size = list[bytes](), 0
    while True:
        if not unreader.buf.tell() and not waiting.poll(0):
            if gathered:
                yield b"".join(gathered)
                gathered, size = [], 0
            if not waiting.poll(PATIENCE):
                release_connection()
        piece = next(reader.parser, None)
        if piece is None:
            break
        gathered.append(piece)
        size += len(piece)
        if size >= GATHERED:
            yield b"".join(gathered)
            gathered, size = [], 0
    reader.parser = None
    if gathered:
        yield b"".join(gathered)


def _poll(connection: socket.socket) -> select.poll:
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    return waiting
