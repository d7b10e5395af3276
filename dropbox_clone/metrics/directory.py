"""The folder in which the processes of one replica put their numbers together (prometheus_client's multiprocess mode).

It is made by the master before it forks, in memory where there is /dev/shm, and goes with it. A master that is killed
leaves its folder behind; the next start on the machine removes those that no process has locked.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client reads it when it is imported
PREFIX = "dropbox_clone-metrics-"
LOCK = "lock"
_held: dict[str, int] = {}  # path -> descriptor, kept open while this process lives


def create() -> Path:
    """To be called once in a master, before prometheus_client is imported there or in any child."""
    parent = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir())  # noqa: S108
    _remove_left_behind(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[str(folder)] = descriptor
    os.environ[VARIABLE] = str(folder)
    return folder


def current() -> Path | None:
    path = os.environ.get(VARIABLE)
    return Path(path) if path and os.path.isdir(path) else None


def remove() -> None:
    """At the end of the master."""
    folder = current()
    if folder is not None and _held.pop(str(folder), None) is not None:
        shutil.rmtree(folder, ignore_errors=True)


def bury(pid: int) -> None:
    """A process of ours is dead: its gauges are over, and its sums go into one file for all dead ones, so that
    neither the sums fall nor the files grow in number.
    """
    folder = current()
    if folder is None:
        return
    with _locked(folder, fcntl.LOCK_EX):
        for path in folder.glob(f"*_{pid}.db"):
            if not path.name.startswith("gauge_"):
                _add(path, folder / f"{path.name.partition('_')[0]}_0.db")
            path.unlink(missing_ok=True)


@contextmanager
def shared() -> Iterator[None]:
    """Nobody is being buried while somebody reads: numbers would be counted twice, or not at all."""
    folder = current()
    with _locked(folder, fcntl.LOCK_SH) if folder is not None else nullcontext():
        yield


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """`how` is LOCK_SH for readers or LOCK_EX for a burial."""
    descriptor = os.open(folder / "burial", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _add(source: Path, target: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict

    read, sums = MmapedDict(str(source), read_mode=True), MmapedDict(str(target))
    try:
        for key, value, timestamp in list(read.read_all_values()):
            sums.write_value(key, sums.read_value(key)[0] + value, timestamp)
    finally:
        read.close()
        sums.close()


def _remove_left_behind(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
