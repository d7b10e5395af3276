"""The client of single requests and of large bodies: one connection, no library between the socket and the clock."""

import http.client
import os
import socket
import time
from pathlib import Path

from benchmarks.dialects import Dialect, Request

SLOWEST = 300.0  # seconds that one answer may take
BLOCK = 256 * 1024  # bytes: fits the cache of a core


class Refused(Exception):
    """The answer is no success."""


class Client:
    """A kept-alive connection to 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection: http.client.HTTPConnection | None = None

    def send(self, request: Request) -> tuple[float, bytes]:
        """Seconds from the first byte out to the last byte in, and the body. Raises Refused."""
        used = self._connection is not None
        connection = self._connected()
        started = time.perf_counter()
        try:
            connection.request(request.method, request.path, request.body or None, request.headers)
            response = connection.getresponse()
            body = response.read()
        except (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected) as error:
            self.close()
            if not used:
                raise Refused(f"{request.method} {request.path}: {error!r}") from error
            return self.send(request)  # the server closed the idle connection, as it may
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Refused(f"{request.method} {request.path}: {error!r}") from error
        seconds = time.perf_counter() - started
        if response.will_close:
            self.close()
        if response.status >= 300:
            raise Refused(f"{request.method} {request.path}: {response.status} {body[:300]!r}")
        return seconds, body

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SLOWEST)
            self._connection.connect()
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def list_all(self, dialect: Dialect, path: str) -> tuple[float, list[bytes]]:
        """Seconds for all pages of a folder, and the pages."""
        total, pages = 0.0, list[bytes]()
        cursor: str | None = None
        while not pages or cursor:
            seconds, page = self.send(dialect.listing(path, cursor))
            started = time.perf_counter()
            cursor = dialect.next_cursor(page)
            total += seconds + time.perf_counter() - started
            pages.append(page)
        return total, pages

    def upload(self, request: Request, first: bytes, rest: Path, size: int) -> float:
        """Seconds for a body of `size` bytes: `first`, then the file from there on, by sendfile."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=SLOWEST) as connection, rest.open("rb") as file:
            headers = {**request.headers, "Content-Length": str(size), "Connection": "close"}
            started = time.perf_counter()
            connection.sendall(_head(request, headers) + first)
            offset = len(first)
            connection.setblocking(True)
            while offset < size:
                offset += os.sendfile(connection.fileno(), file.fileno(), offset, size - offset)
            connection.settimeout(SLOWEST)
            answer = bytearray()
            while b"\r\n\r\n" not in answer and (chunk := connection.recv(65536)):
                answer += chunk
            seconds = time.perf_counter() - started
        _check(request, bytes(answer))
        return seconds

    def download(self, request: Request) -> tuple[float, int]:
        """Seconds for a whole body, and its size."""
        buffer = memoryview(bytearray(BLOCK))
        with socket.create_connection(("127.0.0.1", self.port), timeout=SLOWEST) as connection:
            started = time.perf_counter()
            connection.sendall(_head(request, {**request.headers, "Connection": "close"}))
            answer = bytearray()
            while b"\r\n\r\n" not in answer and (chunk := connection.recv(65536)):
                answer += chunk
            head, _, body = bytes(answer).partition(b"\r\n\r\n")
            length = _check(request, head)
            received = len(body)
            while received < length and (count := connection.recv_into(buffer)):
                received += count
            seconds = time.perf_counter() - started
        if received != length:
            raise Refused(f"GET {request.path}: {received} of {length} bytes")
        return seconds, received


def _head(request: Request, headers: dict[str, str]) -> bytes:
    lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _check(request: Request, answer: bytes) -> int:
    """The Content-Length of a success. Raises Refused."""
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    if not lines[0].startswith("HTTP/1.1 2"):
        raise Refused(f"{request.method} {request.path}: {lines[0]}")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return int(fields.get("content-length", "0"))
