"""The headers of WebDAV as plain values (RFC 4918 section 10). Raises InvalidRequest."""

import re
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from files import errors
from http_kit.parameters import parse_time

INFINITY = "infinity"
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def depth_of(request: HttpRequest, *, default: str = INFINITY) -> str:
    """`0`, `1` or `infinity`."""
    text: str = request.META.get("HTTP_DEPTH", default).strip().lower()
    if text not in ("0", "1", INFINITY):
        raise errors.InvalidRequest(_("Depth is 0, 1 or infinity."))
    return text


def overwrite_of(request: HttpRequest) -> bool:
    """True when nothing is said."""
    text = request.META.get("HTTP_OVERWRITE", "T").strip().upper()
    if text not in ("T", "F"):
        raise errors.InvalidRequest(_("Overwrite is T or F."))
    return bool(text == "T")


def destination_of(request: HttpRequest) -> str:
    """As sent."""
    text: str = request.META.get("HTTP_DESTINATION", "").strip()
    if not text:
        raise errors.InvalidRequest(_("There is no Destination."))
    return text


def modified_of(request: HttpRequest) -> datetime | None:
    """X-OC-Mtime: seconds since 1970, of the file as the client has it."""
    text = request.META.get("HTTP_X_OC_MTIME")
    return parse_time(text) if text else None


def number_of(request: HttpRequest, name: str) -> int | None:
    """A number of bytes; None when the header is not there."""
    text = request.META.get("HTTP_" + name.upper().replace("-", "_"))
    if text is None:
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise errors.InvalidRequest(_("%(header)s is not a number of bytes."), header=name)
    return int(text)


def length_of(request: HttpRequest, announced: int | None) -> int | None:
    """Of the body: by Content-Length (`announced`), by Finder's header for chunked bodies, by ownCloud's for a file.

    Raises LengthMismatch when they differ.
    """
    for name in ("X-Expected-Entity-Length", "OC-Total-Length"):
        number = number_of(request, name)
        if number is not None and announced not in (None, number):
            raise errors.LengthMismatch(announced=number, arrived=announced)
        announced = number if announced is None else announced
    return announced
