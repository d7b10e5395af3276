"""The stage in front of the threads: one thread waits for all connections, and reads what must be there before one of
the others takes a request: its head, and the whole body of a visitor or a form.

What is left of an answer that its client does not take is sent from here as well, and here a client is waited for that
does not close its side. So a slow client costs memory and a file descriptor, both counted, and no thread.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
from collections.abc import Callable, Sequence
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from time import monotonic

from common.client_address import Network, client_address, is_trusted
from dropbox_clone.admission import refusals
from dropbox_clone.admission.connections import Connection, Connections, origin_of
from dropbox_clone.admission.heads import (
    MAXIMUM_HEAD,
    ChunkScanner,
    Credentials,
    EndpointKind,
    Head,
    body_limit,
    end_of_head,
    is_hopeless,
    read_head,
)
from dropbox_clone.admission.limits import AdmissionLimits
from dropbox_clone.admission.pace import Rest, SlowClient
from dropbox_clone.admission.refusals import Refusal
from dropbox_clone.admission.turns import Line, Turns

logger = logging.getLogger(__name__)

READ = 16 * 1024  # bytes at once
PART = 256 * 1024  # bytes of an answer at once
LOOK = 0.5  # seconds between two looks for those whose time is over
LINGER, LINGER_BYTES = 2.0, 64 * 1024  # after an answer that ends the connection (RFC 9112 section 9.6)
UNREAD_LINGER, UNREAD_LINGER_BYTES = 3.0, 256 * 1024 * 1024  # of a body that nobody wanted
TURN = 20.0  # seconds that a request waits for a thread
FRAMING = 2  # times as many bytes as chunks hold may their framing take, for a body that is read here


def _line_of_person(person: int) -> Line:
    return Line(f"person {person}", known=True)


class Stage:
    """`run` gives a connection to a thread, which for a `reserved` one is one of those for health checks. `look` has a
    thread ask whether what is left of an answer may still be read, and calls `has_looked`.
    """

    def __init__(
        self,
        limits: AdmissionLimits,
        *,
        poller: BaseSelector,
        threads: int,
        keep_alive: float,
        trusted: Sequence[Network],
        session_cookie: str,
        run: Callable[[Connection], None],
        look: Callable[[Connection, Rest], None],
        closed: Callable[[], None],
    ) -> None:
        self.limits, self.poller, self.keep_alive, self.trusted = limits, poller, keep_alive, tuple(trusted)
        self.session_cookie = session_cookie.encode()
        self.run, self.look, self.closed = run, look, closed
        self.turns = Turns[Connection](places=threads, share=limits.threads_per_address)
        self.credentials = Credentials()
        self.connections = Connections(most=limits.connections, most_of_address=limits.connections_per_address)
        self.head_seconds = limits.header_timeout.total_seconds()
        self.grace = limits.minimum_rate_grace.total_seconds()
        self._scratch = bytearray(PART)
        self._looked = 0.0

    # --- connections come and go ---

    def welcome(self, connection: Connection) -> None:
        connection.trusted = not connection.address or (
            bool(self.trusted) and is_trusted(connection.peer, self.trusted)
        )
        self.connections.add(connection)
        while self.connections.is_over(connection):
            other = self.connections.who_gives_way(connection)
            if other is None:
                self.refuse(connection, refusals.CONNECTIONS, linger=False)
                return
            self.drop(other, "gave_way")
        connection.deadline = monotonic() + self.head_seconds
        self._idle(connection, EVENT_READ)

    def make_room(self) -> bool:
        """There are no descriptors left."""
        other = self.connections.who_gives_way(None)
        if other is not None:
            self.drop(other, "gave_way")
        return other is not None

    def drop(self, connection: Connection, reason: str = "") -> None:
        if connection.gone:
            return
        connection.gone = True
        if reason:
            refusals.count(reason)
        self._watch(connection, 0)
        self.connections.remove(connection)
        if connection.rest is not None:
            connection.rest.close()
            connection.rest = None
            with contextlib.suppress(OSError):  # what the system still keeps for this client goes, too
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        self.closed()

    def refuse(self, connection: Connection, refusal: Refusal, *, linger: bool = True) -> None:
        """Without a thread. A client that does not read the response misses it."""
        refusals.count(refusal.code)
        with contextlib.suppress(OSError):
            connection.sock.send(refusal.answer, socket.MSG_DONTWAIT)
        if linger:
            self.say_goodbye(connection)
        else:
            self.drop(connection)

    def say_goodbye(self, connection: Connection) -> None:
        """Throw away what still comes, for a moment: an answer that meets unread bytes is destroyed by a reset."""
        unread = connection.sock.unread
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(connection)
            return
        connection.linger = UNREAD_LINGER_BYTES if unread else LINGER_BYTES
        connection.deadline = monotonic() + (UNREAD_LINGER if unread else LINGER)
        self._idle(connection, EVENT_READ)

    # --- requests ---

    def next_request(self, connection: Connection, *, seconds: float | None = None) -> None:
        """A connection that is kept alive; a part of its next request may be there already."""
        if connection.inbox:
            self.connections.hold(connection, len(connection.inbox))
            connection.deadline = monotonic() + self.head_seconds
            self._idle(connection, EVENT_READ)
            self._look(connection)
        else:
            connection.deadline = monotonic() + (self.keep_alive if seconds is None else seconds)
            self._idle(connection, EVENT_READ)

    def is_ready(self, connection: Connection) -> bool:
        """Whether a thread may have it: the head is whole, and so is a body that must be. May be called in any thread
        that has the connection. Raises Refusal.
        """
        inbox = connection.inbox
        if connection.head is None:
            size = end_of_head(inbox, connection.looked_at)
            if not size:
                hopeless = is_hopeless(inbox)
                connection.looked_at = len(inbox)
                if len(inbox) > MAXIMUM_HEAD:
                    raise refusals.HEAD
                return hopeless
            connection.head = read_head(inbox, size, session_cookie=self.session_cookie)
        head = connection.head
        if head.length == 0 or not (head.anonymous or head.endpoint is EndpointKind.PAGE):
            return True
        if head.waits_for_continue and head.endpoint is EndpointKind.STREAM:
            return True  # its endpoint refuses visitors before it reads a body
        return self._has_body(connection)

    def _has_body(self, connection: Connection) -> bool:
        head = connection.head
        assert head is not None
        limit = body_limit(
            head.endpoint,
            anonymous=head.anonymous,
            anonymous_limit=self.limits.anonymous_body_limit,
            page_limit=self.limits.page_body_limit,
        )
        most = self.limits.anonymous_body_limit if limit is None else limit
        if head.length is not None:  # what is too long is refused by the application, in the words of its endpoints
            return head.length > most or len(connection.inbox) - head.size >= head.length
        if connection.scanner is None:
            connection.scanner = ChunkScanner(head.size)
        whole = connection.scanner.is_whole(connection.inbox)
        if connection.scanner.length > most or len(connection.inbox) - head.size > FRAMING * most + READ:
            if limit is None:
                return True
            raise refusals.BODY
        return whole

    def _look(self, connection: Connection) -> None:
        try:
            ready = self.is_ready(connection)
        except Refusal as refusal:
            self.refuse(connection, refusal)
            return
        if ready:
            self._ask_for_thread(connection)
        elif connection.head is not None and not connection.awaits_body:
            self._await_body(connection, connection.head)

    def _await_body(self, connection: Connection, head: Head) -> None:
        connection.awaits_body = True
        length = self.limits.page_body_limit if head.length is None else head.length
        connection.deadline = monotonic() + self.grace + length / self.limits.minimum_rate
        if head.waits_for_continue and len(connection.inbox) == head.size:
            with contextlib.suppress(OSError):  # who does not take it sends the body anyway, or is too slow
                connection.sock.send(refusals.CONTINUE, socket.MSG_DONTWAIT)

    def _ask_for_thread(self, connection: Connection) -> None:
        self._watch(connection, 0)
        self.connections.busy(connection)
        head = connection.head
        connection.reserved = head is not None and head.endpoint is EndpointKind.WATCH and head.length == 0
        if connection.reserved:
            connection.turn = None
            self._begin(connection)
            return
        connection.turn = self._line_of(connection)
        connection.deadline = monotonic() + TURN
        if self.turns.ask(connection.turn, connection):
            self._begin(connection)

    def _line_of(self, connection: Connection) -> Line:
        head, address = connection.head, connection.address
        if head is not None:
            person = self.credentials.person_of(head.credential)
            if person is not None:
                return _line_of_person(person)
            if head.forwarded_for and connection.trusted:
                address = origin_of(client_address(connection.peer, head.forwarded_for, self.trusted) or "") or address
        return Line(address or f"unix {id(connection)}")

    def learn(self, credential: bytes, person: int) -> None:
        """A thread has found out whose credentials these are. Those who wait with them wait in the line of the person
        from here on, whatever their addresses.
        """
        self.credentials.learn(credential, person)

        def is_signed_so(connection: Connection) -> bool:
            return connection.head is not None and connection.head.credential == credential

        for line in self.turns.strangers():
            self.turns.move(is_signed_so, line, _line_of_person(person))

    def leave_thread(self, connection: Connection) -> None:
        """And hand it to the connection that has waited longest."""
        if connection.turn is not None:
            self.turns.leave(connection.turn, connection)
            connection.turn = None
        self.call_next()

    def call_next(self) -> None:
        while (found := self.turns.next()) is not None:
            line, connection = found
            connection.turn = line
            self._begin(connection)

    # --- events ---

    def _idle(self, connection: Connection, events: int) -> None:
        self.connections.idle(connection)
        self._watch(connection, events)

    def _watch(self, connection: Connection, events: int) -> None:
        if events == connection.watched:
            return
        with contextlib.suppress(KeyError, ValueError, OSError):  # closed by somebody else
            if connection.watched:
                self.poller.unregister(connection.sock)
            connection.watched = 0
            if events:
                self.poller.register(connection.sock, events, partial(self._on_event, connection))
                connection.watched = events

    def _on_event(self, connection: Connection, _: object) -> None:
        """It may have been dropped since the selector reported it together with others. A fault costs its connection,
        not the process.
        """
        if connection.gone or not connection.watched:
            return
        try:
            if connection.watched == EVENT_READ:
                self._on_readable(connection)
            else:
                self._on_writable(connection)
        except Exception:
            logger.exception("a connection is given up")
            self.drop(connection)

    def _on_readable(self, connection: Connection) -> None:
        try:
            if connection.linger is not None:
                self._throw_away(connection, connection.linger)
                return
            data = connection.sock.recv_now(READ)
        except BlockingIOError:
            return
        except OSError:
            self.drop(connection)
            return
        if data is None:
            return
        if not data:
            if connection.head is None:
                self.drop(connection)
            else:  # the body ends early: its endpoint reports that
                self._ask_for_thread(connection)
            return
        self._take_in(connection, data)

    def _take_in(self, connection: Connection, data: bytes) -> None:
        if not connection.inbox:
            connection.deadline = min(connection.deadline, monotonic() + self.head_seconds)
        connection.inbox += data
        self.connections.hold(connection, len(connection.inbox))
        while self.connections.held > self.limits.waiting_bodies_limit:
            most = self.connections.who_holds_most()
            if most is None:
                break
            self.refuse(most, refusals.FULL, linger=False)
        if not connection.gone:
            self._look(connection)

    def _begin(self, connection: Connection) -> None:
        """What has come is a thread's from here on."""
        self.connections.hold(connection, 0)
        self.run(connection)

    def _throw_away(self, connection: Connection, left: int) -> None:
        count = connection.sock.recv_into(self._scratch, PART, socket.MSG_DONTWAIT)
        connection.linger = left - count
        if not count or connection.linger <= 0:
            self.drop(connection)

    # --- answers ---

    def send_rest(self, connection: Connection, rest: Rest) -> None:
        connection.rest = rest
        connection.sock.setblocking(False)
        connection.deadline = monotonic() + connection.sock.credit
        self._idle(connection, EVENT_WRITE)

    def _on_writable(self, connection: Connection) -> None:
        rest = connection.rest
        assert rest is not None
        if rest.must_look():
            self._watch(connection, 0)
            self.look(connection, rest)
            return
        try:
            sent = connection.sock.send_part(rest.descriptor, rest.offset, min(PART, rest.left))
            if sent is None:
                return
            if not sent:  # the file has ended early
                raise SlowClient
            connection.sock.charge(rest.waited(), connection.sock.arrived())
        except OSError:
            self.drop(connection)
            return
        connection.deadline = monotonic() + connection.sock.credit
        rest.offset, rest.left = rest.offset + sent, rest.left - sent
        if rest.left:
            return
        rest.close()
        connection.rest = None
        connection.sock.setblocking(True)
        if rest.keep_alive:
            self.next_request(connection)
        else:
            self.say_goodbye(connection)

    def has_looked(self, connection: Connection, rest: Rest, *, may: bool) -> None:
        """After `look`, on the main thread again: its reader may still read what is left, or not."""
        if connection.gone or connection.rest is not rest:  # given up meanwhile
            return
        if not may:
            self.drop(connection)
            return
        rest.has_looked()
        connection.deadline = monotonic() + connection.sock.credit
        self._idle(connection, EVENT_WRITE)

    # --- time ---

    def look_at_the_clock(self, *, force: bool = False) -> None:
        if self.turns.waiting:
            self.call_next()
        now = monotonic()
        if now - self._looked < LOOK and not force:
            return
        self._looked = now
        for connection in self.connections.all_idle():
            if force:
                self.drop(connection)
            elif connection.deadline <= now:
                self._time_is_over(connection)
        for connection in self.turns.give_up(lambda connection: connection.deadline <= now):
            connection.turn = None
            self.refuse(connection, refusals.BUSY)

    def _time_is_over(self, connection: Connection) -> None:
        if connection.rest is not None and not connection.sock.is_too_slow_for(connection.rest):
            connection.deadline = monotonic() + connection.sock.credit
            return
        if connection.inbox and connection.linger is None and connection.rest is None:
            self.refuse(connection, refusals.SLOW, linger=False)
        else:
            self.drop(connection, "slow_answer" if connection.rest is not None else "")

    def cap_idle(self, deadline: float) -> None:
        """The process stops: connections without a whole request by then are closed; responses continue."""
        for connection in self.connections.all_idle():
            if connection.rest is None:
                connection.deadline = min(connection.deadline, deadline)
