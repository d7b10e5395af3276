"""Small HTTP servers that stand in for replicas where only HAProxy is the question: they say what reached them."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Origin:
    """`seen` are the requests that came, without the health checks; `ready` and `alive` what those are told.

    `act` may be `answer`, `vanish` (close without a word) or `vanish once`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready = self.alive = True
        self.act = "answer"
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.first_bytes = threading.Event()
        self.body = b""
        handler = type("Handler", (_Handler,), {"origin": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    origin: Origin
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        origin = self.origin
        if self.path in ("/healthz", "/readyz"):
            good = origin.alive and (origin.ready or self.path == "/healthz")
            self._answer(200 if good else 503, {})
            return
        self._read()
        origin.seen.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
        if origin.act.startswith("vanish"):
            origin.act = "answer" if "once" in origin.act else origin.act
            self.close_connection = True
            return
        if self.path == "/slow":
            time.sleep(1.5)
        headers = [[name.lower(), value] for name, value in self.headers.items()]
        self._answer(200, {"origin": origin.name, "headers": headers})

    do_POST = do_PUT = do_DELETE = do_HEAD = do_PROPFIND = do_MOVE = do_COPY = do_MKCOL = do_LOCK = do_GET  # noqa: N815 (names of http.server)

    def _read(self) -> None:
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            data = self.rfile.read1(min(left, 65536))
            if not data:
                break
            self.origin.body += data
            self.origin.first_bytes.set()
            left -= len(data)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass
