"""Digests of the 4 MiB blocks of an upload that no single piece holds: read again at the seams, block by block."""

import hashlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from common.content_hash import BLOCK_SIZE, block_count
from files.blobs import checksums
from files.blobs.ingest import StoredPiece, storage_errors
from files.blobs.pools import storage_of
from files.models import Pool, Upload, UploadPiece


@dataclass(frozen=True, slots=True)
class Part:
    """`length` bytes at `offset` of the whole are those at `blob_offset` of the object `key` in `pool`."""

    offset: int
    length: int
    pool: Pool
    key: str
    blob_offset: int = 0


def parts_of(pieces: list[UploadPiece]) -> list[Part]:
    return [Part(p.offset, p.length, p.blob.pool, p.blob.key, p.blob_offset) for p in pieces]


def edges(upload: Upload, before: list[UploadPiece], stored: StoredPiece, offset: int) -> dict[int, bytes]:
    """Digests of the blocks at either end of a new piece that it completes together with its neighbours."""
    end = offset + stored.size
    parts = sorted(
        [*parts_of(before), Part(offset, stored.size, stored.pool, stored.key)], key=lambda part: part.offset
    )
    found = {}
    for index in {offset // BLOCK_SIZE, (end - 1) // BLOCK_SIZE}:
        if index not in stored.digests:
            digest = block_digest(parts, index, upload.length)
            if digest is not None:
                found[index] = digest
    return found


def block_digest(parts: list[Part], index: int, total: int | None) -> bytes | None:
    """None while bytes of the block are missing, or its end is not known."""
    start = index * BLOCK_SIZE
    end = start + BLOCK_SIZE if total is None else min(start + BLOCK_SIZE, total)
    if sum(max(0, min(p.offset + p.length, end) - max(p.offset, start)) for p in parts) != end - start:
        return None
    digest = hashlib.sha256()
    for chunk in read_parts(parts, start, end):
        digest.update(chunk)
    return digest.digest()


def all_digests(upload: Upload, pieces: list[UploadPiece], total: int) -> dict[int, bytes]:
    """Of every block of a whole of which every byte is there. Reads only what no piece has remembered."""
    known = {int(index): bytes.fromhex(text) for piece in pieces for index, text in piece.digests.items()}
    parts = parts_of(pieces)
    for index in range(block_count(total)):
        if index not in known:
            digest = block_digest(parts, index, total)
            assert digest is not None, "checked by the caller: nothing is missing"
            known[index] = digest
    return {index: known[index] for index in range(block_count(total))}


def whole_checksums(pieces: list[UploadPiece], total: int, algorithms: dict[str, str]) -> dict[str, str]:
    """Other checksums than the content hash need every byte in order: read once more, only when asked for."""
    hashers = {name: checksums.new(name) for name in algorithms if name != "content_hash"}
    if hashers:
        for chunk in read_parts(parts_of(pieces), 0, total):
            for hasher in hashers.values():
                hasher.update(chunk)
    return {name: hasher.hexdigest() for name, hasher in hashers.items()}


def read_piece(stored: StoredPiece) -> Iterator[bytes]:
    return read_parts([Part(0, stored.size, stored.pool, stored.key)], 0, stored.size)


def is_same(piece: UploadPiece, chunks: Iterable[bytes]) -> bool:
    """Whether the chunks, which are as long as the piece, are what is stored of it."""
    with closing(read_parts(parts_of([piece]), piece.offset, piece.offset + piece.length)) as stored:
        left = bytearray()
        for chunk in chunks:
            while len(left) < len(chunk):
                more = next(stored, b"")
                if not more:
                    return False
                left += more
            if left[: len(chunk)] != chunk:
                return False
            del left[: len(chunk)]
    return True


def read_parts(parts: list[Part], start: int, end: int) -> Generator[bytes, None, None]:
    for part in parts:
        first, last = max(part.offset, start), min(part.offset + part.length, end)
        if first < last:
            with (
                storage_errors(),
                storage_of(part.pool).open(part.key, part.blob_offset + first - part.offset, last - first) as reader,
            ):
                yield from reader
