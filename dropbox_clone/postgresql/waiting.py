"""How a thread waits for PostgreSQL: never for a server that has stopped answering.

libpq waits for an answer without an end, and the kernel of a frozen server still acknowledges what it is sent, so
that no option of TCP notices. A statement may take long, though, or wait for a lock. So a thread that has waited for
a moment sends the server a request that needs no account and no free connection; a server that is silent to that too
is away. From then on nobody waits: every request for a connection fails at once, until the server answers again.

psycopg2 calls `wait` while it waits (its "green" mode), https://www.psycopg.org/docs/advanced.html.
"""

import logging
import os
import select
import socket
import struct
import time
from typing import Any

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_READ, set_wait_callback

from common.watched_server import WatchedServer

logger = logging.getLogger(__name__)
MOMENT = 0.6  # seconds of waiting after which the server is probed
SILENCE = 1.0  # seconds without a response to the probe: it is away
AGAIN = 0.25  # seconds between two probes while it is away
SLICE = 200  # ms between two looks at what others have found out
SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # any server answers S, N or an error, before it authenticates us
_readers: dict[int, select.poll] = {}  # by descriptor: nobody else waits for it at the same time


class ServerAway(psycopg2.OperationalError):
    """The database server does not answer."""


class Server(WatchedServer):
    """The database server at one address."""

    pause, moment, watcher = AGAIN, MOMENT, "database-watch"

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self.host, self.port = host, port

    def _on_away(self, cause: BaseException | None) -> None:
        logger.error("the database server does not answer; requests that need it fail until it does")

    def _on_return(self, seconds: float) -> None:
        logger.warning("the database server answers again, after %.1f s", seconds)

    def _answers(self) -> bool:
        try:
            with self._connect() as connection:
                connection.sendall(SSL_REQUEST)
                return bool(connection.recv(1))
        except ConnectionRefusedError:
            return True  # a connection fails at once, so nobody waits
        except OSError:
            return False

    def _connect(self) -> socket.socket:
        if self.host.startswith("/") or not self.host:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(SILENCE)
            try:
                connection.connect(f"{self.host or '/var/run/postgresql'}/.s.PGSQL.{self.port}")
            except OSError:
                connection.close()
                raise
            return connection
        connection = socket.create_connection((self.host, self.port), timeout=SILENCE)
        connection.settimeout(SILENCE)
        return connection


_servers: dict[tuple[str, int], Server] = {}


def server_at(host: str, port: int) -> Server:
    return _servers.setdefault((host, port), Server(host, port))


def _server_of(connection: Any) -> Server:
    parameters = connection.get_dsn_parameters()  # the first of several hosts: the others are its stand-ins
    return server_at(parameters.get("host", "").split(",")[0], int(parameters.get("port", "5432").split(",")[0]))


def _to_read(descriptor: int) -> select.poll:
    """Every statement waits for one: it is made once."""
    waiting = _readers.get(descriptor)
    if waiting is None:
        waiting = _readers[descriptor] = select.poll()
        waiting.register(descriptor, select.POLLIN)
    return waiting


def _to_write(descriptor: int) -> select.poll:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLOUT)
    return waiting


def wait(connection: Any) -> None:
    """Until libpq is through with what it does. Raises ServerAway, upon which psycopg2 closes the connection (doing so
    here would wait for a lock that this thread holds).
    """
    state, server, started = connection.poll(), None, 0.0
    while state != POLL_OK:
        descriptor = connection.fileno()
        if (_to_read(descriptor) if state == POLL_READ else _to_write(descriptor)).poll(SLICE):
            state = connection.poll()
            continue
        if server is None:
            server, started = _server_of(connection), time.monotonic() - SLICE / 1000
        if server.away or (time.monotonic() - started > MOMENT and not server.is_there()):
            raise ServerAway("the database server does not answer")


def install() -> None:
    set_wait_callback(wait)


os.register_at_fork(after_in_child=_servers.clear)
