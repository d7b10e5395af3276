"""What the product keeps on a disk is its own account's only: folders 0700, files 0600.

New files are so by the umask of every process; what is there already, from earlier releases or a copy with other
rights, is mended at the start. Whoever reads the database's file reads names, texts and hashes of passwords.
"""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from common.file_urls import path_in, printable
from dropbox_clone.configuration import Configuration

UMASK = 0o077
OTHERS = 0o077
SQLITE = b"SQLite format 3\0"  # how a database begins
BESIDE_DATABASE = ("", "-wal", "-shm", "-journal", ".queue")


def keep_private(configuration: Configuration) -> None:
    """To be called first in every process that may write."""
    os.umask(UMASK)
    mended = _mend(configuration.data_dir)
    if configuration.embedded:
        database = Path(path_in(configuration.database.path))
        if _is_database(database):
            for path in (database.with_name(database.name + ending) for ending in BESIDE_DATABASE):
                with suppress(OSError):
                    mended += _close(path, os.lstat(path), [])
    if mended:
        where = printable(configuration.data_dir)
        _say(f"{where} was open to other accounts of this machine: mended {mended} files and folders")


@contextmanager
def public_files() -> Iterator[None]:
    """For what is no secret and belongs to the installation: the static files."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _mend(data_dir: Path) -> int:
    """How many were open. A folder that is closed protects what is in it, so a start looks at the first level only,
    unless something there is open.
    """
    refused: list[str] = []
    try:
        was_open = _is_open(os.lstat(data_dir))
        mended = _close(data_dir, os.stat(data_dir), refused)
        with os.scandir(data_dir) as entries:
            for entry in entries:
                mended += _mend_entry(entry, refused, everything=was_open)
    except OSError:  # not there yet, or not ours to look at: whoever needs it says so
        return 0
    if refused:
        where = printable(data_dir)
        _say(f"{len(refused)} files below {where} are open to other accounts and not ours to mend, as {refused[0]}")
    return mended


def _mend_entry(entry: "os.DirEntry[str]", refused: list[str], *, everything: bool) -> int:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # gone meanwhile
        return 0
    mended = _close(Path(entry.path), status, refused)
    if stat.S_ISDIR(status.st_mode) and (everything or mended):
        with suppress(OSError), os.scandir(entry.path) as inner:
            mended += sum(_mend_entry(each, refused, everything=True) for each in inner)
    return mended


def _close(path: Path, status: os.stat_result, refused: list[str]) -> int:
    """1 when it was open and is closed now. Links and sockets of others are left alone."""
    if not _is_open(status) or not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
        return 0
    try:
        os.chmod(path, stat.S_IMODE(status.st_mode) & ~OTHERS)
    except OSError:  # a volume whose folder belongs to the system: others get in by its group
        refused.append(path.name)
        return 0
    return 1


def _is_database(path: Path) -> bool:
    """DATABASE_URL may name any file by mistake: that one keeps its rights."""
    try:
        with open(path, "rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except OSError:
        return False


def _is_open(status: os.stat_result) -> bool:
    return bool(status.st_mode & OTHERS)


def _say(text: str) -> None:
    sys.stderr.write(f"dropbox_clone: {text}\n")
    sys.stderr.flush()
