"""One request as raw bytes on a connection of its own, and what comes back."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
SLOW = 20.0  # seconds that an answer may take
KEPT = 1 << 20  # bytes of an answer that are looked at


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: the connection was closed without a word; -1: nothing came in time."""

    status: int
    seconds: float
    data: bytes


def exchange(port: int, request: bytes) -> Answer:
    started = time.monotonic()
    received = bytearray()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=SLOW) as connection:
            try:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it answers before it has read everything, which it may
            while len(received) < KEPT and (block := connection.recv(1 << 16)):
                received += block
    except TimeoutError:
        return Answer(-1, time.monotonic() - started, bytes(received))
    except OSError:
        pass  # reset after the answer: we sent more than it wanted
    found = [int(status) for status in STATUS.findall(bytes(received[:64]))] or [0]
    if found[0] == 100:
        found = [int(status) for status in STATUS.findall(bytes(received[:4096]))]
    return Answer(found[-1], time.monotonic() - started, bytes(received))
