"""Processes that must always run, and must not outlive the one that started them (Linux).

The rules (when to start again, what to report, what to kill) are those of both supervisors: of `make run`
(dropbox_clone/supervisor.py) and of the cluster on one machine (deploy/cluster/supervision.py). What they do between
two looks is their own (docs/decisions/0051-one-rule-of-restarting-two-loops.md).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)
STEADY = 30.0  # seconds after which a process counts as running well, and its next death as the first


class Stop(Exception):
    """Somebody asked us to stop."""


class StartFailed(Exception):
    """The text is for the operator. `code` is what we end with."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass(kw_only=True)
class KeptProcess:
    """One that leads a process group of its own. `start_at` is when to start it again; None while it runs. `deaths` are
    those in a row.
    """

    back_off: ClassVar[Sequence[float]]  # seconds before the next start, by the number of deaths in a row

    name: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started_at: float = 0.0
    start_at: float | None = None
    deaths: int = 0

    def start(self) -> None:
        """The first time, and each time after it has ended. Calls `has_started`."""
        raise NotImplementedError

    def look_after(self) -> str | None:
        """Start it again when that is due, and notice when it has ended: then returns what to tell the operator."""
        if self.start_at is None:
            return None if self.alive() else self.note_death()
        if time.monotonic() >= self.start_at:
            self.start()
        return None

    def note_death(self) -> str:
        """Decide when to start it again. Returns what to tell the operator."""
        self.signal_group(signal.SIGKILL)  # what it left there
        self.count_death()
        delay = self.back_off[min(self.deaths, len(self.back_off)) - 1]
        self.start_at = time.monotonic() + delay
        return f"{self.name} ended ({self.how_it_ended()}); starting it again in {delay:g} s"

    def has_started(self, process: subprocess.Popen[bytes]) -> None:
        self.process, self.started_at, self.start_at = process, time.monotonic(), None

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def how_it_ended(self) -> str:
        assert self.process is not None
        code = self.process.returncode
        if code >= 0:
            return f"exit code {code}"
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
        return f"signal {-code}"

    def count_death(self) -> None:
        self.deaths = 1 if time.monotonic() - self.started_at > STEADY else self.deaths + 1

    def signal_group(self, number: signal.Signals) -> None:
        """Its process group, also what it left there."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """It and its process group, and wait for its end."""
        self.signal_group(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send a signal to this process when its parent dies, even by SIGKILL.

    `parent` is the pid that the parent must have: when it died before this call, this process ends at once.
    """
    if _LIBC.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os._exit(1)
