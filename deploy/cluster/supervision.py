"""Keeps parts running and reports what happens to them. It has one thread, so every wait is a wait in here."""

import signal
import sys
import time
from collections.abc import Callable

from deploy.cluster import log_files
from deploy.cluster.part import Part, log_end
from dropbox_clone.process import StartFailed

LOGS_EVERY = 5.0  # seconds between two looks at whether a log is full


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Supervision:
    """`while_waiting` is called again and again with a number of seconds that it may take."""

    def __init__(self, while_waiting: Callable[[float], None] = time.sleep) -> None:
        self.parts: dict[str, Part] = {}
        self.while_waiting = while_waiting
        self._logs_at = 0.0

    def add(self, part: Part) -> Part:
        self.parts[part.name] = part
        return part

    def start(self, *parts: Part, seconds: float = 90) -> None:
        """Start all and wait until all are ready. Raises StartFailed, Stop; parts that did not start are stopped."""
        for part in parts:
            self.add(part).start()
        for part in parts:
            if not self._gets_ready(part, seconds):
                self.stop(*parts)
                raise StartFailed(f"{part.name} did not get ready:\n{log_end(part)}")

    def _gets_ready(self, part: Part, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not (ready := part.ready()) and part.deaths < 3 and time.monotonic() < deadline:
            self.step(0.05)
        return ready

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Raises TimeoutError, Stop."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError
            self.step(0.05)

    def step(self, seconds: float) -> None:
        """Start again what has ended, then let others work. Raises Stop."""
        for part in self.parts.values():
            if part.given_up or part.process is None:
                continue
            message = None if part.held else part.look_after()
            if message:
                say(message)
            elif part.alive() and part.liveness is not None and part.liveness.dead():
                say(f"{part.name} does not answer and is killed")
                part.send_to_all(signal.SIGKILL)
        self._look_after_logs()
        self.while_waiting(seconds)

    def _look_after_logs(self) -> None:
        if time.monotonic() < self._logs_at:
            return
        self._logs_at = time.monotonic() + LOGS_EVERY
        logs = {part.log for part in self.parts.values()}
        for log in logs:
            log_files.rotate(log)
        for folder in {log.parent for log in logs}:
            log_files.remove_orphans(folder, logs)

    def stop(self, *parts: Part, twice: bool = False, wait: Callable[[float], None] | None = None) -> None:
        """All at once: their stop signal, and SIGKILL to what is left after their patience. Then they are forgotten.

        `twice` sends the signal again, which replicas understand as: do not serve on, nobody will ask. `wait` is what
        to do meanwhile instead of looking after the other parts. Raises Stop.
        """
        wait = wait or self.step
        for part in parts:
            part.held = True
            part.send_to_all(signal.SIGCONT)  # what is frozen cannot stop
            part.send(part.stop_signal)
        if twice:
            wait(0.1)
            for part in parts:
                part.send(part.stop_signal)
        started = time.monotonic()
        for part in parts:
            while part.alive() and time.monotonic() - started < part.patience:
                wait(0.02)
            if part.alive():
                say(f"{part.name} did not stop within {part.patience:g} s and is killed")
            part.kill()
            self.parts.pop(part.name, None)
