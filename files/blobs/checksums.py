"""Checksums that a client sent along: verified before anything is stored, and kept."""

import hashlib
import zlib
from typing import Any, Protocol

from common import content_hash
from files.errors import ChecksumMismatch, InvalidChecksum

LENGTHS = {"sha256": 64, "sha1": 40, "md5": 32, "sha512": 128, "adler32": 8, "crc32": 8, "content_hash": 64}


class _Hash(Protocol):
    def update(self, data: Any, /) -> None: ...
    def hexdigest(self) -> str: ...


class _Rolling:
    """adler32 and crc32 in the shape of hashlib."""

    def __init__(self, function: Any, start: int) -> None:
        self._function, self._value = function, start

    def update(self, data: Any, /) -> None:
        self._value = self._function(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value & 0xFFFFFFFF:08x}"


def clean(checksums: dict[str, str]) -> dict[str, str]:
    """Lower case, known algorithms, right lengths; raises InvalidChecksum."""
    cleaned = {}
    for name, value in checksums.items():
        algorithm, text = name.lower().replace("-", ""), value.strip().lower()
        if algorithm == "contenthash":
            algorithm = "content_hash"
        length = LENGTHS.get(algorithm)
        if length is None or len(text) != length or not all(c in "0123456789abcdef" for c in text):
            raise InvalidChecksum(algorithm=algorithm)
        cleaned[algorithm] = text
    return cleaned


def new(algorithm: str) -> _Hash:
    if algorithm == "adler32":
        return _Rolling(zlib.adler32, 1)
    if algorithm == "crc32":
        return _Rolling(zlib.crc32, 0)
    return hashlib.new(algorithm, usedforsecurity=False)


def verify(expected: dict[str, str], actual: dict[str, str]) -> None:
    for algorithm, value in expected.items():
        if algorithm in actual and actual[algorithm] != value:
            raise ChecksumMismatch(algorithm=algorithm, expected=value, actual=actual[algorithm])


def of_bytes(data: bytes, algorithms: "dict[str, str] | list[str]") -> dict[str, str]:
    """Checksums of bytes in memory."""
    result = {}
    for algorithm in algorithms:
        if algorithm == "content_hash":
            result[algorithm] = content_hash.hash_bytes(data)
            continue
        digest = new(algorithm)
        digest.update(data)
        result[algorithm] = digest.hexdigest()
    return result
