"""The health check of a container: `python -m dropbox_clone.probe`, exit code 0 when it is well.

The web server (a replica, or all in one) must answer /healthz; it asks no dependency, see health.py. A worker and the
clock listen to nobody, and when their broker is away a new process would not fare better: they are well while they run.
Nothing of Django is imported, so that asking every ten seconds costs little.
"""

import http.client
import os
import sys
from pathlib import Path

TIMEOUT = 2.0  # seconds
FIRST_PROCESS = Path("/proc/1/cmdline")


def serves_web(command_line: bytes) -> bool:
    """Whether the container's first process is, or runs, a web server: all but Celery's own."""
    words = command_line.split(b"\0")
    return b"celery" not in words


def answers(host: str, port: int, path: str = "/healthz", timeout: float = TIMEOUT, *, anything: bool = False) -> bool:
    """Whether a GET is answered with 200 (`anything`: whatever the status) within `timeout` seconds."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK or anything
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    if not serves_web(FIRST_PROCESS.read_bytes()) or answers("127.0.0.1", int(os.environ.get("PORT", "8000"))):
        return 0
    sys.stderr.write("the web server does not answer\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
