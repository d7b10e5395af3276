"""The health check of a container."""

import http.server
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from dropbox_clone import probe
from tests.servers.ports import free_port


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["python", "-m", "dropbox_clone.supervisor"], True),
        (
            ["/app/.venv/bin/python", "-m", "gunicorn", "--config", "python:dropbox_clone.web_server"],
            True,
        ),
        (["/app/.venv/bin/python", "-m", "celery", "--quiet", "-A", "dropbox_clone", "worker"], False),
        (["/app/.venv/bin/python", "-m", "celery", "--quiet", "-A", "dropbox_clone", "beat"], False),
    ],
)
def test_who_must_answer(command: list[str], expected: bool) -> None:
    assert probe.serves_web(b"\0".join(word.encode() for word in command) + b"\0") is expected


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    class Handler(http.server.BaseHTTPRequestHandler):
        status = 200

        def do_GET(self) -> None:
            self.send_response(self.status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    made = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def test_only_200_is_well(server: http.server.HTTPServer) -> None:
    port = server.server_address[1]
    assert probe.answers("127.0.0.1", port)
    assert not probe.answers("127.0.0.1", port, "/readyz")
    server.RequestHandlerClass.status = 503  # type: ignore[attr-defined]
    assert not probe.answers("127.0.0.1", port)
    assert probe.answers("127.0.0.1", port, anything=True)
    assert not probe.answers("127.0.0.1", free_port(), anything=True)


def test_who_says_nothing_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not probe.answers("127.0.0.1", silent.getsockname()[1], timeout=0.1)


def test_it_costs_little() -> None:
    code = "import sys, dropbox_clone.probe; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
