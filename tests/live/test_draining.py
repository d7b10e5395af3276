"""From SIGTERM to the end of a web server, and the roles of dropbox_clone.entry, as real processes."""

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.ports import free_port
from tests.servers.supervised import ROOT, Supervised, command_line

pytestmark = pytest.mark.timeout(180)
DELAY = 2.5  # seconds


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("entry")
    settings = {"WEB_WORKERS": "2", "WEB_THREADS": "8", "STOP_TIMEOUT": "10s"}
    environment = {**Supervised(folder).environment, **settings}
    done = subprocess.run(
        [sys.executable, "-m", "dropbox_clone.entry", "migrate", "--setup-link"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "/setup/" in done.stdout
    return environment


@contextlib.contextmanager
def entry(environment: dict[str, str], role: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dropbox_clone.entry", role], env={**environment, **more}, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def web(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    with entry(environment, "web", PORT=str(port), DRAIN_DELAY="3s") as process:
        deadline = time.monotonic() + 60
        while ask(port, "/readyz") != 200:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield process, port


def ask(port: int, path: str) -> int:
    """The status, or 0 when nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except ConnectionRefusedError:
        return 0
    finally:
        connection.close()


def wait_for(port: int, path: str, status: int, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while (found := ask(port, path)) != status:
        assert time.monotonic() < deadline, f"{path} is {found}, not {status}"
        time.sleep(0.05)


def test_it_serves_on_while_readyz_says_no_then_refuses_and_ends_well(
    web: tuple[subprocess.Popen[bytes], int],
) -> None:
    process, port = web
    kept = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    kept.request("GET", "/healthz")
    answer = kept.getresponse()
    answer.read()
    assert answer.getheader("Connection") == "keep-alive"
    upload = socket.create_connection(("127.0.0.1", port), timeout=20)
    upload.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf=")
    started = time.monotonic()
    process.terminate()
    wait_for(port, "/readyz", 503)
    assert ask(port, "/healthz") == 200
    kept.request("GET", "/healthz")
    answer = kept.getresponse()
    answer.read()
    assert (answer.status, answer.getheader("Connection")) == (200, "close")
    wait_for(port, "/healthz", 0)
    assert time.monotonic() - started > DELAY
    assert process.poll() is None, "there is a request under way"
    upload.sendall(b"body=")
    assert upload.recv(100).startswith(b"HTTP/1.1 403"), "answered (a form without its token is refused)"
    upload.close()
    assert process.wait(10) == 0


def test_the_second_sigterm_ends_the_delay(web: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = web
    process.terminate()
    wait_for(port, "/readyz", 503)
    started = time.monotonic()
    process.terminate()
    assert process.wait(10) == 0
    assert time.monotonic() - started < DELAY


def test_no_request_is_reset_while_it_ends(web: tuple[subprocess.Popen[bytes], int]) -> None:
    """New connections, one after the other, until they are refused: each one that was accepted is answered."""
    process, port = web
    process.terminate()
    answered = 0
    while (status := ask(port, "/healthz")) != 0:  # raises for a reset
        assert status == 200
        answered += 1
    assert answered > 100
    assert process.wait(10) == 0


def test_clients_that_do_not_close_hold_nobody_up(web: tuple[subprocess.Popen[bytes], int]) -> None:
    _, port = web
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with contextlib.ExitStack() as stack:
        started = time.monotonic()
        for _ in range(6):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            client.sendall(request)
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            time.sleep(0.1)  # gunicorn's own way: its accepting thread now waits two seconds for this client
        assert time.monotonic() - started < 2


def catches_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize(("role", "word"), [("web", "gunicorn"), ("worker", "--hostname=worker-"), ("beat", "celery")])
def test_a_role_is_one_process_that_gets_the_signals_itself(environment: dict[str, str], role: str, word: str) -> None:
    port = str(free_port())
    with entry(environment, role, PORT=port, DRAIN_DELAY="0s") as process:
        deadline = time.monotonic() + 60
        while word not in command_line(process.pid) or not catches_sigterm(process.pid):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.5)
        process.terminate()
        assert process.wait(20) == 0


def test_a_role_that_is_none_and_a_setting_that_is_wrong(environment: dict[str, str]) -> None:
    with entry(environment, "database") as process:
        assert process.wait(30) == 64
    with entry(environment, "web", PORT="none") as process:
        assert process.wait(30) == 78
