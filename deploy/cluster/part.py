"""One process of the cluster: started, probed until it is ready, killed, frozen, started again."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.cluster.liveness import Liveness
from dropbox_clone.process import KeptProcess, die_with_parent

BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds before the next start of a part that keeps dying
GIVE_UP = 12  # deaths in a row


@dataclass(kw_only=True)
class Part(KeptProcess):
    """`kind` is what it is (`web`, `postgresql`, ...), `name` its own name (`web-3`).

    `refresh` is called before every start: it may write a configuration file. `held` parts stay down until they are
    started by hand. One whose `liveness` is lost is killed, and so started again.
    """

    back_off = BACK_OFF

    kind: str
    command: list[str]
    log: Path
    ready: Callable[[], bool]
    port: int | None = None
    folder: Path | None = None
    environment: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0  # seconds from stop_signal to SIGKILL
    refresh: Callable[[], None] = lambda: None
    restarts: int = 0
    held: bool = False
    liveness: Liveness | None = None
    given_up: bool = False

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None and self.alive() else None

    def start(self) -> None:
        """From the main thread of a process with one thread only: it dies with that one, even by SIGKILL."""
        self.refresh()
        parent = os.getpid()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509 (one thread)
            )
        self.has_started(process)
        self.held = self.given_up = False

    def note_death(self) -> str:
        self.send_to_all(signal.SIGKILL)  # what it left in its process group, and elsewhere
        message = super().note_death()
        if self.deaths > GIVE_UP:
            self.start_at, self.given_up = None, True
            return f"{self.name} ended ({self.how_it_ended()}) {self.deaths} times in a row: given up; see {self.log}"
        self.restarts += 1
        return message

    def send(self, number: signal.Signals) -> None:
        if self.alive():
            assert self.process is not None
            self.process.send_signal(number)

    def send_to_all(self, number: signal.Signals) -> None:
        """Its process group and whatever else descends from it."""
        if self.process is None:
            return
        for pid in descendants(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        self.signal_group(number)

    def kill(self) -> None:
        self.send_to_all(signal.SIGKILL)
        super().kill()


def descendants(pid: int) -> list[int]:
    """All processes below `pid`."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        below = [int(word) for thread in threads for word in (thread / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [found for child in below for found in (child, *descendants(child))]


def log_end(part: Part, characters: int = 2000) -> str:
    try:
        return part.log.read_text(errors="replace")[-characters:]
    except FileNotFoundError:
        return ""
