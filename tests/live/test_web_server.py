"""gunicorn as it is configured: clients that stall, and what is shared by its processes."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.ports import free_port
from tests.servers.supervised import ROOT, Supervised

pytestmark = pytest.mark.timeout(180)

START = ["-m", "gunicorn", "--config", "python:dropbox_clone.web_server.gunicorn_conf", "dropbox_clone.wsgi"]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("web")
    port = free_port()
    variables = {
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "WEB_THREADS": "4",
        "HEADER_TIMEOUT": "2s",
        "MINIMUM_RATE_GRACE": "2s",
        "DJANGO_SETTINGS_MODULE": "dropbox_clone.settings",
    }
    environment = {**Supervised(folder).environment, **variables}
    subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment, check=True, timeout=120)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, *START], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while ask(port, seconds=1) is None:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in (folder / "log").read_text()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def ask(port: int, seconds: float) -> bytes | None:
    """The first bytes of the answer of /healthz, or None when there was none in time."""
    try:
        with connect(port) as client:
            client.settimeout(seconds)
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return client.recv(12) or None
    except OSError:
        return None


def test_clients_that_say_nothing_keep_no_thread(port: int) -> None:
    silent = [connect(port) for _ in range(8)]
    deadline = time.monotonic() + 20
    while ask(port, seconds=10) is None:
        assert time.monotonic() < deadline
    for client in silent:
        client.close()


def test_clients_that_stop_in_a_request_lose_their_threads(port: int) -> None:
    """As many of them as there are threads: others wait for as long as a stalled one is put up with, and no longer."""
    stalled = [connect(port) for _ in range(4)]
    for client in stalled:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
    started = time.monotonic()
    while ask(port, seconds=10) is None:
        assert time.monotonic() - started < 30
    for client in stalled:
        client.close()


def test_a_client_that_stops_reading_loses_its_thread(port: int) -> None:
    """Its answers stay in the buffers of both ends until these are full."""
    stalled = [connect(port) for _ in range(4)]
    for client in stalled:
        client.setblocking(False)
        try:
            for _ in range(20_000):
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        except OSError:
            pass
    started = time.monotonic()
    while ask(port, seconds=10) is None:
        assert time.monotonic() - started < 60
    for client in stalled:
        client.close()


def test_what_is_configured(tmp_path: Path) -> None:
    environment = Supervised(tmp_path).environment
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "python:dropbox_clone.web_server.gunicorn_conf",
            "--print-config",
            "dropbox_clone.wsgi",
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    values = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    values = {name.strip(): value.strip() for name, value in values.items()}
    assert (values["threads"], values["workers"]) == ("256", "2")
    assert values["preload_app"] == "True"
    assert values["control_socket_disable"] == "True"
    assert (values["secure_scheme_headers"], values["forwarder_headers"]) == ("{}", "[]")  # nobody is believed here
