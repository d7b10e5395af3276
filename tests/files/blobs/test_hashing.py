"""Digests of streams, however the stream is cut."""

import hashlib
import itertools
import random

import pytest

from common.content_hash import BLOCK_SIZE, hash_bytes
from files.blobs.hashing import StreamHasher, whole_hash

DATA = random.Random(1).randbytes(3 * BLOCK_SIZE + 12345)


def cuts(size: int, pieces: int, seed: int) -> list[bytes]:
    generator = random.Random(seed)
    points = sorted({0, size, *(generator.randrange(size + 1) for _ in range(pieces))})
    return [DATA[a:b] for a, b in itertools.pairwise(points)]


@pytest.mark.parametrize("size", [0, 1, 1000, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, len(DATA)])
@pytest.mark.parametrize("pieces", [1, 3, 40])
def test_the_content_hash_of_a_whole(size: int, pieces: int) -> None:
    hasher = StreamHasher(algorithms=["sha1", "adler32", "content_hash"])
    chunks = cuts(size, pieces, size + pieces)
    assert list(hasher.passing(chunks)) == chunks
    assert hasher.size == size
    assert whole_hash(hasher.digests()) == hash_bytes(DATA[:size])
    assert hasher.checksums()["sha1"] == hashlib.sha1(DATA[:size]).hexdigest()


@pytest.mark.parametrize("start", [0, 1, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 7])
@pytest.mark.parametrize("end", [BLOCK_SIZE, 2 * BLOCK_SIZE + 5, len(DATA)])
def test_a_piece_has_the_digests_of_the_blocks_inside_it(start: int, end: int) -> None:
    hasher = StreamHasher(start=start, whole=False)
    position = start
    while position < end:
        hasher.update(DATA[position : min(position + 700_001, end)])
        position += 700_001
    inside = {
        index: hashlib.sha256(DATA[index * BLOCK_SIZE : (index + 1) * BLOCK_SIZE]).digest()
        for index in range(len(DATA) // BLOCK_SIZE)
        if index * BLOCK_SIZE >= start and (index + 1) * BLOCK_SIZE <= end
    }
    assert hasher.digests() == inside


def test_many_streams_at_once_wait_for_nobody() -> None:
    """More streams than threads, their chunks interleaved: a job never waits for one that cannot start."""
    hashers = [StreamHasher(algorithms=["md5"]) for _ in range(20)]
    for position in range(0, len(DATA), 1_500_000):
        for hasher in hashers:
            hasher.update(DATA[position : position + 1_500_000])
    assert {whole_hash(hasher.digests()) for hasher in hashers} == {hash_bytes(DATA)}
