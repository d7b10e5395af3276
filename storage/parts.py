"""A stream cut into parts that fit what object stores take, in bounded memory.

Limits of S3 (Amazon S3 User Guide, "Multipart upload limits"), the narrowest of them: 10,000 parts, 5 MiB to
5 GiB each, the last one may be smaller; 5 TiB in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storage.base import StorageError

MIB = 1 << 20
PART = 8 * MIB
_MAXIMUM_PARTS = 10_000
_SMALL_PARTS = 1000
_GROW_EVERY = 62


def part_size(number: int, size: int | None) -> int:
    """Bytes of part `number` (from 1): all the same for a known size, else growing slowly from 8 GiB on.

    10,000 parts hold 5 TiB either way.
    """
    if size is not None:
        needed = -(-size // _MAXIMUM_PARTS)
        return max(PART, -(-needed // MIB) * MIB)
    return PART * (1 + max(0, number - _SMALL_PARTS) // _GROW_EVERY)


def gather(chunks: Iterable[bytes | memoryview], size: int | None, key: str) -> Iterator[tuple[bytearray, bool]]:
    """Cut a stream into parts; the flag marks the last one. A stream of the wrong length is `refused`."""
    number = 1
    buffer, limit, total = bytearray(), part_size(1, size), 0
    for chunk in chunks:
        total += len(chunk)
        if size is not None and total > size:
            raise StorageError("refused", key, f"more than the announced {size} bytes")
        rest = memoryview(chunk)
        while rest:
            if len(buffer) == limit:
                yield buffer, False
                number += 1
                buffer, limit = bytearray(), part_size(number, size)
            taken = rest[: limit - len(buffer)]
            buffer += taken
            rest = rest[len(taken) :]
    if size is not None and total != size:
        raise StorageError("refused", key, f"{total} bytes instead of the announced {size}")
    yield buffer, True
