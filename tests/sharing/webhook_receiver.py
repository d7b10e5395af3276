"""A receiver of webhooks: a real HTTP server on loopback, and a check of signatures that shares no code with ours."""

import base64
import hashlib
import hmac
import ipaddress
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pytest_django import Settings


@dataclass
class Got:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.body)["data"]["events"]
        return found


@dataclass
class HttpReceiver:
    """`answer` writes the answer to a request; by default 204."""

    server: ThreadingHTTPServer
    got: list[Got] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler], None] | None = None

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=secret"

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.answer = answer


def drips(request: BaseHTTPRequestHandler) -> None:
    """Sends a byte now and then, and never ends."""
    with suppress(OSError):
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(400):
            request.wfile.write(b"X")
            request.wfile.flush()
            time.sleep(0.05)


@contextmanager
def receiving(settings: Settings | None = None, **wrap: Any) -> Iterator[HttpReceiver]:
    """With `settings`, webhooks may be sent there."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.got.append(Got(self.path, headers, self.rfile.read(length)))
            if found.answer is not None:
                found.answer(self)
            else:
                self.send_response(204)
                self.end_headers()

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if "context" in wrap:
        server.socket = wrap["context"].wrap_socket(server.socket, server_side=True)
    found = HttpReceiver(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    if settings is not None:
        allow_loopback(settings, found.port)
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def allow_loopback(settings: Settings, *ports: int) -> None:
    settings.WEBHOOK_HTTP = True
    settings.WEBHOOK_PRIVATE_ADDRESSES = (ipaddress.ip_network("127.0.0.0/8"),)
    settings.WEBHOOK_PORTS = (443, *ports)


def signed_by(got: Got, secret: str) -> bool:
    """As a receiver does it that knows the specification of Standard Webhooks and nothing else."""
    key = base64.standard_b64decode(secret.split("_", 1)[1])
    content = b".".join([got.headers["webhook-id"].encode(), got.headers["webhook-timestamp"].encode(), got.body])
    wanted = base64.standard_b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    versions = [one.split(",", 1) for one in got.headers["webhook-signature"].split(" ")]
    return ["v1", wanted] in versions
