"""Lines for a standard error that nobody may be reading."""

import fcntl
import os
import tempfile
import threading
from collections.abc import Iterator

import pytest

from dropbox_clone.log_queue import LineQueue, can_wait


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ
    yield reader, writer
    for descriptor in (reader, writer):
        os.close(descriptor)


def test_every_line_arrives_in_order(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    queue = LineQueue(writer)
    sent = [f"line {number}\n".encode() for number in range(200)]
    for line in sent:
        queue.put(line)
    queue.flush(10)
    assert os.read(reader, 1 << 16) == b"".join(sent)


def test_what_does_not_fit_is_dropped_and_counted_and_nobody_waits(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    queue = LineQueue(writer, most=10_000)
    line = b"x" * 99 + b"\n"
    for _ in range(1000):
        queue.put(line)
    assert queue.dropped >= 1000 - (10_000 + 4096) // len(line) - 1
    got = bytearray()

    def read() -> None:
        while len(got) < (1000 - queue.dropped) * len(line):
            got.extend(os.read(reader, 4096))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join(20)
    assert bytes(got) == line * (1000 - queue.dropped)
    queue.flush(10)  # what was read is counted as written a moment later
    queue.put(line)
    queue.flush(10)
    assert os.read(reader, 4096) == line, "it goes on when somebody reads again"


def test_only_what_has_a_reader_can_wait(pipe: tuple[int, int]) -> None:
    assert can_wait(pipe[1])
    with tempfile.TemporaryFile() as file:
        assert not can_wait(file.fileno())
