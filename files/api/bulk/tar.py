"""application/x-tar: ustar and pax (POSIX.1-2017, pax, "pax Interchange Format"), and GNU's long names.

Not the standard library's reader: that one takes headers on trust (a negative size makes it loop for ever, a chain
of long names exhausts the stack), and this needs only what a file is. Links, devices, sparse files and the like
are refused one by one; folders are skipped, since a file brings its folders along.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils.translation import gettext_lazy

from common.errors import CodedError
from files.api.bulk.body_part import Part, broken
from files.errors import InvalidRequest
from http_kit.parameters import parse_time

BLOCK = 512
MAXIMUM_EXTENSION = 1024 * 1024  # bytes of one header of names, times and so on
_FILES, _FOLDER = b"0\x007", b"5"
_WITHOUT_DATA = b"123456"
_SKIPPED = b"gKVN"  # global headers (git archive writes one), long link names, volume labels


def parse_tar(body: bytes) -> Iterator[Part]:
    position, extension = 0, dict[str, bytes]()
    while position + BLOCK <= len(body):
        header = body[position : position + BLOCK]
        if not header.strip(b"\0"):
            return  # the end of the archive
        kind, size = _check(header), _number(header[124:136])
        if kind in _FILES and "size" in extension:
            size = _decimal(extension["size"])
        if kind in _WITHOUT_DATA:
            size = 0  # a link may say how large what it points to is
        start = position + BLOCK
        data = body[start : start + size]
        if len(data) < size:
            raise broken(gettext_lazy("a file of the archive is cut off"))
        position = start + -(-size // BLOCK) * BLOCK
        if kind in b"xL":
            if size > MAXIMUM_EXTENSION:
                raise broken(gettext_lazy("a header of the archive is too long"))
            extension.update(_pax(data) if kind == b"x" else {"path": data.rstrip(b"\0")})
        elif kind not in _SKIPPED:
            if kind != _FOLDER:
                yield _part(header, kind, extension, data)
            extension = {}
    raise broken(gettext_lazy("the end of the archive is missing"))


def _check(header: bytes) -> bytes:
    """The type flag of a header whose checksum is right."""
    expected = _number(header[148:156])
    if sum(header) - sum(header[148:156]) + 8 * 32 != expected:
        raise broken(gettext_lazy("a header of the archive is damaged"))
    return header[156:157]


def _number(field: bytes) -> int:
    """Octal digits, or with the first bit set binary (GNU). Never negative."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:])
    try:
        return int(field.strip(b" \0") or b"0", 8) if b"_" not in field and b"-" not in field else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> int:
    raise broken(gettext_lazy("a number of the archive is malformed"))


def _decimal(text: bytes) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else _refuse()


def _pax(data: bytes) -> dict[str, bytes]:
    """Records `<length> <key>=<value>\\n`."""
    records, position = {}, 0
    while position < len(data):
        digits, space, _ = data[position : position + 20].partition(b" ")
        length = _decimal(digits) if space else 0
        record = data[position + len(digits) + 1 : position + length]
        key, equals, value = record.partition(b"=")
        if length <= len(digits) + 2 or not equals or not value.endswith(b"\n"):
            raise broken(gettext_lazy("a header of the archive is malformed"))
        records[key.decode("utf-8", "replace")] = value[:-1]
        position += length
    return records


def _part(header: bytes, kind: bytes, extension: dict[str, bytes], data: bytes) -> Part:
    path = _path(header, extension)
    if kind not in _FILES or any(key.startswith("GNU.sparse") for key in extension):
        return Part(path, b"", error=InvalidRequest(gettext_lazy("Only plain files are taken from an archive.")))
    try:
        if "mtime" in extension:
            return Part(path, data, parse_time(extension["mtime"].decode("ascii", "replace")))
        return Part(path, data, datetime.fromtimestamp(_number(header[136:148]), UTC))
    except (CodedError, ValueError, OverflowError, OSError):
        return Part(path, data, error=InvalidRequest(gettext_lazy("The modification time is out of range.")))


def _path(header: bytes, extension: dict[str, bytes]) -> str:
    name = extension.get("path")
    if name is None:
        name = header[:100].partition(b"\0")[0]
        prefix = header[345:500].partition(b"\0")[0]
        if prefix and header[257:262] == b"ustar" and header[263:265] == b"00":
            name = prefix + b"/" + name
    while name.startswith(b"./"):
        name = name[2:]
    return name.decode("utf-8", "surrogateescape")
