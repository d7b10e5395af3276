"""Keys and bytes for the storage tests."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from storage import Storage

MIB = 1 << 20
SOON = timedelta(minutes=5)


def new_key() -> str:
    """As the product makes them: two levels of folders and a name that nobody else has."""
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name[2:4]}/{name}-{secrets.token_hex(4)}"


def content_of(size: int) -> bytes:
    """The same bytes for the same size; no two windows of it are alike."""
    return random.Random(size).randbytes(size)


def in_chunks(content: bytes, step: int = 100_000) -> Iterator[memoryview]:
    """As they come from a socket: pieces that fit no boundary of ours."""
    view = memoryview(content)
    for start in range(0, len(content), step):
        yield view[start : start + step]


def read(storage: Storage, key: str, offset: int = 0, length: int | None = None) -> bytes:
    """What a reader gives."""
    with storage.open(key, offset, length) as reader:
        return reader.read()


def keys(storage: Storage, prefix: str = "", after: str = "") -> list[str]:
    """The keys of a listing."""
    return [found.key for found in storage.list(prefix, after)]


def left_behind(storage: Storage) -> list[str]:
    """Everything that an empty storage must not hold, whatever its age."""
    future = datetime.now(UTC) + timedelta(minutes=10)
    return [*keys(storage), *keys(storage, "quarantine/"), *storage.abandoned(future)]
