"""multipart/form-data (RFC 7578) over bytes in memory.

Django's own parser cuts folders off names and costs more than storing small files does. The name of a part is
the file's path. Browsers, curl and urllib3 write `"`, CR and LF in a name as %22, %0D and %0A and leave `%` alone
(HTML, section "multipart form data"), so those three are undone; who has names with `%` sends a manifest.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from common.errors import CodedError
from common.paths import MAXIMUM_PATH_BYTES
from files.api.bulk.body_part import Part, broken
from http_kit.known_keys import unknown_among
from http_kit.parameters import parse_time

MAXIMUM_HEADERS = MAXIMUM_PATH_BYTES * 3 + 1024  # bytes of one part
_NAME = re.compile(rb';\s*name="((?:[^"\\]|\\.)*)"', re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(r"%22|%0D|%0A", re.IGNORECASE)
_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}


def parse_multipart(body: bytes, boundary: bytes, *, manifest: bool) -> Iterator[Part]:
    """`manifest`: the first part is JSON that says path, time and checksums of the others, in their order."""
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
        said = json.loads(first)
        entries = said["files"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise broken(gettext_lazy('the first part is not a manifest {"files": [...]}')) from error
    _require_known(said, ("files",))
    if not isinstance(entries, list):
        raise broken(gettext_lazy("files in the manifest is not a list"))
    count = 0
    for count, (_, data) in enumerate(parts, 1):
        if count > len(entries):
            raise broken(gettext_lazy("there are more parts than the manifest says"))
        yield _by_entry(entries[count - 1], data)
    if count != len(entries):
        raise broken(gettext_lazy("there are fewer parts than the manifest says"))


def _require_known(given: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in unknown_among(known, given):
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
