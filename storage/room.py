"""Room on the disk of a folder of objects: a floor of free bytes that no writer takes, alone or with others.

Writers of every process see each other by their unfinished files, whose names say how much is to come: a writer makes
its file first and looks at the others then, so that of two who start at the same moment at least one sees the other.
Nothing is kept that a killed process could leave behind for long.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator

from storage.base import StorageError
from storage.durable import storage_error

SMALL = 1 << 20  # bytes: a smaller object looks at the others only where the disk is nearly full
NEARLY_FULL = 4 << 30
STEP = 16 << 20  # bytes between two looks; what a writer who has announced nothing may write next
MOST = 1 << 30  # bytes of one writer that others leave room for: who announces all of the disk stops nobody
SILENT = 600.0  # seconds without a byte after which a writer is dead, or may as well be


class _Floor:
    bytes = 0


def keep_free(floor: int) -> None:
    """Bytes of the disk of every folder that no writer of this process takes from now on."""
    _Floor.bytes = floor


def suffix(expected: int | None) -> str:
    """The end of the name of an unfinished file."""
    return ".step" if expected is None else f".size{expected}"


class DiskRoom:
    """For one writer. `folder` is where the unfinished files are, `name` the writer's own there."""

    def __init__(self, folder: str, name: str, key: str, expected: int | None) -> None:
        self._folder, self._name, self._key, self._expected = folder, name, key, expected

    def require(self) -> None:
        """Before the first byte. Raises `no_space`."""
        wanted = 1 if self._expected is None else self._expected
        free = self._free()
        if wanted < SMALL and free - wanted >= NEARLY_FULL:
            return
        if free - wanted < self._pending(MOST):
            raise self._full()

    def passing(self, chunks: Iterable[bytes | memoryview]) -> Iterator[bytes | memoryview]:
        """The same chunks; looks again every STEP bytes, because others write to this disk too. Raises `no_space`."""
        written, checked = 0, min(STEP, self._expected or 0)  # what was announced was looked at as a whole
        for chunk in chunks:
            if written + len(chunk) > checked:
                room = self._free() - self._pending(STEP)
                if room < len(chunk):
                    raise self._full()
                checked = written + (STEP if room >= STEP else len(chunk))
            written += len(chunk)
            yield chunk

    def _full(self) -> StorageError:
        return StorageError("no_space", self._key, "the disk would be left with less than its floor")

    def _free(self) -> int:
        """Bytes above the floor."""
        try:
            status = os.statvfs(self._folder)
        except OSError as error:
            raise storage_error(error, self._key) from error
        return status.f_bavail * status.f_frsize - _Floor.bytes

    def _pending(self, most: int) -> int:
        """What the other writers are going to write; of each at most `most`."""
        total, now = 0, time.time()
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if entry.name != self._name:
                        total += min(_left(entry, now), most)
        except OSError as error:
            raise storage_error(error, self._key) from error
        return total


def _left(entry: os.DirEntry[str], now: float) -> int:
    end = entry.name.rpartition(".")[2]
    if end != "step" and not (end.startswith("size") and end[4:].isdigit()):
        return 0
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # it is finished
        return 0
    if status.st_mtime < now - SILENT:
        return 0
    return STEP - status.st_size % STEP if end == "step" else max(0, int(end[4:]) - status.st_size)
