"""The connections of a process: how many each address has, and which of them give way to new ones."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network

from common.client_address import parse_address
from dropbox_clone.admission.heads import ChunkScanner, Head
from dropbox_clone.admission.pace import PacedSocket, Rest
from dropbox_clone.admission.turns import Line


@lru_cache(4096)
def origin_of(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits that every household gets, "" for a Unix socket."""
    found = parse_address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return "" if found is None else str(found)


class Connection:
    """One client: what has come of it before it has a thread. The web server's own class adds how a request is read
    (`web_server/connection.py`).
    """

    def __init__(self, sock: PacedSocket, peer: str) -> None:
        self.sock, self.peer = sock, peer
        self.address = origin_of(peer)
        self.trusted = False  # a proxy of ours, or a Unix socket: many people's connections
        self.inbox = bytearray()
        self.held = 0  # bytes of it that are counted
        self.looked_at = 0
        self.head: Head | None = None
        self.scanner: ChunkScanner | None = None
        self.awaits_body = False  # the rest of the body, without a thread
        self.deadline = float("inf")  # on the monotonic clock
        self.watched = 0  # the events that the selector waits for
        self.turn: Line | None = None  # of which this has a thread, or in which it waits for one
        self.credential = b""  # of the request that a thread has
        self.reserved = False
        self.gone = False
        self.rest: Rest | None = None
        self.linger: int | None = None  # bytes that may still be thrown away

    def close(self) -> None:
        self.sock.close()


FEW = 16 * 1024  # bytes that any connection may keep waiting: a head, a usual form


class Connections:
    """`idle` ones have no thread, and are dropped first: the oldest one of the address that has most."""

    def __init__(self, *, most: int, most_of_address: int) -> None:
        self.most, self.most_of_address = most, most_of_address
        self.count = 0
        self.held = 0  # bytes that wait for a thread, or for more
        self._held_of: dict[str, int] = {}
        self._of_address: dict[str, int] = {}
        self._idle: dict[str, OrderedDict[Connection, None]] = {}

    def add(self, connection: Connection) -> None:
        self.count += 1
        self._of_address[connection.address] = self._of_address.get(connection.address, 0) + 1

    def remove(self, connection: Connection) -> None:
        self.count -= 1
        self.busy(connection)
        self.hold(connection, 0)
        left = self._of_address[connection.address] - 1
        if left:
            self._of_address[connection.address] = left
        else:
            del self._of_address[connection.address]

    def hold(self, connection: Connection, count: int) -> None:
        """So many bytes of it wait."""
        more = count - connection.held
        if not more:
            return
        connection.held = count
        self.held += more
        of_address = self._held_of.get(connection.address, 0) + more
        if of_address:
            self._held_of[connection.address] = of_address
        else:
            del self._held_of[connection.address]

    def who_holds_most(self) -> Connection | None:
        """The idle one with most, of the address that has most. None when each has only a few."""
        many = (connection for connection in self.all_idle() if connection.held > FEW)
        return max(many, key=lambda one: (self._held_of[one.address], one.held), default=None)

    def idle(self, connection: Connection) -> None:
        self._idle.setdefault(connection.address, OrderedDict())[connection] = None

    def busy(self, connection: Connection) -> None:
        line = self._idle.get(connection.address)
        if line is not None:
            line.pop(connection, None)
            if not line:
                del self._idle[connection.address]

    def is_over(self, connection: Connection) -> bool:
        """Whether its address, or this process, has more than it may."""
        if self.count > self.most:
            return True
        return not connection.trusted and self._of_address[connection.address] > self.most_of_address

    def who_gives_way(self, newcomer: Connection | None) -> Connection | None:
        """None when all others have threads, or a right to wait."""
        if newcomer is not None and not newcomer.trusted and self._of_address[newcomer.address] > self.most_of_address:
            line = self._idle.get(newcomer.address)
        else:
            line = max(self._idle.values(), key=len, default=None)
        return next((one for one in line if one is not newcomer), None) if line else None

    def all_idle(self) -> list[Connection]:
        return [connection for line in self._idle.values() for connection in line]
