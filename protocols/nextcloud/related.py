"""multipart/related (RFC 2387) as it arrives: parts with a Content-Length each, none of which is held as a whole."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from common.paths import MAXIMUM_PATH_BYTES
from files.errors import InvalidRequest

MAXIMUM_LINE = MAXIMUM_PATH_BYTES + 1024  # bytes
MAXIMUM_HEADERS = 64  # lines of one part
CHUNK = 256 * 1024
LONGEST_BOUNDARY = 200  # clients go beyond the 70 of RFC 2046


class Broken(InvalidRequest):
    """Where the next part would begin is not known: what comes after this is lost."""


@dataclass(frozen=True, slots=True)
class Part:
    """`headers` have lower-case names; `chunks` are `length` bytes, to be read once, before the next part."""

    headers: dict[str, str]
    length: int
    chunks: Iterator[bytes]


def parse_related(chunks: Iterable[bytes], boundary: bytes) -> Iterator[Part]:
    """What of a part nobody has read is skipped. Raises Broken."""
    stream = _Stream(chunks)
    delimiter = b"--" + boundary
    line = stream.line()
    if not line:  # a line break before the first part is allowed
        line = stream.line()
    while line != delimiter + b"--":
        if line != delimiter:
            raise Broken(gettext_lazy("There is no boundary where one should be."))
        headers = _headers(stream)
        length = _length(headers)
        body = stream.take(length)
        yield Part(headers, length, body)
        for _ in body:
            pass
        if stream.line():
            raise Broken(gettext_lazy("A part is longer than its Content-Length."))
        line = stream.line()


def _headers(stream: "_Stream") -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(MAXIMUM_HEADERS):
        line = stream.line()
        if not line:
            return headers
        name, colon, value = line.partition(b":")
        if not colon:
            raise Broken(gettext_lazy("A header of a part has no colon."))
        headers[name.strip().lower().decode("latin-1")] = value.strip().decode("utf-8", "surrogateescape")
    raise Broken(gettext_lazy("A part has too many headers."))


def _length(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise Broken(gettext_lazy("A part has no Content-Length."))
    return int(text)


class _Stream:
    """Lines and runs of bytes from chunks. Holds a chunk and a line at most."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""

    def line(self) -> bytes:
        """Without its CRLF."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > MAXIMUM_LINE:
                raise Broken(gettext_lazy("A line is too long."))
            if not self._more():
                if not self._buffer:
                    raise Broken(gettext_lazy("The body ends in the middle."))
                end = len(self._buffer)  # the last line may have no end
                break
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        if len(line) > MAXIMUM_LINE:
            raise Broken(gettext_lazy("A line is too long."))
        return line

    def take(self, length: int) -> Iterator[bytes]:
        while length:
            if not self._buffer and not self._more():
                raise Broken(gettext_lazy("The body ends in the middle."))
            piece, self._buffer = self._buffer[:length], self._buffer[length:]
            length -= len(piece)
            yield piece

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._buffer += chunk
        return True
