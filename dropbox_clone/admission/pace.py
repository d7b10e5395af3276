"""A socket that gives up clients who are slower than the slowest useful line.

Waiting for a client costs time of a credit; every byte earns a part of it back. So a client may stand still for
MINIMUM_RATE_GRACE, and over any longer time moves at least MINIMUM_RATE: one byte every hundred seconds is not enough,
as it would be for a timeout of each read. Time that the server itself takes (a slow disk) costs the client nothing.
"""

import fcntl
import os
import select
import socket
import struct
import termios
from collections.abc import Callable
from time import monotonic
from typing import Any, ClassVar, Self

from dropbox_clone.admission.limits import AdmissionLimits

UNSENT = 256 * 1024  # bytes that the system keeps for a client who does not take them, instead of megabytes
RECEIVE_TICK = 2.0  # seconds after which a system call comes back to look at the credit
SEND_TICK = 0.5  # and after which the rest of a file is sent without a thread
LOOK_AGAIN = 1.5  # seconds between two looks at the right to read, which looks at its own clock, too
AT_ONCE = 16 * 1024 * 1024  # bytes of a file in one system call
FREE = 0.001  # seconds of waiting that are not worth counting


class SlowClient(TimeoutError):
    """The client is given up; its connection cannot be used any more."""


class Stalled(Exception):
    """Not an error: the client has taken nothing for SEND_TICK, and what is left may be sent without a thread."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left  # bytes


class Rest:
    """What is left of an answer, to be sent without a thread. Owns its descriptor.

    `look` raises when its reader may not read any more; it asks the database, and so needs a thread for a moment.
    """

    def __init__(self, descriptor: int, offset: int, left: int, *, look: Callable[[], None] | None = None) -> None:
        self.descriptor, self.offset, self.left = descriptor, offset, left
        self.look = look
        self.keep_alive = False
        self._last = self._looked = monotonic()

    def must_look(self) -> bool:
        """Whether the right to read is to be asked for before more is sent."""
        return self.look is not None and monotonic() - self._looked >= LOOK_AGAIN

    def has_looked(self) -> None:
        """The time that it took was not the client's."""
        self._last = self._looked = monotonic()

    def waited(self) -> float:
        """Seconds since it was asked last."""
        last, self._last = self._last, monotonic()
        return self._last - last

    def close(self) -> None:
        os.close(self.descriptor)


