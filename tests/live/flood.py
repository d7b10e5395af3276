"""Clients who mean harm by being slow: many connections that hold on to whatever a server gives them.

    with Flood(product.port, token) as flood:
        flood.half_open(2000, addresses=["127.0.0.2"])
        assert watch(product, account, seconds=10).slowest_health < 1

Addresses are any of 127.0.0.0/8. Those connections that the server closes are opened again, once a second.
"""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import cycle, islice

HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: "
FORM = (
    b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 60000\r\n\r\na="
)


@dataclass
class Attacker:
    """One connection; `drip` is what it sends every second once its `beginning` is out. It never reads."""

    port: int
    address: str
    beginning: bytes
    drip: bytes = b""
    sock: socket.socket | None = None
    begun: bool = False

    def open(self) -> None:
        self.close()
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.setblocking(False)
        try:
            self.sock.bind((self.address, 0))
            self.sock.connect(("127.0.0.1", self.port))
        except BlockingIOError:
            pass
        except OSError:
            self.close()

    def act(self) -> None:
        """Goes on with what it does; a connection that the server has ended is opened again."""
        if self.sock is None:
            self.open()
            return
        try:
            self.sock.send(self.drip if self.begun else self.beginning)
            self.begun = True
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.EINPROGRESS):
                self.open()

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
        self.sock, self.begun = None, False


@dataclass
class Flood:
    port: int
    attackers: list[Attacker] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def half_open(self, count: int, addresses: Iterable[str]) -> None:
        self._add(count, addresses, HALF, b"a")

    def slow_bodies(self, count: int, addresses: Iterable[str]) -> None:
        self._add(count, addresses, FORM, b"x")

    def unread(self, count: int, addresses: Iterable[str], path: str, headers: dict[str, str] | None = None) -> None:
        """Answers of more than the buffers of both ends hold."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        self._add(count, addresses, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode(), b"")

    def _add(self, count: int, addresses: Iterable[str], beginning: bytes, drip: bytes) -> None:
        new = [Attacker(self.port, address, beginning, drip) for address in islice(cycle(addresses), count)]
        for number, attacker in enumerate(new):
            attacker.open()
            if number % 100 == 99:
                time.sleep(0.02)  # the queue of the kernel is not what is tried
        for _ in range(3):
            for attacker in new:
                if not attacker.begun:
                    attacker.act()
            time.sleep(0.1)
        self.attackers += new

    def _go_on(self) -> None:
        while not self._ended.wait(1):
            for attacker in list(self.attackers):
                attacker.act()

    def __enter__(self) -> Flood:
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        assert self._thread is not None
        self._thread.join()
        for attacker in self.attackers:
            attacker.close()


def many_addresses(count: int) -> list[str]:
    """Of 127.0.0.0/8, without those that others use."""
    return [f"127.7.{number // 250}.{number % 250 + 1}" for number in range(count)]
