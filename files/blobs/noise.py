"""Whether bytes look like noise: encrypted, or random. Asked of the first bytes of every content, once.

What is compressed looks the same and says at its beginning what it is. So noise is what cannot be compressed and begins
like no format that we know. Encrypted containers (KeePass, GnuPG, VeraCrypt) are noise as well: what counts for the
brake is that noise comes where none was (files/tree/brake.py).
"""

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

SAMPLE = 4096  # bytes from the beginning
LEAST = 128  # bytes: of fewer nobody can say
SHORT = 512  # bytes below which a compressor has too little to go by
_SHORT_NOISE = 0.88  # of the largest entropy that so few bytes can have; text in base64 stays below 0.87
_BEGINNINGS = (
    b"PK\x03\x04",  # ZIP, and what is made of it: office documents, jar, epub
    b"PK\x05\x06",
    b"\x1f\x8b",  # gzip
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"\x28\xb5\x2f\xfd",  # zstd
    b"\x04\x22\x4d\x18",  # lz4
    b"Rar!",
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG",
    b"GIF8",
    b"RIFF",  # WebP, WAV, AVI
    b"II*\x00",  # TIFF, and raw photos
    b"MM\x00*",
    b"%PDF",
    b"OggS",
    b"fLaC",
    b"ID3",
    b"\xff\xfb",  # MP3
    b"\xff\xf3",
    b"\xff\xf2",
    b"\xff\xf1",  # AAC
    b"\x1aE\xdf\xa3",  # Matroska
    b"\x00\x00\x01\xba",  # MPEG
    b"\x00\x00\x01\xb3",
    b"\x30\x26\xb2\x75",  # WMA, WMV
    b"\x00\x00\x00\x0cjP",  # JPEG 2000
    b"wOF2",
    b"wOFF",
    b"\x78\x01",  # zlib
    b"\x78\x9c",
    b"\x78\xda",
    b"SQLite",
    b"\x7fELF",
    b"MZ",
    b"xar!",
    b"\xd0\xcf\x11\xe0",  # OLE
    b"!<arch>",
    b"hsqs",
)


def is_noise(beginning: bytes) -> bool | None:
    """Of the first bytes of a content, of which SAMPLE are looked at. None where there are too few to say."""
    sample = bytes(beginning[:SAMPLE])
    if len(sample) < LEAST:
        return None
    if sample.startswith(_BEGINNINGS) or sample[4:8] == b"ftyp":  # MP4, MOV, HEIC, AVIF
        return False
    if len(sample) >= SHORT:
        return len(zlib.compress(sample, 1)) >= len(sample)
    counts = Counter(sample).values()
    entropy = -sum(count / len(sample) * math.log2(count / len(sample)) for count in counts)
    return entropy / math.log2(min(256, len(sample))) > _SHORT_NOISE


class Beginning:
    """Keeps the first bytes of a stream that passes."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if len(self._kept) < SAMPLE:
                self._kept += chunk[: SAMPLE - len(self._kept)]
            yield chunk

    @property
    def is_noise(self) -> bool | None:
        return is_noise(bytes(self._kept))
