"""Files that survive a power cut: write, fsync, publish under a name nobody has, fsync the directory.

Sources: POSIX fsync and link; Linux sync_file_range(2) and renameat2(2); "All File Systems Are Not Created
Equal" (OSDI 2014) for why the directory needs its own fsync.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable, Iterable

from storage.base import ErrorCode, StorageError

# Written back in the background while the next bytes come in, so that the final fsync has little left to wait
# for.
WRITEBACK_STEP = 8 << 20
_SYNC_FILE_RANGE_WRITE = 2
_RENAME_NOREPLACE = 1
_AT_FDCWD = -100
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def storage_error(error: OSError, key: str) -> StorageError:
    """What an operating system error means; its path stays out of the message."""
    code: ErrorCode = "unavailable"
    if error.errno in _NO_SPACE:
        code = "no_space"
    elif error.errno == errno.ENOENT:
        code = "not_found"
    elif error.errno == errno.EEXIST:
        code = "refused"
    return StorageError(code, key, error.strerror or "")


def _libc_function(name: str) -> Callable[..., int] | None:
    try:
        return getattr(ctypes.CDLL(None, use_errno=True), name)
    except (AttributeError, OSError):
        return None  # not Linux, or a libc without it


_sync_file_range = _libc_function("sync_file_range")
_renameat2 = _libc_function("renameat2")


def write_all(descriptor: int, chunks: Iterable[bytes | memoryview], size: int | None, key: str) -> int:
    """Write every chunk and fsync; return the number of bytes. What `chunks` raises passes through."""
    written = started = 0
    for chunk in chunks:
        written += len(chunk)
        if size is not None and written > size:
            raise StorageError("refused", key, f"more than the announced {size} bytes")
        try:
            done = os.write(descriptor, chunk)
            if done < len(chunk):
                _write_rest(descriptor, memoryview(chunk)[done:])
        except OSError as error:
            raise storage_error(error, key) from error
        if written - started >= WRITEBACK_STEP:
            if _sync_file_range is not None:  # a hint: fsync will report what fails
                _sync_file_range(
                    descriptor,
                    ctypes.c_int64(started),
                    ctypes.c_int64(written - started),
                    _SYNC_FILE_RANGE_WRITE,
                )
            started = written
    if size is not None and written != size:
        raise StorageError("refused", key, f"{written} bytes instead of the announced {size}")
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise storage_error(error, key) from error
    return written


def _write_rest(descriptor: int, rest: memoryview) -> None:
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def publish(source: str, target: str) -> None:
    """Give the file its final name, atomically; FileExistsError when somebody has it. Takes `source` away."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS or _renameat2 is None:
            raise
        _rename_without_replacing(source, target)
        return
    os.unlink(source)


def _rename_without_replacing(source: str, target: str) -> None:
    assert _renameat2 is not None
    if _renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), _RENAME_NOREPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def sync_directory(path: str) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: str) -> None:
    """Create it, readable by the owner only; an existing one is fine."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
