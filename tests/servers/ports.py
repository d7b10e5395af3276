"""Free ports of 127.0.0.1 for servers that tests start.

They lie below those that the system gives to connections, and nobody is given one that somebody was given a short time
ago: tests that run side by side would else take each other's products for their own.
"""

import fcntl
import os
import random
import socket
import tempfile
import time
from pathlib import Path

GIVEN = (
    Path(tempfile.gettempdir()) / f"dropbox_clone_ports_{os.getuid()}"
)  # a file for each port, touched as it is given
KEPT = 900  # seconds after which a port that is free may be given again
FIRST_OF_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")
HOW_MANY = 12_000


def free_ports(count: int) -> list[int]:
    """Distinct ports on which nobody listens. RuntimeError when there are none."""
    GIVEN.mkdir(exist_ok=True)
    found: list[int] = []
    with (GIVEN / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for port in _in_any_order():
            if len(found) == count:
                break
            if not _was_given(port) and _is_free(port):
                (GIVEN / str(port)).touch()
                found.append(port)
    if len(found) < count:
        raise RuntimeError(f"there are no {count} free ports")
    return found


def free_port() -> int:
    return free_ports(1)[0]


def _in_any_order() -> list[int]:
    try:
        end = int(FIRST_OF_CONNECTIONS.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        end = 32768
    end = max(end, 20_000)
    return random.sample(range(end - HOW_MANY, end), HOW_MANY)


def _was_given(port: int) -> bool:
    try:
        return time.time() - (GIVEN / str(port)).stat().st_mtime < KEPT
    except FileNotFoundError:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
