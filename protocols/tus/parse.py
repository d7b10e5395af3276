"""From the headers of tus to plain values, and the constants of the protocol. Raises InvalidRequest and
InvalidChecksum of files.errors.
"""

import base64
import binascii
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from files import errors
from files.actions.uploads import UploadOptions
from files.queries.target import Target
from files.tree.writing import Mode
from http_kit.parameters import parse_id

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,termination,checksum,expiration,concatenation"
CHECKSUMS = ("sha1", "md5", "sha256")
PIECE = "application/offset+octet-stream"
PROTOCOL = "tus"  # uploads of this endpoint are not those of REST
PREFIX = "/tus/"


_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EMPTY = frozenset({"", "null", "undefined"})  # what JavaScript makes of a value that is not there
MAXIMUM_METADATA = 16_384


@dataclass(frozen=True, slots=True)
class Concatenation:
    """`Upload-Concat`: a part, or a whole made of parts. Neither for an ordinary upload."""

    is_partial: bool = False
    part_ids: tuple[uuid.UUID, ...] | None = None
    header: str = ""


@dataclass(frozen=True, slots=True)
class Creation:
    """A POST. `length` None: deferred, or the sum of the parts."""

    length: int | None
    metadata: dict[str, str] = field(default_factory=dict)
    raw_metadata: str = ""
    concatenation: Concatenation = Concatenation()


def creation(request: HttpRequest) -> Creation:
    raw = request.META.get("HTTP_UPLOAD_METADATA", "")
    joined = concatenation(request.META.get("HTTP_UPLOAD_CONCAT"))
    return Creation(_length(request, joined), metadata(raw), raw, joined)


def _length(request: HttpRequest, joined: Concatenation) -> int | None:
    length = number(request, "Upload-Length")
    deferred = request.META.get("HTTP_UPLOAD_DEFER_LENGTH")
    if joined.part_ids is not None:
        if length is not None:
            raise errors.InvalidRequest(gettext_lazy("The length of a final upload is the sum of its parts."))
        return None
    if deferred is not None and deferred != "1":
        raise errors.InvalidRequest(gettext_lazy("Upload-Defer-Length is 1 or absent."))
    if (length is None) == (deferred is None):
        raise errors.InvalidRequest(gettext_lazy("Send either Upload-Length or Upload-Defer-Length."))
    return length


def number(request: HttpRequest, name: str) -> int | None:
    """A header that is a number of bytes."""
    text = request.META.get("HTTP_" + name.upper().replace("-", "_"))
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise errors.InvalidRequest(gettext_lazy("%(header)s is not a number of bytes."), header=name)
    return int(text)


def metadata(header: str) -> dict[str, str]:
    """`key base64, key base64, key`: keys are unique; bytes that are not UTF-8 are refused."""
    if len(header) > MAXIMUM_METADATA:
        raise errors.InvalidRequest(gettext_lazy("Upload-Metadata is too long."))
    found: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        if not key or key in found:
            raise errors.InvalidRequest(gettext_lazy("Upload-Metadata is malformed."))
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise errors.InvalidRequest(
                gettext_lazy("Upload-Metadata is not Base64 of UTF-8."), key=key[:100]
            ) from error
    return found


def concatenation(header: str | None) -> Concatenation:
    """`partial`, or `final;/tus/a /tus/b` with URLs absolute or not."""
    if header is None:
        return Concatenation()
    kind, semicolon, urls = header.partition(";")
    if kind.strip() == "partial" and not semicolon:
        return Concatenation(is_partial=True)
    if kind.strip() != "final":
        raise errors.InvalidRequest(gettext_lazy("Upload-Concat is partial, or final with the URLs of its parts."))
    return Concatenation(part_ids=tuple(_part_id(url) for url in urls.split()), header=header)


def _part_id(url: str) -> uuid.UUID:
    try:
        path = urlsplit(url).path
        if not path.startswith(PREFIX):
            raise ValueError(path)
        return uuid.UUID(path.removeprefix(PREFIX).strip("/"))
    except ValueError as error:
        raise errors.InvalidRequest(gettext_lazy("Upload-Concat names something that is no upload.")) from error


def checksum(request: HttpRequest) -> dict[str, str] | None:
    """`Upload-Checksum: sha1 <Base64>`."""
    header = request.META.get("HTTP_UPLOAD_CHECKSUM")
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise errors.InvalidChecksum(algorithm=algorithm[:20])
    try:
        return {algorithm: base64.b64decode(value.strip(), validate=True).hex()}
    except (binascii.Error, ValueError) as error:
        raise errors.InvalidChecksum(algorithm=algorithm) from error


def upload_options(wanted: Creation, *, now: datetime) -> UploadOptions:
    """The target and options in the metadata (docs/protocols/tus.md lists the keys)."""
    metadata = {key: value for key, value in wanted.metadata.items() if value not in _EMPTY}
    mode, autorename = _mode(metadata)
    base_version = _id(metadata, "base_version")
    if (mode is Mode.UPDATE) != (base_version is not None):
        raise errors.InvalidRequest(gettext_lazy("base_version goes with mode update."))
    parent_id = _id(metadata, "parent")
    return UploadOptions(
        target=Target(
            "" if wanted.concatenation.is_partial else _path(metadata, now),
            parent_id=parent_id,
            space_id=None if parent_id is not None or metadata.get("space") == "home" else _id(metadata, "space"),
        ),
        length=wanted.length,
        mode=mode,
        autorename=autorename,
        base_version_id=base_version,
        modified_at=modified_of(metadata),
        expected={"content_hash": metadata["content_hash"]} if "content_hash" in metadata else {},
        metadata={"raw": wanted.raw_metadata, "concat": wanted.concatenation.header},
        protocol=PROTOCOL,
        is_partial=wanted.concatenation.is_partial,
    )


def _path(metadata: dict[str, str], now: datetime) -> str:
    """`relativePath` ends with the name, as a browser's webkitRelativePath does, unless it ends with a slash."""
    name = metadata.get("filename") or metadata.get("name") or f"upload {now:%Y-%m-%d %H.%M.%S}"
    relative = metadata.get("relativePath")
    if relative is None:
        if "/" in name:
            raise errors.InvalidName(reason="slash")
        return name
    return relative + name if relative.endswith("/") else relative


def _mode(metadata: dict[str, str]) -> tuple[Mode, bool]:
    """Without a mode, an upload never overwrites and never fails because of a name."""
    if "mode" not in metadata:
        return Mode.CREATE, metadata.get("autorename", "true") != "false"
    if metadata["mode"] not in list(Mode):
        raise errors.InvalidRequest(gettext_lazy("mode is create, overwrite or update."))
    return Mode(metadata["mode"]), metadata.get("autorename") == "true"


def _id(metadata: dict[str, str], key: str) -> int | None:
    if key not in metadata:
        return None
    return parse_id(metadata[key], key)


def modified_of(metadata: dict[str, str]) -> datetime | None:
    """`lastModified`: milliseconds since 1970, as a browser's File.lastModified."""
    if "lastModified" not in metadata:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=float(metadata["lastModified"]))
    except (ValueError, OverflowError) as error:
        raise errors.InvalidRequest(gettext_lazy("lastModified is milliseconds since 1970.")) from error
