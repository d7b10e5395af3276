"""Going away without anybody noticing: between SIGTERM and the end of a web server.

1. SIGTERM reaches gunicorn's master. /readyz of all its processes turns 503, answers say `Connection: close`, and
   everything else is served as before, for DRAIN_DELAY: whoever balances the load sees it and sends no more.
2. The listening socket is closed, so that a new connection is refused (and tried elsewhere) instead of waiting in
   a queue that nobody reads any more. Connections that wait in it already are taken first.
3. Requests under way are finished, within STOP_TIMEOUT; long-polls are answered at once. The exit code is 0.

A second SIGTERM ends step 1 at once.
"""

import mmap
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

_flag = mmap.mmap(-1, 1)  # one byte that the master and the processes it forks share


def is_draining() -> bool:
    return _flag[0] != 0


def begin() -> None:
    _flag[0] = 1


def stop_late(server: Any, seconds: float) -> None:
    """Have gunicorn's master (an Arbiter) serve on for `seconds` after SIGTERM."""
    stop: Callable[[], None] = server.handle_term

    def handle_term() -> None:
        if is_draining() or not seconds:
            begin()
            stop()
        begin()
        server.log.info("draining for %g seconds", seconds)
        signal.signal(signal.SIGALRM, _time_is_over)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    server.handle_term = handle_term


def _time_is_over(number: int, frame: FrameType | None) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