class PacedSocket(socket.socket):
    """A blocking socket whose system calls come back after RECEIVE_TICK and SEND_TICK (SO_RCVTIMEO, SO_SNDTIMEO)."""

    rate: ClassVar[float] = 1024.0  # bytes a second
    grace: ClassVar[float] = 30.0  # seconds
    credit: float
    unread = False  # a body that nobody wants is on its way
    rest: Rest | None = None  # of an answer
    may_stall = False  # what is being sent may be left to be sent without a thread
    sent = 0  # bytes that the system has taken, ever
    _arrived = 0  # of them, what the client had acknowledged when we looked last

    @classmethod
    def accepted(cls, listener: socket.socket) -> tuple[Self, Any]:
        """The next connection of `listener`, as its `accept` does it. Raises OSError, also when there is none."""
        descriptor, address = listener._accept()  # type: ignore[attr-defined]
        connection = cls(listener.family, listener.type, listener.proto, fileno=descriptor)
        connection.renew()
        return connection, address

    @classmethod
    def configure(cls, limits: AdmissionLimits) -> None:
        cls.rate, cls.grace = float(limits.minimum_rate), limits.minimum_rate_grace.total_seconds()

    def renew(self) -> None:
        """The next request begins."""
        self.credit = self.grace

    def charge(self, waited: float, count: int) -> None:
        """Raises SlowClient."""
        self.credit = min(self.grace, self.credit + count / self.rate) - waited
        if self.credit < 0:
            raise SlowClient

    def arrived(self) -> int:
        """Bytes that the client has taken since this was asked last. What the system takes says little: it keeps
        megabytes for a client, and takes no more before a third of them has gone.
        """
        waiting = struct.unpack("i", fcntl.ioctl(self.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0]
        before, self._arrived = self._arrived, self.sent - waiting
        return max(0, self._arrived - before)

    def is_too_slow_for(self, rest: Rest) -> bool:
        """Whether the client of this rest has been too slow for it."""
        try:
            self.charge(rest.waited(), self.arrived())
        except OSError:
            return True
        return False

    def recv(self, size: int, flags: int = 0) -> bytes:
        while True:
            started = monotonic()
            try:
                data = super().recv(size, flags)
            except BlockingIOError:
                if self.gettimeout() is not None:  # somebody else's patience
                    raise
                data = None
            waited = monotonic() - started
            if waited > FREE:
                self.charge(waited, len(data or b""))
            if data is not None:
                return data

    def recv_now(self, size: int) -> bytes | None:
        """What is there, at most `size` bytes; None when there is nothing, b"" at the end. Raises OSError."""
        try:
            return super().recv(size, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None

    def sendall(self, data: Any, flags: int = 0) -> None:
        try:
            count = self.send(data, flags | socket.MSG_DONTWAIT)
        except BlockingIOError:
            count = 0
        self.sent += count
        if count < len(data):  # which is rare: nobody looks at a clock for an answer that the system takes at once
            self._send_on(memoryview(data)[count:], flags)

    def _send_on(self, left: memoryview, flags: int) -> None:
        while True:
            started = monotonic()
            try:
                count = self.send(left, flags)
            except BlockingIOError:
                if self.gettimeout() is not None:
                    raise
                count = 0
            self.sent += count
            waited = monotonic() - started
            if waited > FREE:
                self.charge(waited, self.arrived())
            if count == len(left):
                return
            left = left[count:]
            if self.may_stall and not count:
                raise Stalled(len(left))

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """As socket.sendfile. Raises Stalled when the client takes nothing for a moment, and what the `look` of the
        file raises when its reader may not read any more (`watched_answers`).
        """
        left = os.fstat(file.fileno()).st_size - offset if count is None else count
        timeout = self.gettimeout()
        self.setblocking(
            False
        )  # a system call that blocks sends on for as long as the client takes a byte now and then
        try:
            return self._send_file(file.fileno(), offset, left, getattr(file, "look", None))
        finally:
            if self.fileno() >= 0:  # a look may have closed it
                self.settimeout(timeout)

    def _send_file(self, descriptor: int, offset: int, left: int, look: Callable[[], None] | None) -> int:
        total, ready = 0, select.poll()
        ready.register(self, select.POLLOUT)
        while left > 0:
            if look is not None:
                look()
            sent = self.send_part(descriptor, offset, left)
            if sent is None:
                self._wait_for(ready, left)
                continue
            if not sent:
                break
            left, offset, total = left - sent, offset + sent, total + sent
        return total

    def _wait_for(self, ready: select.poll, left: int) -> None:
        started = monotonic()
        is_ready = bool(ready.poll(SEND_TICK * 1000))
        waited = monotonic() - started
        if waited > FREE:
            self.charge(waited, self.arrived())
        if not is_ready:
            raise Stalled(left)

    def send_part(self, descriptor: int, offset: int, count: int) -> int | None:
        """Bytes of a file that were sent; None when the client takes none, 0 when the file has ended."""
        try:
            sent = os.sendfile(self.fileno(), descriptor, offset, min(count, AT_ONCE))
        except BlockingIOError:
            return None
        self.sent += sent
        return sent


def limit_system_calls(listener: socket.socket) -> None:
    """Accepted connections inherit it."""
    if listener.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
    for option, seconds in ((socket.SO_RCVTIMEO, RECEIVE_TICK), (socket.SO_SNDTIMEO, SEND_TICK)):
        whole = int(seconds)
        listener.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", whole, int((seconds - whole) * 1e6)))
