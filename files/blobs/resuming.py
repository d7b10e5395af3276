"""The bytes of an object, although its store goes away for a while in between.

Once an answer has begun, nobody can be told 503 any more: all that is left is a download that breaks off, perhaps
after gigabytes. A store that restarts, or a machine that is too busy to answer, comes back sooner than PATIENCE.
Objects never change, so that the rest of one fits what was read of it. (A connection that breaks is mended below, by
the reader of the backend: storage/s3_reader.py.) Whoever can still be told, or tries again anyway, has no
patience: 0.
"""

import logging
import time
from collections.abc import Callable, Iterator

from storage.base import READ_CHUNK, ObjectReader, StorageError

logger = logging.getLogger(__name__)
PATIENCE = (
    30.0  # seconds without a byte, of an answer; what stands before us waits longer (deploy/haproxy: timeout server)
)
PAUSE = 0.5  # seconds between two tries


Open = Callable[[int], ObjectReader]
"""At so many bytes behind the beginning. Raises StorageError."""


def resuming(open_at: Open, opened: ObjectReader | None = None, *, patience: float) -> Iterator[bytes]:
    """Chunks of at most 1 MiB. `opened` is the object at 0, when somebody has opened it already. Raises StorageError:
    `unavailable` after `patience` seconds without a byte, anything else at once.
    """
    passed, reader, heard = 0, opened, time.monotonic()
    while True:
        try:
            if reader is None:
                reader = open_at(passed)
            while chunk := reader.read(READ_CHUNK):
                passed += len(chunk)
                yield chunk
                heard = time.monotonic()  # the store is not to blame for a slow client
            return
        except StorageError as error:
            _bear(error, heard, passed, patience)
        finally:
            if reader is not None:
                reader.close()
                reader = None
        time.sleep(PAUSE)


def open_patiently(open_at: Open, *, patience: float) -> ObjectReader:
    """At 0. Raises StorageError as `resuming` does."""
    started = time.monotonic()
    while True:
        try:
            return open_at(0)
        except StorageError as error:
            _bear(error, started, 0, patience)
        time.sleep(PAUSE)


def _bear(error: StorageError, heard: float, passed: int, patience: float) -> None:
    """Raises the error, unless the store may come back."""
    silent = time.monotonic() - heard
    if error.code != "unavailable" or not patience or silent > patience:
        raise error
    logger.warning("a read waits for its store, at %d bytes, for %.1f s now: %s", passed, silent, error)
