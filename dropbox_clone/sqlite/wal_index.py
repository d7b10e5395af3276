"""Whether a database in WAL mode has changed, told without asking the database.

SQLite keeps an index of its write-ahead log in a file beside the database (`-shm`), which all processes map into their
memory. Its first 48 bytes are a header that every commit changes before it returns: a counter of transactions, the
number of frames, their checksum, salts (https://www.sqlite.org/walformat.html, section 2.1). Two equal headers mean
that nobody has committed in between. `PRAGMA data_version` says the same and costs as much as a small query.

Closing a descriptor of that file would drop the locks that SQLite itself holds on it in this process (POSIX), so those
opened here are never closed: one for each database of a process.
"""

import os

HEADER = 48  # bytes: the first of its two copies
VERSION = (3007000).to_bytes(4, "little"), (3007000).to_bytes(4, "big")

_descriptors: dict[tuple[int, int], int] = {}  # by device and inode


class WalIndex:
    """Of a database to which the caller keeps a connection that has read from it: so the file stays the same one."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def of(cls, database: str) -> "WalIndex | None":
        """None when there is none, or of a format that is not known here."""
        path = f"{database}-shm"
        try:
            found = os.stat(path)
            identity = (found.st_dev, found.st_ino)
            if identity not in _descriptors:
                _descriptors[identity] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        index = cls(_descriptors[identity])
        return index if index.mark() is not None else None

    def mark(self) -> tuple[int, bytes] | None:
        """Another one after each commit by anybody, and for each database."""
        header = os.pread(self.descriptor, HEADER, 0)
        return (self.descriptor, header) if len(header) == HEADER and header[:4] in VERSION else None
