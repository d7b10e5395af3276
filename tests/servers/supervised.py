"""The whole of `make run` as a real process: the supervisor, on a free port, with a folder of its own.

    with Supervised.start(folder) as product:
        requests.get(f"{product.url}/healthz")
        product.kill("gunicorn")     # kill -9; the supervisor starts it again

tests/servers/product.py starts the same web server without the supervisor, which is quicker.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.servers.ports import free_port
from tests.servers.prepared import copy_database

ROOT = Path(__file__).resolve().parents[2]
_OWN = {
    "DATABASE_URL",
    "STORAGE_URL",
    "SECRET_KEY",
    "EMAIL_URL",
    "ALLOWED_HOSTS",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "DJANGO_SETTINGS_MODULE",
}


class Supervised:
    """One running installation. What it prints is in `lines`, its log in `folder/log`."""

    def __init__(self, folder: Path, *, command: list[str] | None = None, cwd: Path = ROOT, **variables: str) -> None:
        self.folder = folder
        self.command = command or [sys.executable, "-m", "dropbox_clone.supervisor"]
        self.cwd = cwd
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if name not in _OWN}
        own = {"DATA_DIR": str(folder / "data"), "HOST": "127.0.0.1", "PORT": str(self.port)}
        self.environment = {**inherited, **own, **variables}
        self.lines: list[str] = []
        self._printed: queue.Queue[str | None] = queue.Queue()
        self.process: subprocess.Popen[str] | None = None

    @classmethod
    @contextlib.contextmanager
    def start(cls, folder: Path, *, timeout: float = 120, **variables: str) -> Iterator[Supervised]:
        product = cls(folder, **variables)
        if "DATABASE_URL" not in variables:
            (folder / "data").mkdir(exist_ok=True)
            copy_database(folder / "data" / "db.sqlite3")
        product.run(timeout)
        try:
            yield product
        finally:
            product.stop()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def run(self, timeout: float = 120) -> None:
        """Start, and wait for the line with the URL. Raises RuntimeError with the log."""
        self.spawn()
        self.wait_for_line("is running at", timeout)

    def spawn(self) -> None:
        self.lines = []
        self._printed = queue.Queue()
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        threading.Thread(target=_read, args=(self.process, self._printed), daemon=True).start()

    def wait_for_line(self, part: str, timeout: float) -> str:
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self._printed.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise RuntimeError(f"no line with {part!r} after {timeout} s; {self.lines}; log:\n{self.log()[-3000:]}")
            self.lines.append(line)
            if part in line:
                return line

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM, timeout: float = 15) -> tuple[int, float]:
        """The exit code and how many seconds it took."""
        assert self.process is not None
        started = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode, time.monotonic() - started

    def pids(self) -> dict[int, str]:
        """Every process below the supervisor, with its command line."""
        return {pid: command_line(pid) for pid in descendants(self.pid)}

    def pid_of(self, word: str) -> int:
        """The supervisor's own child whose command line has `word` (`gunicorn` or `celery`)."""
        return next(pid for pid in children(self.pid) if word in command_line(pid))

    def kill(self, word: str) -> int:
        """SIGKILL to that child; its pid."""
        pid = self.pid_of(word)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_until_it_answers(self, timeout: float = 30) -> None:
        deadline = time.monotonic() + timeout
        while True:
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.url}/healthz", timeout=5).status_code == 200:
                    return
            if time.monotonic() > deadline:
                raise RuntimeError(f"no answer after {timeout} s; log:\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """The output of a management command on this installation."""
        python = sys.executable if self.cwd == ROOT else str(self.cwd / ".venv" / "bin" / "python")
        result = subprocess.run(
            [python, "manage.py", *arguments],
            cwd=self.cwd,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if result.returncode != 0:
            raise RuntimeError(f"manage.py {' '.join(arguments)}: {result.stdout}{result.stderr}")
        return result.stdout


def _read(process: subprocess.Popen[str], printed: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        printed.put(line.rstrip("\n"))
    printed.put(None)


def children(pid: int) -> list[int]:
    """Of the main thread, which is the one that starts processes here."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid: int) -> list[int]:
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_running(pid: int) -> bool:
    """A zombie has ended; only its parent has not noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pids: list[int], timeout: float) -> list[int]:
    """Those that still run after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while (left := [pid for pid in pids if is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left
