"""Plain values out of the address, the query and the headers of a request. Each function raises InvalidRequest for an
invalid value.
"""

import re
from datetime import datetime
from functools import cache

from django.http import HttpRequest
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _

from common import ids, times
from http_kit.errors import InvalidRequest

_YES, _NO = frozenset({"1", "true", "yes", "on", ""}), frozenset({"0", "false", "no", "off"})
_CONDITIONS = {
    "HTTP_IF_MATCH": "if-match",
    "HTTP_IF_NONE_MATCH": "if-none-match",
    "HTTP_IF_MODIFIED_SINCE": "if-modified-since",
    "HTTP_IF_UNMODIFIED_SINCE": "if-unmodified-since",
}


def value_of(request: HttpRequest, name: str) -> str | None:
    """A parameter of the query; the query is parsed only when there is one."""
    if not request.META.get("QUERY_STRING"):
        return None
    value: str | None = request.GET.get(name)
    return value


def parse_id(text: str, name: str) -> int:
    """An id as a client writes it. Whether it is anyone's is for the core to say."""
    if not ids.is_written_id(text):
        raise InvalidRequest(_("%(parameter)s is not an id."), parameter=name)
    return int(text)


def id_of(request: HttpRequest, name: str) -> int | None:
    text = value_of(request, name)
    return None if text is None else parse_id(text, name)


def space_of(request: HttpRequest) -> int | None:
    """`?space=<id>`; None, also for `home`, is the actor's home."""
    return None if value_of(request, "space") == "home" else id_of(request, "space")


def flag_of(request: HttpRequest, name: str) -> bool:
    """`?name`, `?name=1` and `?name=true` are yes."""
    text = value_of(request, name)
    if text is None or text.lower() in _NO:
        return False
    if text.lower() in _YES:
        return True
    raise InvalidRequest(_("%(parameter)s is true or false."), parameter=name)


def modified_of(request: HttpRequest) -> datetime | None:
    """`?modified_at=`, or the headers X-Modified-At and X-OC-Mtime: RFC 3339, or seconds since 1970."""
    text = value_of(request, "modified_at")
    if text is None:
        text = request.META.get("HTTP_X_MODIFIED_AT") or request.META.get("HTTP_X_OC_MTIME")
    return None if not text else parse_time(text)


def parse_time(text: str) -> datetime:
    """RFC 3339 (without an offset: UTC), or seconds since 1970 with or without a fraction, as an aware time."""
    moment = times.parse_time(text)
    if moment is None:
        raise InvalidRequest(_("The time is neither RFC 3339 nor seconds."), parameter="modified_at")
    return moment


@cache
def _boundary(longest: int) -> re.Pattern[str]:
    return re.compile(rf'boundary=(?:"([^"]{{1,{longest}}})"|([!-~]{{1,{longest}}}?)(?:;|\s|$))', re.IGNORECASE)


def boundary_of(content_type: str, *, longest: int = 70) -> bytes:
    """That of a multipart body (RFC 2046 section 5.1.1: at most 70 characters, which not every client keeps to)."""
    found = _boundary(longest).search(content_type)
    if found is None:
        raise InvalidRequest(_("The boundary is missing."))
    return (found[1] or found[2]).encode("ascii", "ignore")


def conditions_of(request: HttpRequest) -> dict[str, str]:
    """The If-* headers of a request (RFC 9110 section 13.1) but If-Range, by lower-case name."""
    meta = request.META
    return {name: meta[key] for key, name in _CONDITIONS.items() if key in meta}


def write_conditions_of(request: HttpRequest) -> dict[str, str]:
    """Those that matter to a method that changes something."""
    return {name: value for name, value in conditions_of(request).items() if name != "if-modified-since"}


class AnyPathConverter(StringConverter):
    """Django's `path` ends at a line break, which a name may hold; and the empty path is the top folder."""

    regex = r"[\s\S]*"


register_converter(AnyPathConverter, "anypath")
