"""Runs steps and groups side by side, as far as the cores reach.

A task starts as soon as everything it waits for is done and there is room. Tasks that are given first start first.
Every process is bounded by its own time limit and is stopped by its process group.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

POLL = 0.2  # seconds
GRACE = 20  # seconds from SIGTERM to SIGKILL
NICENESS = 10
# Others go first. Where Linux shares the cores out by session, it is the session that has to step back.
_STEP_BACK = ("sh", "-c", f'(echo {NICENESS} >/proc/self/autogroup) 2>/dev/null; exec nice -n {NICENESS} "$@"', "sh")


@dataclass(frozen=True)
class Task:
    """`alone`: nothing else runs beside it. `background`: it runs beside whatever there is and steps back for it, one
    such task at a time. `after`: names of tasks that must have succeeded.
    """

    name: str
    command: Sequence[str]
    cores: float
    seconds: int
    after: tuple[str, ...] = ()
    alone: bool = False
    background: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Run:
    """How a task went. `code` is None for one that never started because something before it failed. `processor`:
    seconds of the cores that it and what it waited for has used.
    """

    task: Task
    log: Path
    code: int | None = None
    seconds: float = 0.0
    processor: float = 0.0
    timed_out: bool = False

    @property
    def ok(self) -> bool:
        return self.code == 0 and not self.timed_out


@dataclass
class _Running:
    run: Run
    process: subprocess.Popen[bytes]
    started: float


class Schedule:
    """`finished` is called with each run as it ends, from the thread that called `run`."""

    def __init__(self, tasks: Sequence[Task], *, cores: float, logs: Path, finished: Callable[[Run], None]) -> None:
        self._waiting = list(tasks)
        self._cores, self._logs, self._finished = cores, logs, finished
        self._running: list[_Running] = []
        self._done: dict[str, Run] = {}

    def run(self) -> dict[str, Run]:
        """Every task's run, by name. On KeyboardInterrupt everything that runs is stopped."""
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            while self._waiting or self._running:
                self._give_up_those_that_cannot_start()
                while (task := self._next()) is not None:
                    self._start(task)
                self._collect()
                time.sleep(POLL)
        finally:
            for running in self._running:
                _stop(running.process)
        return self._done

    def _give_up_those_that_cannot_start(self) -> None:
        for task in list(self._waiting):
            if any(name in self._done and not self._done[name].ok for name in task.after):
                self._waiting.remove(task)
                self._end(Run(task, self._logs / f"{task.name}.log"))

    def _next(self) -> Task | None:
        """The first that may start now. A task that wants the machine alone lets no later one pass once it is first."""
        tasks = [running.run.task for running in self._running]
        used = sum(task.cores for task in tasks if not task.background)
        if any(task.alone for task in tasks):
            return None
        for task in self._waiting:
            if not all(name in self._done for name in task.after):
                continue
            if task.alone:
                return task if not self._running else None
            if task.background:
                if not any(other.background for other in tasks):
                    return task
            elif not used or used + task.cores <= self._cores:
                return task
        return None

    def _start(self, task: Task) -> None:
        self._waiting.remove(task)
        log = self._logs / f"{task.name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*_STEP_BACK, *task.command] if task.background else list(task.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**_environment(), **task.variables},
                start_new_session=True,
            )
        self._running.append(_Running(Run(task, log), process, time.monotonic()))

    def _collect(self) -> None:
        for running in list(self._running):
            run, process = running.run, running.process
            seconds = time.monotonic() - running.started
            before = _processor_of_ended()
            if process.poll() is None and seconds < run.task.seconds:
                continue
            if process.poll() is None:
                run.timed_out = True
                _stop(process)
            run.code, run.seconds = process.wait(), seconds
            run.processor = _processor_of_ended() - before
            self._running.remove(running)
            self._end(run)

    def _end(self, run: Run) -> None:
        self._done[run.task.name] = run
        self._finished(run)


def _processor_of_ended() -> float:
    """Of the children that have been waited for, and theirs. It grows by a whole task as that is waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the task and everything it started, SIGKILL after `GRACE` seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            continue


def _environment() -> dict[str, str]:
    """Ours, but that Python keeps what it has compiled: a gate starts some hundred processes of the same code."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
