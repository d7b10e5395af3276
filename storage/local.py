"""Objects as files below one folder of this machine (or of a network file system that all replicas mount)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from common.file_urls import printable
from storage.base import (
    QUARANTINE,
    Capabilities,
    ObjectInfo,
    ObjectReader,
    Storage,
    StorageConfigurationError,
    StorageError,
    is_any_key,
)
from storage.durable import make_directory, publish, storage_error, sync_directory, write_all
from storage.room import DiskRoom, suffix

_TEMPORARY = ".tmp"


class LocalStorage(Storage):
    """`<root>/ab/cd/<name>`; unfinished writes are in `<root>/.tmp`. Files 0600, folders 0700."""

    supported = Capabilities(local_path=True, conditional_put=True)

    def __init__(self, root: str) -> None:
        self._root = root
        self._temporary = f"{root}/{_TEMPORARY}"
        # Folders that are known to be durable, so that a put to one of them makes and syncs only its own.
        self._durable: set[str] = set()
        try:
            os.makedirs(root, 0o700, exist_ok=True)
            make_directory(self._temporary)
            if not os.access(root, os.W_OK | os.X_OK):
                raise PermissionError(0, "not writable")
        except OSError as error:
            raise StorageConfigurationError(f"storage folder {printable(root)}: {error.strerror}") from error

    def __repr__(self) -> str:
        return f"LocalStorage({self._root!r})"

    @property
    def capabilities(self) -> Capabilities:
        return self.supported

    def local_path(self, key: str) -> str:
        if not is_any_key(key):
            raise StorageError("invalid_key", key)
        return f"{self._root}/{key}"

    def _put(self, key: str, chunks: Iterable[bytes | memoryview], size: int | None) -> int:
        return self._put_expecting(key, chunks, size, size)

    def _put_expecting(
        self, key: str, chunks: Iterable[bytes | memoryview], size: int | None, expected: int | None
    ) -> int:
        name = f"{key.replace('/', '.')}.{secrets.token_hex(8)}{suffix(expected)}"
        temporary, room = f"{self._temporary}/{name}", DiskRoom(self._temporary, name, key, expected)
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise storage_error(error, key) from error
        try:
            try:
                room.require()
                written = write_all(descriptor, room.passing(chunks), size, key)
            finally:
                os.close(descriptor)
            self._publish(temporary, key)
        except BaseException:  # also of a killed thread or a closed generator
            with suppress(OSError):
                os.unlink(temporary)
            raise
        return written

    def _publish(self, source: str, key: str) -> None:
        target = f"{self._root}/{key}"
        linked = False
        try:
            folders = self._prepare_folder(key)
            publish(source, target)
            linked = True
            for folder in folders:
                sync_directory(folder)
            self._durable.add(_folder(key))
        except BaseException as error:
            if linked:  # not durable, so it must not stay visible
                with suppress(OSError):
                    os.unlink(target)
            if not isinstance(error, OSError):
                raise
            if isinstance(error, FileNotFoundError):  # somebody swept the file, or removed the folder
                self._durable.discard(_folder(key))
                raise StorageError("unavailable", key, "the file vanished while it was written") from error
            raise storage_error(error, key) from error

    def _prepare_folder(self, key: str) -> list[str]:
        """Make the folder of a key; return what to sync afterwards: it, and its parents when it may be new.

        Another thread may have made the folder without having synced its parent yet, so everybody syncs until
        somebody has finished.
        """
        folder = _folder(key)
        to_sync = [f"{self._root}/{folder}"]
        if folder in self._durable:
            return to_sync
        parts = folder.split("/")
        for depth in range(1, len(parts) + 1):
            make_directory(f"{self._root}/{'/'.join(parts[:depth])}")
        to_sync += [f"{self._root}/{'/'.join(parts[:depth])}" for depth in range(len(parts) - 1, 0, -1)]
        return [*to_sync, self._root]

    def _open(self, key: str, offset: int, length: int | None) -> ObjectReader:
        try:
            descriptor = os.open(f"{self._root}/{key}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise storage_error(error, key) from error
        left = max(0, os.fstat(descriptor).st_size - offset)
        return LocalReader(descriptor, key, offset, left if length is None else min(left, length))

    def _delete(self, key: str) -> None:
        try:
            os.unlink(f"{self._root}/{key}")
        except FileNotFoundError:
            pass
        except OSError as error:
            raise storage_error(error, key) from error

    def _size(self, key: str) -> int:
        try:
            return os.stat(f"{self._root}/{key}", follow_symlinks=False).st_size
        except OSError as error:
            raise storage_error(error, key) from error

    def _move(self, source: str, target: str) -> None:
        if not self.exists(source):
            raise StorageError("not_found", source)
        self._publish(f"{self._root}/{source}", target)

    def _list(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        start = QUARANTINE if prefix.startswith(QUARANTINE) else ""
        for first in self._folders(start, prefix, after):
            for second in self._folders(first, prefix, after):
                yield from self._objects(second, prefix, after)

    def _folders(self, parent: str, prefix: str, after: str) -> list[str]:
        """Folders below `parent` that may hold a key of the listing, in order, as `ab/` or `ab/cd/`."""
        found = []
        for entry in self._entries(parent):
            stem = f"{parent}{entry.name}/"
            possible = stem.startswith(prefix[: len(stem)]) and stem >= after[: len(stem)]
            if len(entry.name) == 2 and possible and entry.is_dir(follow_symlinks=False):
                found.append(stem)
        return sorted(found)

    def _objects(self, folder: str, prefix: str, after: str) -> Iterator[ObjectInfo]:
        found = {f"{folder}{entry.name}": entry for entry in self._entries(folder)}
        wanted = [key for key in found if key > after and key.startswith(prefix) and is_any_key(key)]
        for key in sorted(wanted):
            with suppress(FileNotFoundError):  # deleted since
                status = found[key].stat(follow_symlinks=False)
                yield ObjectInfo(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(f"{self._root}/{folder}") as entries:
                return list(entries)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise storage_error(error, folder) from error

    def abandoned(self, older_than: datetime) -> Iterator[str]:
        for entry in self._entries(_TEMPORARY):
            with suppress(FileNotFoundError):
                if entry.stat(follow_symlinks=False).st_mtime < older_than.timestamp():
                    yield entry.name

    def sweep_abandoned(self, older_than: datetime) -> int:
        swept = 0
        for name in self.abandoned(older_than):
            try:
                os.unlink(f"{self._temporary}/{name}")
                swept += 1
            except FileNotFoundError:
                pass
            except OSError as error:
                raise storage_error(error, name) from error
        return swept


def _folder(key: str) -> str:
    return key.rpartition("/")[0]


class LocalReader(ObjectReader):
    """A range of an open file. Not for two threads at once."""

    def __init__(self, descriptor: int, key: str, offset: int, left: int) -> None:
        self._descriptor: int | None = descriptor
        self._key = key
        self._offset = offset
        self._left = left

    def read(self, n: int = -1) -> bytes:
        if self._descriptor is None:
            raise ValueError("read of a closed reader")
        wanted = self._left if n < 0 else min(n, self._left)
        pieces = []
        while wanted:
            try:
                piece = os.pread(self._descriptor, wanted, self._offset)
            except OSError as error:
                raise storage_error(error, self._key) from error
            if not piece:
                raise StorageError("unavailable", self._key, "the file is shorter than it was")
            pieces.append(piece)
            self._offset += len(piece)
            self._left -= len(piece)
            wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.close()
