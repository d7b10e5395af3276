"""What the content door reads from the query and the headers of a request."""

import re
from datetime import UTC, datetime

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from files import errors
from files.downloads.answer import conditions_of
from files.tree.put import Mode, Wish

_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_SECONDS = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$", re.ASCII)
_YES, _NO = frozenset({"1", "true", "yes", "on", ""}), frozenset({"0", "false", "no", "off"})


def wish_of(request: HttpRequest) -> Wish:
    """`?mode=`, `?autorename=`, `?base_version=`, `?modified_at=` and the If-* headers. Raises InvalidRequest."""
    base_version = id_of(request, "base_version")
    default = Mode.OVERWRITE if base_version is None else Mode.UPDATE
    text = value_of(request, "mode")
    if text is not None and text not in list(Mode):
        raise errors.InvalidRequest("mode is create, overwrite or update.", parameter="mode")
    mode = default if text is None else Mode(text)
    if mode is Mode.UPDATE and base_version is None:
        raise errors.InvalidRequest("mode=update needs base_version.", parameter="base_version")
    return Wish(
        mode,
        flag_of(request, "autorename"),
        base_version if mode is Mode.UPDATE else None,
        modified_of(request),
        {name: value for name, value in conditions_of(request).items() if name != "if-modified-since"},
    )


def value_of(request: HttpRequest, name: str) -> str | None:
    """A parameter of the query; the query is parsed only when there is one."""
    if not request.META.get("QUERY_STRING"):
        return None
    value: str | None = request.GET.get(name)
    return value


def id_of(request: HttpRequest, name: str) -> int | None:
    """Raises InvalidRequest. Whether it is anyone's is for the core to say."""
    text = value_of(request, name)
    if text is None:
        return None
    if not _ID.fullmatch(text):
        raise errors.InvalidRequest(f"{name} is not an id.", parameter=name)
    return int(text)


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
    raise errors.InvalidRequest(f"{name} is true or false.", parameter=name)


def modified_of(request: HttpRequest) -> datetime | None:
    """`?modified_at=`, or the headers X-Modified-At and X-OC-Mtime: RFC 3339, or seconds since 1970."""
    text = value_of(request, "modified_at")
    if text is None:
        text = request.META.get("HTTP_X_MODIFIED_AT") or request.META.get("HTTP_X_OC_MTIME")
    return None if not text else parse_time(text)


def parse_time(text: str) -> datetime:
    """RFC 3339 (without an offset: UTC), or seconds since 1970 with or without a fraction. Raises InvalidRequest.

    The `+` of an offset that was not escaped in a query is put back.
    """
    text = text.strip()
    try:
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        moment = parse_datetime(_LOST_PLUS.sub(r"\1+\2", text))
        if moment is not None:
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise errors.InvalidRequest("The time is neither RFC 3339 nor seconds.", parameter="modified_at")
