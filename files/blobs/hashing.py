"""Digests of a stream, computed on other cores while its bytes pass.

hashlib lets go of the interpreter for buffers over 2 KiB, so that threads hash in parallel with the copying.
"""

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from common import cpus
from common.content_hash import BLOCK_SIZE, combine
from files.blobs import checksums

MAXIMUM_WAITING = 4  # jobs that wait for a core, per stream: with JOB the bound of its memory
JOB = 1024 * 1024  # bytes from which on a thread is worth its while; chunks are 4 MiB at most


@cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(2, os.cpu_count() or 2), thread_name_prefix="hash", initializer=cpus.leave)


os.register_at_fork(after_in_child=_executor.cache_clear)  # threads do not survive a fork


class StreamHasher:
    """Feeds on chunks; `digests` are those of the 4 MiB blocks of the whole that lie entirely inside the stream.

    `start` is where in the whole the stream begins: bytes before the first block boundary and after the last one
    have no digest here, unless the stream is the whole (`whole=True`: then the tail is a block of its own).
    """

    def __init__(self, *, start: int = 0, whole: bool = True, algorithms: Iterable[str] = ()) -> None:
        self._position = start
        self._whole = whole
        self._skip = -start % BLOCK_SIZE
        self._block = hashlib.sha256()
        self._block_length = 0
        self._parts: list[memoryview] = []  # of the block, not hashed yet
        self._parts_length = 0
        self._last_part: Future[None] | None = None
        self._index = (start + self._skip) // BLOCK_SIZE
        self._digests: dict[int, bytes] = {}  # filled by the jobs
        self._waiting: deque[Future[None]] = deque()
        self._others = {name: checksums.new(name) for name in algorithms if name != "content_hash"}
        self._last_other: Future[None] | None = None
        self.size = 0

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, hashed on the way. Chunks must not change afterwards."""
        for chunk in chunks:
            self.update(chunk)
            yield chunk

    def update(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self._others:
            self._submit_others(chunk)
        view = memoryview(chunk)
        if self._skip:
            skipped = min(self._skip, len(view))
            self._skip -= skipped
            view = view[skipped:]
        while len(view):
            taken = view[: BLOCK_SIZE - self._block_length]
            self._parts.append(taken)
            self._parts_length += len(taken)
            self._block_length += len(taken)
            view = view[len(taken) :]
            if self._block_length == BLOCK_SIZE:
                self._hash_parts(close=True)
            elif self._parts_length >= JOB:
                self._hash_parts()

    def digests(self) -> dict[int, bytes]:
        """By block number. Call once, after the last chunk."""
        if self._whole and self._block_length:
            self._hash_parts(close=True)
        for future in self._waiting:
            future.result()
        return self._digests

    def checksums(self) -> dict[str, str]:
        if self._last_other is not None:
            self._last_other.result()
        return {name: digest.hexdigest() for name, digest in self._others.items()}

    def _hash_parts(self, *, close: bool = False) -> None:
        """What has gathered of the block, after what came before of it; other blocks do not wait."""
        block, parts, before, index = self._block, self._parts, self._last_part, self._index
        small = self._parts_length < JOB // 4 and before is None

        def work() -> None:
            if before is not None:
                before.result()
            for part in parts:
                block.update(part)
            if close:
                self._digests[index] = block.digest()

        self._parts, self._parts_length = [], 0
        if small:
            work()
        else:
            self._last_part = _executor().submit(work)
            self._wait_for(self._last_part)
        if close:
            self._block, self._block_length, self._last_part = hashlib.sha256(), 0, None
            self._index += 1

    def _submit_others(self, chunk: bytes) -> None:
        """In order: each job waits for the one before, which was submitted earlier and so cannot starve."""
        before = self._last_other

        def work() -> None:
            if before is not None:
                before.result()
            for digest in self._others.values():
                digest.update(chunk)

        if before is None and len(chunk) <= BLOCK_SIZE // 16:
            work()
            return
        self._last_other = _executor().submit(work)
        self._wait_for(self._last_other)

    def _wait_for(self, future: "Future[None]") -> None:
        self._waiting.append(future)
        while len(self._waiting) > MAXIMUM_WAITING:
            self._waiting.popleft().result()


def whole_hash(digests: dict[int, bytes]) -> str:
    """The content hash from all digests of a whole."""
    return combine(digests[index] for index in range(len(digests)))
