"""Holding processes to a part of a core, as the scheduler of a cluster does: Linux's control groups, version 1 or 2."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

PERIOD = 20_000  # microseconds; short, so that a share is spread evenly over a second
ROOTS = (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup"))


class CannotLimit(Exception):
    """The machine does not let us: no control groups here, or not our right."""


@contextmanager
def held_to(cores: float, groups: Iterable[Iterable[int]]) -> Iterator[None]:
    """Each group of processes (their ids, and what they fork meanwhile) may use `cores` of a core together."""
    made = list[Path]()
    try:
        for number, pids in enumerate(groups):
            made.append(_make(f"dropbox_clone_{os.getpid()}_{number}", cores))
            for pid in pids:
                (made[-1] / "cgroup.procs").write_text(str(pid))
        yield
    except OSError as error:
        raise CannotLimit(f"processes cannot be held to a part of a core here: {error}") from error
    finally:
        for folder in made:
            _remove(folder)


def _make(name: str, cores: float) -> Path:
    for root in ROOTS:
        folder = root / name
        quota = int(cores * PERIOD)
        if (root / "cpu.cfs_quota_us").exists():
            folder.mkdir()
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
            return folder
        if "cpu" in _controllers(root):
            (root / "cgroup.subtree_control").write_text("+cpu")
            folder.mkdir()
            (folder / "cpu.max").write_text(f"{quota} {PERIOD}")
            return folder
    raise CannotLimit("there is no control group for processors on this machine")


def _controllers(root: Path) -> list[str]:
    path = root / "cgroup.controllers"
    return path.read_text().split() if path.exists() else []


def _remove(folder: Path) -> None:
    """Its processes go back to the group above."""
    for pid in (folder / "cgroup.procs").read_text().split():
        try:
            (folder.parent / "cgroup.procs").write_text(pid)
        except ProcessLookupError:
            continue
    folder.rmdir()
