"""A real tree: the library of the Python that runs the tests, more than 3,000 files."""

import os
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from accounts.actor import Actor
from files.actions.bulk_write import MAXIMUM_BYTES, SmallFile, bulk_write
from files.actions.create_folder import create_folder
from files.queries.target import Target
from files.tree.writing import WriteOptions

ENOUGH = 3_000
MOST = 4_000
TOGETHER = 500
SKIPPED = {"__pycache__", "site-packages", "dist-packages", "node_modules"}


@dataclass(frozen=True)
class LibraryFile:
    path: str
    data: bytes


def library(most: int = MOST, largest: int = MAXIMUM_BYTES // 4) -> list[LibraryFile]:
    """The standard library; where a system has little of it (Debian leaves out the tests), installed packages too."""
    roots = [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    found: list[LibraryFile] = []
    for number, root in enumerate(roots):
        if len(found) < min(ENOUGH, most):
            found += _files(Path(root), f"lib{number}", most - len(found), largest)
    return found


def _files(root: Path, name: str, most: int, largest: int) -> Iterator[LibraryFile]:
    count = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED)
        for file in sorted(files):
            path = Path(folder) / file
            if count == most or path.is_symlink() or path.stat().st_size > largest:
                continue
            count += 1
            yield LibraryFile(f"{name}/{path.relative_to(root)}", path.read_bytes())


def put_library(actor: Actor, files: list[LibraryFile]) -> None:
    """Into the folder /library of the actor's home, by bulk uploads."""
    folder, _ = create_folder(actor, target=Target("library"))
    batch: list[SmallFile] = []
    size = 0
    for file in files:
        if batch and (len(batch) == TOGETHER or size + len(file.data) > MAXIMUM_BYTES):
            _put(actor, folder.node.pk, batch)
            batch, size = [], 0
        batch.append(SmallFile(file.path, file.data, WriteOptions()))
        size += len(file.data)
    _put(actor, folder.node.pk, batch)


def _put(actor: Actor, folder_id: int, batch: list[SmallFile]) -> None:
    _, puts = bulk_write(actor, folder=Target(parent_id=folder_id), files=batch)
    assert [put.error for put in puts if put.error] == []
