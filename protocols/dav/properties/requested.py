"""What a PROPFIND asks for (RFC 4918 section 14.20)."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from files import errors
from protocols.dav.body import parse_xml, split_name
from protocols.dav.properties.registry import DAV, Name

MAXIMUM_NAMES = 500
_CACHED_BODY = 4096


@dataclass(frozen=True, slots=True)
class Requested:
    """`names` None: all properties (with `include`d ones); `only_names`: propname."""

    names: tuple[Name, ...] | None = None
    include: tuple[Name, ...] = ()
    only_names: bool = False


ALL = Requested()


def requested_by(body: bytes) -> Requested:
    """An empty body asks for all. Raises InvalidRequest."""
    if not body:
        return ALL
    return _cached(body) if len(body) <= _CACHED_BODY else _parse(body)


def _parse(body: bytes) -> Requested:
    root = parse_xml(body)
    if split_name(root.tag) != (DAV, "propfind"):
        raise errors.InvalidRequest(_("The body is no DAV:propfind."))
    found = {local: child for child in root for namespace, local in [split_name(child.tag)] if namespace == DAV}
    kinds = [kind for kind in ("prop", "propname", "allprop") if kind in found]
    if len(kinds) != 1:
        raise errors.InvalidRequest(_("A DAV:propfind has one of prop, propname and allprop."))
    if kinds == ["propname"]:
        return Requested(only_names=True)
    if kinds == ["allprop"]:
        return Requested(include=_names(found["include"]) if "include" in found else ())
    return Requested(names=_names(found["prop"]))


def _names(element: object) -> tuple[Name, ...]:
    names = tuple(dict.fromkeys(split_name(child.tag) for child in element))  # type: ignore[attr-defined]
    if len(names) > MAXIMUM_NAMES:
        raise errors.InvalidRequest(_("At most %(limit)d properties can be requested at once."), limit=MAXIMUM_NAMES)
    return names


_cached = lru_cache(256)(_parse)  # a client sends the same few bodies again and again
