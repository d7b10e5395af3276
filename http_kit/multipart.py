"""multipart/form-data (RFC 7578) as it arrives: fields and files, none of which is held as a whole.

Django's parser spools files to the disk or refuses them. Here each is a stream that is read once, by an action, and
what nobody reads is skipped.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from http_kit.errors import InvalidRequest, TooLarge

MAXIMUM_HEADERS = 8 * 1024  # bytes of one part: a name has at most 765
MAXIMUM_FIELD = 8 * 1024  # bytes of a field that is no file
_BOUNDARY = re.compile(  # RFC 2046 section 5.1.1
    r"""multipart/form-data\s*;(?:.*;)?\s*boundary=("?)([0-9A-Za-z'()+_,./:=? -]{1,70})\1\s*(?:;.*)?"""
)
_PARAMETER = re.compile(rb';[ \t]*(name|filename)="([^"\r\n]*)"')


@dataclass(frozen=True, slots=True)
class FormPart:
    """`filename` is None for a field that is no file, "" where none was chosen. `chunks` are to be read once, before
    the next part is asked for.
    """

    name: str
    filename: str | None
    chunks: Iterator[bytes]

    def text(self) -> str:
        """Of a field. Raises TooLarge, InvalidRequest."""
        found = b""
        for chunk in self.chunks:
            found += chunk
            if len(found) > MAXIMUM_FIELD:
                raise TooLarge(limit=MAXIMUM_FIELD)
        return _decoded(found)


def boundary_of(content_type: str) -> bytes:
    """Raises InvalidRequest for what is no form with files."""
    match = _BOUNDARY.fullmatch(content_type)
    if match is None:
        raise InvalidRequest(_("Send a form with files (multipart/form-data)."))
    return match[2].encode()


def parse_form(chunks: Iterable[bytes], boundary: bytes) -> Iterator[FormPart]:
    """Raises InvalidRequest for what is no form, or ends in its middle; TooLarge."""
    stream = _Stream(chunks, b"\r\n--" + boundary)
    for skipped in stream.until_delimiter():
        if skipped.strip():
            raise InvalidRequest(_("The form does not begin with its boundary."))
    while not stream.at_end():
        name, filename = _disposition(stream.headers())
        body = stream.until_delimiter()
        yield FormPart(name, filename, body)
        for _chunk in body:
            pass
    stream.read_epilogue()


def _disposition(headers: bytes) -> tuple[str, str | None]:
    for line in headers.split(b"\r\n"):
        field, _colon, value = line.partition(b":")
        if field.strip().lower() == b"content-disposition":
            found = dict(_PARAMETER.findall(value))
            filename = found.get(b"filename")
            return _decoded(found.get(b"name", b"")), None if filename is None else _decoded(filename)
    raise InvalidRequest(_("A part of the form has no name."))


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(_("The form is not UTF-8.")) from error


class _Stream:
    """Holds a chunk and a delimiter at most."""

    def __init__(self, chunks: Iterable[bytes], delimiter: bytes) -> None:
        self._chunks, self._delimiter = iter(chunks), delimiter
        self._buffer = b"\r\n"  # so that the first boundary is found like the others

    def until_delimiter(self) -> Iterator[bytes]:
        """What comes before the next one, which is passed over."""
        kept = len(self._delimiter) - 1
        while (end := self._buffer.find(self._delimiter)) < 0:
            if len(self._buffer) > kept:
                piece, self._buffer = self._buffer[:-kept], self._buffer[-kept:]
                yield piece
            self._more()
        piece, self._buffer = self._buffer[:end], self._buffer[end + len(self._delimiter) :]
        if piece:
            yield piece

    def at_end(self) -> bool:
        """Whether the delimiter was the last one (RFC 2046 section 5.1.1)."""
        while b"\r\n" not in self._buffer and not self._buffer.startswith(b"--"):
            self._more()
            if len(self._buffer) > MAXIMUM_HEADERS and b"\r\n" not in self._buffer:
                raise InvalidRequest(_("A boundary of the form is malformed."))
        return self._buffer.startswith(b"--")

    def headers(self) -> bytes:
        """Of the part that begins here, up to the empty line."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > MAXIMUM_HEADERS:
                raise TooLarge(limit=MAXIMUM_HEADERS)
            self._more()
        found, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        if len(found) > MAXIMUM_HEADERS:
            raise TooLarge(limit=MAXIMUM_HEADERS)
        return found

    def read_epilogue(self) -> None:
        """The line break at the end, so that the connection can be used again. What is longer than that is left."""
        read = 0
        for chunk in self._chunks:
            read += len(chunk)
            if read > MAXIMUM_HEADERS:
                return

    def _more(self) -> None:
        chunk = next(self._chunks, None)
        if chunk is None:
            raise InvalidRequest(_("The form ends in its middle."))
        self._buffer += chunk
