"""A server process of a test: started, waited for, stopped by its own id."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
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

    def listens_on(self, port: int) -> bool:
        """Whether it is this process that listens there, and not a server of somebody else."""
        own = set(_open_files(self.pid))
        return any(f"socket:[{inode}]" in own for inode in _listeners(port))

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


def _open_files(pid: int) -> Iterator[str]:
    """What its descriptors stand for: `socket:[1234]`, paths, ..."""
    for file in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(FileNotFoundError):
            yield os.readlink(file)


def _listeners(port: int) -> Iterator[str]:
    """The inodes of the TCP sockets that listen on it (proc_net_tcp.rst)."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                yield inode
