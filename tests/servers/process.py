"""A server process of a test: started, waited for, stopped by its own id."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path


class ServerProcess:
    """Runs until `stop()`; its output is in `log`."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> None:
        self.log = folder / "server.log"
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                command, cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=environment
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Ask until it is ready; a server that ends or stays silent is an error with the end of its log."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(
                    f"{self._process.args!r} did not start:\n{self.log.read_text(errors='replace')[-3000:]}"
                )
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self, seconds: float = 10) -> None:
        """SIGTERM, then SIGKILL. Idempotent."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self._process.kill()
        self._process.wait()
