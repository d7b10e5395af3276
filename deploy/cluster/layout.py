"""Where a cluster keeps things: folders, ports and secrets in DATA_DIR, sockets in a short temporary folder.

`DATA_DIR/cluster.json` tells other programs how to reach the one that runs; it is there only while it runs.
"""

import fcntl
import json
import os
import random
import secrets
import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Below those that the kernel gives to connections of its own accord, and below those of tests (tests/servers/ports.py).
PORTS = range(10_000, 20_000)


class DataDirInUse(Exception):
    """Another cluster runs on this DATA_DIR."""


@dataclass
class Layout:
    """`folder` is DATA_DIR, `sockets` a folder with a short name: the path of a Unix socket has 107 bytes at most."""

    folder: Path
    sockets: Path
    _lock: Any = None
    _kept: list[socket.socket] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path) -> "Layout":
        """Raises DataDirInUse."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataDirInUse(f"a cluster runs on {folder} already: python -m deploy.cluster status") from None
        sockets = Path(tempfile.mkdtemp(prefix="dropbox_clone_"))
        sockets.chmod(0o711)
        return cls(folder, sockets, lock)

    def part(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def log(self, name: str) -> Path:
        (self.folder / "logs").mkdir(exist_ok=True)
        return self.folder / "logs" / f"{name}.log"

    def port(self, name: str, wanted: int | None = None) -> int:
        """The one of the last time when it is free still, else a new one; `wanted` goes before both."""
        known = self._read("ports.json")
        port = wanted or known.get(name)
        if not port or (not wanted and not is_free(port)):
            port = free_port(set(known.values()))
        known[name] = port
        self._write("ports.json", known)
        return int(port)

    def kept_port(self, name: str) -> int:
        """One that belongs to this cluster until it ends, also while nobody listens on it.

        A replica that was killed comes back to a port that HAProxy goes on asking: a program that took it meanwhile
        would get requests that are not meant for it. Only a server of the same user that sets SO_REUSEPORT can listen.
        """
        port = self.port(name)
        while True:
            try:
                self._kept.append(keep(port))
            except OSError:  # connections of the last time linger there, or somebody took it since it was looked at
                port = self.port(name, free_port({port}))
            else:
                return port

    def secret(self, name: str) -> str:
        """Made once; for its owner only."""
        known = self._read("secrets.json")
        if name not in known:
            known[name] = secrets.token_urlsafe(40)
            self._write("secrets.json", known)
        return str(known[name])

    def announce(self, **values: Any) -> None:
        self._write("cluster.json", values)

    def close(self) -> None:
        (self.folder / "cluster.json").unlink(missing_ok=True)
        for path in self.sockets.iterdir():
            path.unlink(missing_ok=True)
        self.sockets.rmdir()
        for kept in self._kept:
            kept.close()
        self._lock.close()

    def _read(self, name: str) -> dict[str, Any]:
        try:
            values: dict[str, Any] = json.loads((self.folder / name).read_text())
        except FileNotFoundError:
            values = {}
        return values

    def _write(self, name: str, values: dict[str, Any]) -> None:
        temporary = self.folder / f".{name}.{os.getpid()}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(values, file, indent=1)
        temporary.rename(self.folder / name)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def keep(port: int) -> socket.socket:
    """Bound and never listening: connections are refused as before. Raises OSError when it is taken.

    The option is set after the binding, which therefore fails where another cluster has done the same.
    """
    kept = socket.socket()
    try:
        kept.bind(("127.0.0.1", port))
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError:
        kept.close()
        raise
    return kept


def free_port(taken: set[int]) -> int:
    while True:
        port = random.choice(PORTS)  # noqa: S311 (no secret)
        if port not in taken and is_free(port):
            return port
