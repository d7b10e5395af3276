"""One process of a cluster: `python -m dropbox_clone.entry web|worker|beat|migrate [options of the program behind it]`.

| role | becomes | ends by SIGTERM |
|---|---|---|
| `web` | gunicorn on HOST:PORT | drains for DRAIN_DELAY (draining.py), finishes what is under way, exits 0 |
| `worker` | a Celery worker with two threads, named `worker-<pid>@<host name>` | finishes the jobs in hand, exits 0 |
| `beat` | the clock that starts periodic jobs; run exactly one | exits 0 at once |
| `migrate` | `manage.py prepare`: migrations, default pool, static files | rolls back, exits 143 |

Each role becomes its program by exec: it keeps the process id (1 in a container) and gets every signal itself. Options
after the role go to the program, after the ones given here: `worker --concurrency=4`, `migrate --setup-link`.
Whatever the environment says wrongly ends the process with one line and exit code 78.
"""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from dropbox_clone.configuration import BASE_DIR, read_configuration
from dropbox_clone.env import one_clear_line
from dropbox_clone.private_files import keep_private

USAGE = "usage: python -m dropbox_clone.entry web|worker|beat|migrate [options]"
EX_USAGE = 64  # sysexits.h


def web_command() -> list[str]:
    return ["-m", "gunicorn", "--config", "python:dropbox_clone.web_server.gunicorn_conf", "dropbox_clone.wsgi"]


def worker_command() -> list[str]:
    """A node's name must be its own in the whole cluster: containers differ in host, processes in pid."""
    options = ["--pool=threads", "--concurrency=2", "--loglevel=WARNING", f"--hostname=worker-{os.getpid()}@%h"]
    return [*_celery(), "worker", *options, "--without-gossip", "--without-mingle"]


def beat_command() -> list[str]:
    return [*_celery(), "beat", "--loglevel=WARNING", "--pidfile="]


def _celery() -> list[str]:
    return ["-m", "celery", "--quiet", "-A", "dropbox_clone"]


COMMANDS = {"web": web_command, "worker": worker_command, "beat": beat_command}


def main(arguments: list[str]) -> int:  # noqa: RET503 (exec does not return)
    role, options = (arguments[0], arguments[1:]) if arguments else ("", [])
    if role not in (*COMMANDS, "migrate"):
        sys.stderr.write(f"{USAGE}\n")
        return EX_USAGE
    with one_clear_line():
        keep_private(read_configuration())
    os.chdir(BASE_DIR)
    if role == "migrate":
        return _migrate(options)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *COMMANDS[role](), *options])  # noqa: S606 (no shell is the point)


def _migrate(options: list[str]) -> int:
    """In this process: the first process of a container ignores every signal that it has no handler for."""
    signal.signal(signal.SIGTERM, _end)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropbox_clone.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "prepare", *options])
    return 0


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
