"""Where named chunks of an upload belong in the whole: their order, a guess while not all are there, and the truth."""

import re
from collections.abc import Sequence

from common.content_hash import BLOCK_SIZE
from files.models import UploadPiece

UNPLACED = -1  # added to the lowest offset: a piece of which nobody knows yet where it belongs
ASIDE = -(2**40)
LARGEST = 2**60  # bytes; no whole is
_DIGITS = re.compile(r"([0-9]+)", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def sort_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Natural order: runs of digits count as numbers, so that 9 comes before 10; the name itself decides ties."""
    parts = [part for part in _DIGITS.split(name) if part]
    return [(0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts], name


def guess(name: str, length: int | None, others: Sequence[UploadPiece], *, said: int | None) -> int | None:
    """The offset that the client says, in a header or as `start-end`; else by numbers: what the chunks before it have
    together when all of them are there, or as if all were as large as the largest. None without any idea.
    """
    if said is not None and 0 <= said < LARGEST:
        return said
    ranged = _RANGE.fullmatch(name)
    if ranged and int(ranged[1]) < LARGEST:
        return int(ranged[1])
    if not _NUMBER.fullmatch(name):
        return None
    number = int(name)
    known = {int(piece.name): piece for piece in others if _NUMBER.fullmatch(piece.name)}
    before = [piece for other, piece in known.items() if other < number]
    if any(piece.offset >= 0 and piece.offset + piece.length == number for piece in before):
        return number  # the names are offsets
    first = 0 if 0 in known or number == 0 else 1
    if len(before) == number - first:
        return sum(piece.length for piece in before)
    size = max([length or 0, *(piece.length for piece in known.values())])
    place = (number - first) * size
    return place if size > 0 and place < LARGEST else None


def overlaps(pieces: Sequence[UploadPiece], offset: int, length: int) -> bool:
    return any(offset < piece.offset + piece.length and piece.offset < offset + length for piece in pieces)


def forget_digests(pieces: Sequence[UploadPiece], gone: Sequence[UploadPiece]) -> list[UploadPiece]:
    """Takes the digests of blocks into which a piece in `gone` reaches from the others; returns those changed."""
    blocks: set[str] = set()
    for piece in gone:
        if piece.offset >= 0:
            first, last = piece.offset // BLOCK_SIZE, (piece.offset + piece.length - 1) // BLOCK_SIZE
            blocks.update((str(first), str(last)))  # those between are the piece's own
    changed = []
    for piece in pieces:
        if blocks & piece.digests.keys():
            piece.digests = {index: digest for index, digest in piece.digests.items() if index not in blocks}
            changed.append(piece)
    return changed


def arrange(pieces: Sequence[UploadPiece]) -> list[UploadPiece]:
    """Sets the offsets of pieces that are in their order; returns those that were elsewhere, now without digests.

    A digest that another piece made of a block together with one of these goes too.
    """
    offset, moved = 0, []
    for piece in pieces:
        if piece.offset != offset:
            moved.append((piece, offset))
        offset += piece.length
    gone = [piece for piece, _ in moved]
    forget_digests([piece for piece in pieces if piece not in gone], gone)
    for piece, place in moved:
        piece.offset, piece.digests = place, {}
    return gone
