"""Range requests (RFC 9110 section 14)."""

import re
from dataclasses import dataclass

_SPEC = re.compile(r"(\d*)-(\d*)")
MAXIMUM_RANGES = 32


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`offset` and `length` in bytes, both within the representation; `length` is at least 1."""

    offset: int
    length: int

    def content_range(self, size: int) -> str:
        return f"bytes {self.offset}-{self.offset + self.length - 1}/{size}"


class Unsatisfiable(ValueError):
    """416: the header is well formed and selects no byte."""


def parse_range(header: str | None, size: int) -> list[ByteRange] | None:
    """The selected ranges in the order asked for; None when the header is to be ignored (absent, another
    unit, malformed). Raises Unsatisfiable for no overlap at all and for a set that is abusive
    (over 32 ranges, or ranges that overlap more than twice: RFC 9110 section 14.2).
    """
    if not header or not header.lower().startswith("bytes="):
        return None
    ranges: list[ByteRange] = []
    specs = [spec.strip() for spec in header[6:].split(",") if spec.strip()]
    if not specs:
        return None
    for spec in specs:
        match = _SPEC.fullmatch(spec)
        if match is None or spec == "-":
            return None
        if len(spec) > 60:
            return None
        first, last = match.groups()
        if first and last and int(last) < int(first):
            return None
        selected = _select(first, last, size)
        if selected:
            ranges.append(selected)
    if not ranges:
        raise Unsatisfiable(header)
    if len(ranges) > MAXIMUM_RANGES or sum(r.length for r in ranges) > 2 * size:
        raise Unsatisfiable(header)
    return ranges


def _select(first: str, last: str, size: int) -> ByteRange | None:
    if not first:
        length = min(int(last), size)
        return ByteRange(size - length, length) if length else None
    offset = int(first)
    if offset >= size:
        return None
    end = min(int(last), size - 1) if last else size - 1
    return ByteRange(offset, end - offset + 1)
