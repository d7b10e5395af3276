"""Bodies of bulk uploads. Each parser yields `Part`s from bytes in memory, in order.

multipart/form-data (RFC 7578): Django's own parser cuts folders off names and costs more than storing small files
does. The name of a part is the file's path. Browsers, curl and urllib3 write `"`, CR and LF in a name as %22, %0D and
%0A and leave `%` alone (HTML, section "multipart form data"), so those three are undone; who has names with `%` sends
a manifest.

application/x-tar: ustar and pax (POSIX.1-2017, pax, "pax Interchange Format"), and GNU's long names. The standard
library's reader trusts headers (a negative size makes it loop endlessly, a chain of long names exhausts the stack),
and only plain files are needed here. Links, devices, sparse files and the like are refused one by one; folders are
skipped, since a file brings its folders along.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from common.errors import CodedError
from common.paths import MAXIMUM_PATH_BYTES
from files.errors import InvalidRequest
from http_kit.known_keys import unknown_among
from http_kit.parameters import parse_time

MAXIMUM_HEADERS = MAXIMUM_PATH_BYTES * 3 + 1024  # bytes of one part
_NAME = re.compile(rb';\s*name="((?:[^"\\]|\\.)*)"', re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(r"%22|%0D|%0A", re.IGNORECASE)
_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}
BLOCK = 512
MAXIMUM_EXTENSION = 1024 * 1024  # bytes of one header of names, times and so on
_FILES, _FOLDER = b"0\x007", b"5"
_WITHOUT_DATA = b"123456"
_SKIPPED = b"gKVN"  # global headers (git archive writes one), long link names, volume labels


@dataclass(slots=True)
class Part:
    """One file; `error` is why this one alone is refused."""

    path: str
    data: bytes
    modified_at: datetime | None = None
    checksums: dict[str, str] = field(default_factory=dict)
    error: CodedError | None = None


def broken(reason: Promise) -> InvalidRequest:
    """`reason` is translatable, a part of a sentence."""
    return InvalidRequest(_("The body is not valid: %(reason)s."), reason=reason)


def parse_multipart(body: bytes, boundary: bytes, *, manifest: bool) -> Iterator[Part]:
    """`manifest`: the first part is JSON with path, time and checksums of the others, in their order."""
    parts = _split(body, boundary)
    if manifest:
        yield from _by_manifest(parts)
        return
    for headers, data in parts:
        yield _by_headers(headers, data)


def _split(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Headers and data of each part."""
    opening, delimiter = b"--" + boundary, b"\r\n--" + boundary
    position = 0 if body.startswith(opening) else body.find(delimiter) + 2
    if position == 1:
        raise broken(gettext_lazy("there is no part"))
    position += len(opening)
    while body[position : position + 2] != b"--":
        line = body.find(b"\r\n", position, position + 256)
        head = body.find(b"\r\n\r\n", line, line + MAXIMUM_HEADERS) if line >= 0 else -1
        end = body.find(delimiter, head + 4) if head >= 0 else -1
        if end < 0 or body[position:line].strip(b" \t"):
            raise broken(gettext_lazy("a part is cut off"))
        yield body[line:head], body[head + 4 : end]
        position = end + len(delimiter)


def _by_headers(headers: bytes, data: bytes) -> Part:
    path, modified = "", ""
    for line in headers.split(b"\r\n"):
        field, _, value = line.partition(b":")
        name = field.strip().lower()
        if name == b"content-disposition":
            path = _name(value)
        elif name == b"x-modified-at":
            modified = value.decode("ascii", "replace").strip()
    try:
        return Part(path, data, parse_time(modified) if modified else None)
    except CodedError as error:
        return Part(path, data, error=error)


def _name(value: bytes) -> str:
    match = _NAME.search(value)
    if match is None:
        raise broken(gettext_lazy("a part has no name"))
    raw = match[1].replace(b'\\"', b'"') if b'\\"' in match[1] else match[1]
    name = raw.decode("utf-8", "surrogateescape")  # what is not UTF-8 is refused as a name, by the core
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0].upper()], name) if "%" in name else name


def _by_manifest(parts: Iterator[tuple[bytes, bytes]]) -> Iterator[Part]:
    _, first = next(parts, (b"", b""))
    try:
        document = json.loads(first)
        entries = document["files"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise broken(gettext_lazy('the first part is not a manifest {"files": [...]}')) from error
    _require_known(document, ("files",))
    if not isinstance(entries, list):
        raise broken(gettext_lazy("files in the manifest is not a list"))
    count = 0
    for count, (_, data) in enumerate(parts, 1):
        if count > len(entries):
            raise broken(gettext_lazy("there are more parts than the manifest says"))
        yield _by_entry(entries[count - 1], data)
    if count != len(entries):
        raise broken(gettext_lazy("there are fewer parts than the manifest says"))


def _require_known(values: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in unknown_among(known, values):
        raise broken(format_lazy(gettext_lazy("{key} in the manifest is not known here"), key=key[:100]))


def _by_entry(entry: Any, data: bytes) -> Part:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise broken(gettext_lazy("an entry of the manifest has no path"))
    _require_known(entry, ("path", "modified_at", "checksums"))
    modified, checksums = entry.get("modified_at"), entry.get("checksums") or {}
    if not isinstance(checksums, dict) or not all(isinstance(value, str) for value in checksums.values()):
        raise broken(gettext_lazy("checksums in the manifest are hex by algorithm"))
    try:
        when = None if modified is None else parse_time(str(modified))
    except CodedError as error:
        return Part(entry["path"], data, error=error)
    return Part(entry["path"], data, when, checksums)


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
