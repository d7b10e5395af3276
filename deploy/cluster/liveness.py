"""Whether a replica lives: what an orchestrator asks of /healthz, and kills it for.

Nothing here waits, because whoever keeps the parts running has one thread.
"""

import select
import socket
import time
from dataclasses import dataclass

EVERY, PATIENCE, FAILURES = 1.0, 2.0, 2  # seconds between two questions; for an answer; in a row until it is dead
QUESTION = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass
class Liveness:
    """Of one process on a port of 127.0.0.1. A refused connection is no failure: a replica that ends refuses them."""

    port: int
    failures: int = 0
    asked_at: float = 0.0
    asking: socket.socket | None = None

    def dead(self) -> bool:
        """To be called again and again: goes on with the question that is under way. True once, for a frozen one."""
        now = time.monotonic()
        if self.asking is None:
            if now - self.asked_at >= EVERY:
                self._ask(now)
            return False
        if self._has_answered():
            self.failures = 0
            self.close()
        elif now - self.asked_at > PATIENCE:
            self.failures += 1
            self.close()
            if self.failures >= FAILURES:
                self.failures = 0
                return True
        return False

    def close(self) -> None:
        if self.asking is not None:
            self.asking.close()
            self.asking = None

    def _ask(self, now: float) -> None:
        self.asked_at = now
        connection = socket.socket()
        connection.settimeout(0.2)  # on this machine a connection is there at once, even to a frozen process
        try:
            connection.connect(("127.0.0.1", self.port))
            connection.sendall(QUESTION)
        except TimeoutError:
            self.failures += 1  # nobody takes connections any more
            connection.close()
        except OSError:
            connection.close()
        else:
            self.asking = connection

    def _has_answered(self) -> bool:
        """Also by an end of the connection."""
        assert self.asking is not None
        waiting = select.poll()
        waiting.register(self.asking, select.POLLIN)
        return bool(waiting.poll(0))
