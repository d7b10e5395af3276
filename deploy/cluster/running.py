"""A cluster from the point of view of another program: started below it, asked over its control socket.

with start(folder, web=3) as cluster:
    requests.get(cluster.url)
    cluster.parts["web-2"].kill()          # kill -9; the cluster starts it again
    cluster.parts["postgresql"].freeze()   # SIGSTOP to all its processes; thaw() ends it
    cluster.command("roll")
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.cluster.control import ControlFailed, ask
from deploy.cluster.layout import Layout
from deploy.cluster.part import descendants
from deploy.cluster.product import NOT_OURS, REPOSITORY

BACKENDS = (
    "DATABASE_URL",
    "CACHE_URL",
    "BROKER_URL",
    "SEARCH_URL",
    "STORAGE_URL",
    "EMAIL_URL",
    "BASE_URL",
    "SECRET_KEY",
)


@dataclass(frozen=True)
class RunningPart:
    """One line of `status` of a moment: after a restart it has another pid, so ask `cluster.parts` again."""

    cluster: "RunningCluster"
    name: str
    kind: str  # postgresql redis rabbitmq epmd object-store haproxy web worker beat
    pid: int | None
    port: int | None
    log: Path
    state: str  # running, restarting, held, given up; of replicas what HAProxy says: UP, DOWN, DRAIN, ...
    restarts: int

    def kill(self) -> None:
        """kill -9 of all its processes; the cluster starts it again, sooner or later (part.py: BACK_OFF)."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM as an orchestrator sends it: to the first process. The cluster starts it again after its end."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def freeze(self) -> None:
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def hold(self) -> None:
        """kill -9, and it stays down until `restart`."""
        self.cluster.command("hold", self.name)

    def restart(self) -> None:
        """Of a held part; returns when it is ready."""
        self.cluster.command("start", self.name)

    def _send(self, number: signal.Signals) -> None:
        if self.pid is None:
            return
        for pid in (self.pid, *descendants(self.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


class RunningCluster:
    """`output` is where it writes what happens; logs of the parts are in `folder`/logs."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self.folder, self.process, self.output = folder, process, output

    @property
    def url(self) -> str:
        return str(self.status()["url"])

    @property
    def parts(self) -> dict[str, RunningPart]:
        """As they are now, by name."""
        return {row["name"]: RunningPart(self, **{**row, "log": Path(row["log"])}) for row in self.status()["parts"]}

    def of(self, kind: str) -> list[RunningPart]:
        return [part for part in self.parts.values() if part.kind == kind]

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = ask(self.folder, "status", seconds=30)
        return status

    def command(self, *words: str, seconds: float = 600) -> Any:
        """`scale web 5`, `roll [path]`, `hold name`, `start name`. Returns when it is done. Raises ControlFailed."""
        return ask(self.folder, *words, seconds=seconds)

    def environment(self) -> dict[str, str]:
        """What replicas are told, for `manage.py` and tools that work on the same database and storage."""
        variables: dict[str, str] = ask(self.folder, "environment", seconds=30)
        return {**_inherited(), **variables}

    def manage(self, *words: str, stdin: str = "") -> str:
        """What `manage.py` prints. Raises subprocess.CalledProcessError."""
        command = [sys.executable, "manage.py", *words]
        environment = self.environment()
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, input=stdin, text=True, capture_output=True, check=True
        )
        return done.stdout

    def wait_until(self, part: str, state: str, seconds: float = 60) -> RunningPart:
        """Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while (found := self.parts.get(part)) is None or found.state != state:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{part} is {found.state if found else 'gone'}, not {state}")
            time.sleep(0.1)
        return found

    def stop(self, seconds: float = 120) -> int:
        """SIGTERM, as Ctrl-C; the exit code. Raises subprocess.TimeoutExpired."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(seconds)


@contextlib.contextmanager
def start(
    folder: Path,
    *,
    web: int = 3,
    workers: int = 2,
    broker: str = "rabbitmq",
    storage: str = "",
    through: Mapping[str, int] | None = None,
    seconds: float = 300,
    **variables: str,
) -> Iterator[RunningCluster]:
    """A cluster with its data in `folder`, ready; stopped at the end, whatever happens.

    `variables` are settings of the product (`DRAIN_DELAY="2s"`). PostgreSQL runs as another user when we are root,
    who must be able to enter `folder`: tempfile.mkdtemp() with mode 0711. `through` are ports of proxies that stand
    before parts of a kind (postgresql, redis, rabbitmq, object-store), whose own ports `ports_of` tells beforehand.
    Raises RuntimeError with what it said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / "cluster.log"
    settings = [word for name, value in variables.items() for word in ("--set", f"{name}={value}")]
    command = [sys.executable, "-m", "deploy.cluster", "run", "--web", str(web), "--workers", str(workers)]
    command += ["--broker", broker, *(["--storage", storage] if storage else []), *settings]
    command += [word for kind, port in (through or {}).items() for word in ("--through", f"{kind}={port}")]
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**_inherited(), "DATA_DIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    cluster = RunningCluster(folder, process, output)
    try:
        _wait(cluster, seconds)
        yield cluster
    finally:
        try:
            cluster.stop()
        except subprocess.TimeoutExpired:
            process.kill()  # the kernel kills its parts with it
            process.wait()


def ports_of(folder: Path, storage: str) -> dict[str, int]:
    """The ports that the parts of a cluster in `folder` will have, by kind. Raises DataDirInUse when it runs."""
    folder.mkdir(parents=True, exist_ok=True)
    layout = Layout.open(folder)
    names = {"postgresql": "postgresql", "redis": "redis", "rabbitmq": "rabbitmq"}
    names["object-store"] = "minio" if storage == "minio" else "seaweedfs.s3.port"
    ports = {kind: layout.port(name) for kind, name in names.items()}
    layout.close()
    return ports


def _wait(cluster: RunningCluster, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(ControlFailed, json.JSONDecodeError):
            cluster.status()
            return
        if cluster.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the cluster did not start:\n{cluster.output.read_text(errors='replace')[-5000:]}")
        time.sleep(0.1)


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in (*NOT_OURS, *BACKENDS)}
