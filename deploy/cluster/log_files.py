"""Logs of the parts keep a bounded size: a full one becomes `web-1.log.1`, that one `.2`, and the last one goes.

The parts write to a descriptor that they have inherited, so a full log is copied and emptied under them. It was opened
for appending: what they write next is the beginning of the empty file. What is written between the last read and the
emptying, some microseconds, is lost.
"""

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

LIMIT = 50 * 1024 * 1024  # bytes
KEPT = 3
ORPHANS = 20  # logs of parts that are no more, as replicas that were replaced


def rotate(log: Path) -> bool:
    """Whether it was full. A disk that is full must not end the cluster, so errors leave everything as it is."""
    try:
        if log.stat().st_size <= LIMIT:
            return False
        for number in range(KEPT - 1, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                _numbered(log, number).replace(_numbered(log, number + 1))
        _move_content(log, _numbered(log, 1))
    except OSError:
        return False
    return True


def remove_orphans(folder: Path, logs: Collection[Path]) -> None:
    """All but the latest of those that are not in `logs`."""
    with contextlib.suppress(OSError):
        orphans = [path for path in folder.glob("*.log") if path not in logs]
        for path in sorted(orphans, key=lambda path: path.stat().st_mtime, reverse=True)[ORPHANS:]:
            for number in range(1, KEPT + 1):
                _numbered(path, number).unlink(missing_ok=True)
            path.unlink(missing_ok=True)


def _move_content(source: Path, target: Path) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as copy, source.open("r+b") as log:
        while piece := log.read(1 << 20):
            copy.write(piece)
        log.truncate(0)


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
