"""The product's own processes, by its roles (dropbox_clone/entry.py), each from a release: a folder with its code."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.cluster.layout import Layout
from deploy.cluster.liveness import Liveness
from deploy.cluster.part import Part
from dropbox_clone.probe import answers
from dropbox_clone.process import die_with_parent

REPOSITORY = Path(__file__).resolve().parents[2]
DRAIN_DELAY, STOP_TIMEOUT = 3, 30  # seconds
# What the environment of whoever starts us says of these is not meant for the replicas.
NOT_OURS = (
    "HOST",
    "PORT",
    "DATA_DIR",
    "DJANGO_SETTINGS_MODULE",
    "TEST_DATABASE_URL",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
)


@dataclass
class Product:
    """`variables` are what all its processes are told by environment variables."""

    layout: Layout
    variables: Mapping[str, str]
    release: Path = REPOSITORY
    counters: dict[str, int] = field(default_factory=dict)

    def web(self) -> Part:
        name = self._name("web")
        port = self.layout.kept_port(name)
        settings = f"{os.environ.get('GUNICORN_CMD_ARGS', '')} --reuse-port".strip()
        extra = {"PORT": str(port), "GUNICORN_CMD_ARGS": settings}
        return self._part(name, "web", extra, port=port, patience=DRAIN_DELAY + STOP_TIMEOUT + 3)

    def worker(self) -> Part:
        return self._part(self._name("worker"), "worker", {})

    def beat(self) -> Part:
        return self._part("beat", "beat", {}, patience=3)

    def migrate(self) -> "subprocess.Popen[bytes]":
        """It prints the set-up link, or nothing; what else it says is in its log."""
        parent = os.getpid()
        with self.layout.log("migrate").open("ab") as log:
            return subprocess.Popen(
                [*self._entry(), "migrate", "--setup-link"],
                env=self._environment({}),
                cwd=self.release,
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                process_group=0,
                preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509 (one thread)
            )

    def _part(
        self, name: str, role: str, extra: dict[str, str], *, port: int | None = None, patience: float = 10
    ) -> Part:
        options = ["--concurrency=2"] if role == "worker" else []
        return Part(
            name=name,
            kind=role,
            command=[*self._entry(), role, *options],
            folder=self.release,
            environment=self._environment(extra),
            log=self.layout.log(name),
            port=port,
            ready=lambda: port is None or answers("127.0.0.1", port, "/readyz"),
            patience=patience,
            liveness=None if port is None else Liveness(port),
        )

    def _entry(self) -> list[str]:
        own = self.release / ".venv" / "bin" / "python"
        return [str(own) if own.exists() else sys.executable, "-m", "dropbox_clone.entry"]

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        return {**inherited, **self.variables, **extra, "PYTHONPATH": str(self.release)}

    def _name(self, role: str) -> str:
        self.counters[role] = self.counters.get(role, 0) + 1
        return f"{role}-{self.counters[role]}"
