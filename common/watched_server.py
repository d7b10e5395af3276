"""A server that requests need, and that may be away: nobody waits for it then.

`away` is what everybody looks at before they need the server; it is an attribute, so looking costs nothing. A thread
that has waited for a moment calls `is_there`; a thread whose error leaves no doubt calls `found_away`. From then on
one thread asks again and again until the server answers. The pause between two questions does not grow: a small
question of one thread is cheap, and every request fails until it is answered.
"""

import threading
import time
from abc import ABC, abstractmethod
from typing import ClassVar


class WatchedServer(ABC):
    """One address, for all threads of a process. A forked process must forget it, because it has no such thread."""

    pause: ClassVar[float]  # seconds between two questions while it is away
    moment: ClassVar[float]  # seconds for which an answer to `is_there` counts
    watcher: ClassVar[str]  # the name of the thread that asks

    def __init__(self) -> None:
        self.away = False
        self._state = threading.Lock()  # held for a change of `away`, never while somebody waits for the server
        self._asking = threading.Lock()  # held by the one thread that asks
        self._answered_at = self._away_since = float("-inf")  # on the monotonic clock

    @abstractmethod
    def _answers(self) -> bool:
        """Ask it something small, and wait for about a second at most."""

    @abstractmethod
    def _on_away(self, cause: BaseException | None) -> None:
        """Once, when it was found away and before anybody asks it again."""

    @abstractmethod
    def _on_return(self, seconds: float) -> None:
        """Once, when it is there again. It was away for so long."""

    def _may_return(self) -> bool:
        """Whether it may count as there, now that it answers. Called under `_state`; if not, it is asked once more."""
        return True

    def is_there(self) -> bool:
        """Whether it answers now, or did so a moment ago. While another thread asks, it counts as there."""
        if self.away:
            return False
        if time.monotonic() - self._answered_at < self.moment or not self._asking.acquire(blocking=False):
            return True
        try:
            if self._is_known_away():
                return False
            if self._answers():
                self._answered_at = time.monotonic()
                return True
            self.found_away()
        finally:
            self._asking.release()
        return False

    def _is_known_away(self) -> bool:
        return self.away  # since the thread that asked before us

    def found_away(self, cause: BaseException | None = None) -> None:
        """It fails or is silent. Of many calls at once, the first counts."""
        with self._state:
            if self.away:
                return
            self.away, self._away_since = True, time.monotonic()
        self._on_away(cause)
        threading.Thread(target=self._wait_for_return, name=self.watcher, daemon=True).start()

    def _wait_for_return(self) -> None:
        while not (self._answers() and self._has_returned()):
            time.sleep(self.pause)
        self._on_return(time.monotonic() - self._away_since)

    def _has_returned(self) -> bool:
        with self._state:
            self.away = not self._may_return()
            return not self.away
