"""The server behind an `s3://` URL: when it has stopped answering, nobody waits for it.

A large part may take long, so time-outs that end a request within a second would break slow transfers. Instead a
thread sends the server a small request whenever another one has waited for a moment. A server that is silent to that
too is away: the connections to it are cut, which wakes whoever waits, and every request fails at once until it
answers again.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakSet

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from botocore.exceptions import BotoCoreError, ReadTimeoutError

from common.watched_server import WatchedServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)
MOMENT = 0.6  # seconds of waiting after which the server is probed
SILENCE = 1.0  # seconds without a byte of a response to the probe: it is away
TICK = 0.2
PAUSE = 0.4  # seconds between two probes while it is away


class EndpointAway(BotoCoreError):
    """It did not answer other requests: nobody waits for it."""

    fmt = "The object store does not answer"


class Endpoint(WatchedServer):
    """One address, for all clients of a storage. Its thread runs while requests are under way."""

    pause, moment, watcher = PAUSE, MOMENT, "storage-return"

    def __init__(self, url: str) -> None:
        super().__init__()
        parts = urlsplit(url)
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)
        self._lock = threading.Lock()
        self._connections: WeakSet[Any] = WeakSet()
        self._waiting: dict[int, float] = {}  # thread -> since when it waits for an answer
        self._begun = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, client: S3Client) -> None:
        """Before the client is used."""
        session: Any = client._endpoint.http_session  # type: ignore[attr-defined]
        classes = _pool_classes(self)
        session._pool_classes_by_scheme = session._manager.pool_classes_by_scheme = classes
        client.meta.events.register("before-send.s3", self._before)
        client.meta.events.register("response-received.s3", self._after)
        client.meta.events.register_first("needs-retry.s3", self._before_retry)

    def connected(self, connection: Any) -> None:
        with self._lock:
            self._connections.add(connection)

    def _before(self, **_: Any) -> None:
        if self.away:
            raise EndpointAway
        self._waiting[threading.get_ident()] = time.monotonic()
        if self._thread is None:
            self._start()
        self._begun.set()

    def _after(self, **_: Any) -> None:
        self._waiting.pop(threading.get_ident(), None)

    def _before_retry(self, caught_exception: BaseException | None = None, **_: Any) -> None:
        """A broken connection is worth a second try; a server that is away, or silent for the time-out, is not."""
        if self.away:
            raise EndpointAway
        if isinstance(caught_exception, ReadTimeoutError):
            raise caught_exception

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="storage-watch", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._begun.wait()
            self._begun.clear()
            while self._waiting:
                time.sleep(TICK)
                oldest = min(list(self._waiting.values()), default=float("inf"))
                if time.monotonic() - oldest > MOMENT:
                    self.is_there()

    def _on_away(self, cause: BaseException | None) -> None:
        logger.error("the object store at %s:%s does not answer; requests that need it fail", self.host, self.port)
        self._cut()

    def _on_return(self, seconds: float) -> None:
        logger.warning("the object store at %s:%s answers again, after %.1f s", self.host, self.port, seconds)

    def _cut(self) -> None:
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            if (sock := getattr(connection, "sock", None)) is not None:
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not TLS's own, which would send something

    def _answers(self) -> bool:
        """Any response will do."""
        try:
            with socket.create_connection((self.host, self.port), timeout=SILENCE) as connection:
                if self.secure:
                    context = ssl.create_default_context()
                    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent or trusted
                    with context.wrap_socket(connection, server_hostname=self.host):
                        return True
                connection.sendall(f"HEAD / HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n".encode())
                return bool(connection.recv(1))
        except ConnectionRefusedError:
            return True  # a connection fails at once, so nobody waits
        except OSError:
            return False


def _pool_classes(endpoint: Endpoint) -> dict[str, Any]:
    class Connection(AWSHTTPConnection):
        def connect(self) -> None:
            super().connect()
            endpoint.connected(self)

    class SecureConnection(AWSHTTPSConnection):
        def connect(self) -> None:
            super().connect()
            endpoint.connected(self)

    class Pool(AWSHTTPConnectionPool):
        ConnectionCls = Connection

    class SecurePool(AWSHTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": Pool, "https": SecurePool}
