"""What looks like noise, of all sizes, and what only looks like it."""

import base64
import io
import os
import random
import struct
import zipfile
import zlib

import pytest

from files.blobs.noise import LEAST, SAMPLE, Beginning, is_noise


@pytest.mark.parametrize("size", [LEAST, 200, 300, 511, 512, 1000, SAMPLE, 10 * SAMPLE])
def test_noise(size: int) -> None:
    assert all(is_noise(random.Random(seed).randbytes(size)) for seed in range(50))


@pytest.mark.parametrize("size", [LEAST, 200, 300, 511, 512, 1000, SAMPLE])
def test_texts_are_none(size: int) -> None:
    for seed in range(50):
        chance = random.Random(seed)
        words = " ".join("".join(chance.choices("etaoinshrdlucmfw", k=chance.randint(2, 9))) for _ in range(2_000))
        assert is_noise(words.encode()[:size]) is False
        assert is_noise(base64.b64encode(chance.randbytes(SAMPLE))[:size]) is False
        assert is_noise(chance.randbytes(SAMPLE).hex().encode()[:size]) is False


def test_too_few_bytes_say_nothing() -> None:
    assert is_noise(os.urandom(LEAST - 1)) is None
    assert is_noise(b"") is None


def test_what_is_compressed_says_what_it_is() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", os.urandom(SAMPLE))
    assert is_noise(packed.getvalue()) is False
    assert is_noise(zlib.compress(os.urandom(SAMPLE))) is False
    assert is_noise(b"\xff\xd8\xff\xe0" + os.urandom(SAMPLE)) is False
    assert is_noise(b"\x00\x00\x00\x20ftypisom" + os.urandom(SAMPLE)) is False


def test_programs_and_numbers_are_none() -> None:
    assert is_noise(struct.pack("<1024i", *range(1024))) is False
    assert is_noise(bytes(SAMPLE)) is False


def test_the_beginning_of_a_stream() -> None:
    data = os.urandom(3 * SAMPLE)
    beginning = Beginning()
    chunks = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    assert b"".join(beginning.passing(chunks)) == data
    assert beginning.is_noise is True
