"""HAProxy: its configuration, and the commands by which replicas join and leave it without a failed request.

Replicas take places (`s1`, `s2`, ...) in both backends. Its configuration is written anew before every start with the
replicas of that moment, so that one that was killed comes back as it was.
"""

import os
import resource
import shutil
import signal
import socket
from dataclasses import dataclass, field
from pathlib import Path

from deploy.cluster.layout import Layout
from deploy.cluster.part import Part
from deploy.haproxy import render
from dropbox_clone.probe import answers

BACKENDS = ("web", "web_alive")
SLOTS = 32


@dataclass
class Balancer:
    layout: Layout
    host: str
    port: int
    # place -> name and port of the replica in it
    taken: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def admin_socket(self) -> Path:
        return self.layout.sockets / "haproxy.sock"

    def part(self) -> Part:
        """Raises FileNotFoundError."""
        binary = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if binary is None:
            raise FileNotFoundError("haproxy is missing: apt-get install haproxy")
        configuration = self.layout.part("haproxy") / "haproxy.cfg"
        return Part(
            name="haproxy",
            kind="haproxy",
            command=[binary, "-db", "-f", str(configuration)],
            log=self.layout.log("haproxy"),
            port=self.port,
            ready=self._answers,
            refresh=lambda: self._write(configuration),
            stop_signal=signal.SIGUSR1,  # no new connections; ends with the last request
            patience=5,
        )

    def add(self, name: str, port: int) -> None:
        """A replica that is ready gets requests from now on."""
        place = next(place for place in _places() if place not in self.taken)
        for backend in BACKENDS:
            self._say(f"set server {backend}/{place} addr 127.0.0.1 port {port}")
            self._say(f"set server {backend}/{place} state ready")
        self.taken[place] = (name, port)

    def drain(self, name: str) -> None:
        """It gets no new requests."""
        for backend in BACKENDS:
            self._say(f"set server {backend}/{self._place(name)} state drain")

    def under_way(self, name: str) -> int:
        """Requests that it works on for us."""
        place = self._place(name)
        lines = [line.split(",") for line in self._say("show stat").splitlines()]
        current = lines[0].index("scur")
        return sum(int(line[current]) for line in lines[1:] if len(line) > 1 and line[1] == place)

    def remove(self, name: str) -> None:
        place = self._place(name)
        for backend in BACKENDS:
            self._say(f"set server {backend}/{place} state maint")
        del self.taken[place]

    def states(self) -> dict[str, str]:
        """Of each replica, as HAProxy sees it: UP, DOWN, DRAIN, ..."""
        rows = [line.split(",") for line in self._say("show stat").splitlines()]
        status = rows[0].index("status")
        found = {
            row[1]: row[status].partition(" ")[0] for row in rows[1:] if len(row) > status and row[0] == BACKENDS[0]
        }
        return {name: found.get(place, "?") for place, (name, _) in self.taken.items()}

    def _place(self, name: str) -> str:
        return next(place for place, (taken, _) in self.taken.items() if taken == name)

    def _write(self, path: Path) -> None:
        servers = {place: f"127.0.0.1:{self.taken[place][1]}" if place in self.taken else None for place in _places()}
        bind = f"{self.host}:{self.port}"
        path.write_text(
            render(
                bind=bind,
                servers=servers,
                admin_socket=str(self.admin_socket),
                maximum_connections=min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2 - 200),
            )
        )

    def _say(self, command: str) -> str:
        """Raises OSError, and RuntimeError with HAProxy's complaint."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.admin_socket))
            connection.sendall(command.encode() + b"\n")
            answer = b""
            while received := connection.recv(1 << 16):
                answer += received
        text = answer.decode().strip()
        if command.startswith("set ") and text and not text.startswith(("IP changed", "no need", "port changed")):
            raise RuntimeError(f"HAProxy: {command}: {text}")
        return text

    def _answers(self) -> bool:
        return answers("127.0.0.1" if self.host == "0.0.0.0" else self.host, self.port, anything=True)  # noqa: S104


def _places() -> list[str]:
    return [f"s{number}" for number in range(1, SLOTS + 1)]
