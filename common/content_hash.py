"""Dropbox's content hash: SHA-256 over the SHA-256 digests of the 4 MiB blocks.

Source: https://www.dropbox.com/developers/reference/content-hash
"""

import hashlib
from collections.abc import Iterable

BLOCK_SIZE = 4 * 1024 * 1024


def combine(block_digests: Iterable[bytes]) -> str:
    """The content hash, hex, from the digests of all blocks in order (none for an empty file)."""
    whole = hashlib.sha256()
    for digest in block_digests:
        whole.update(digest)
    return whole.hexdigest()


def block_count(size: int) -> int:
    return -(-size // BLOCK_SIZE)


def hash_bytes(data: bytes) -> str:
    """The content hash of bytes in memory."""
    view = memoryview(data)
    return combine(hashlib.sha256(view[i : i + BLOCK_SIZE]).digest() for i in range(0, len(data), BLOCK_SIZE))
