"""The body of a SEARCH (RFC 5323, basicsearch) as plain values, as far as clients of files use it.

A condition is a comparison of one property with a literal, or an `and` of some. What is not understood is refused.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from xml.etree.ElementTree import Element

from django.utils.translation import gettext_lazy as _

from common.ids import id_of
from files.errors import InvalidRequest
from files.models import NodeKind
from http_kit.parameters import parse_time
from protocols.dav.body import parse_xml, split_name
from protocols.dav.properties.registry import DAV
from protocols.dav.properties.requested import Requested
from protocols.dav.resources import address_path
from protocols.nextcloud.constants import OC
from protocols.nextcloud.methods import requested_in

MAXIMUM_RESULTS = 100
_D = f"{{{DAV}}}"
_FIRST = "{https://github.com/icewind1991/SearchDAV/ns}firstresult"  # Nextcloud's way to the next page


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`scope` is the path of the address that is searched; `text` what the name should have; `file_id` one node."""

    requested: Requested
    scope: str
    text: str = ""
    file_id: int | None = None
    media_types: tuple[str, ...] = ()
    kind: int | None = None
    modified_after: datetime | None = None
    modified_before: datetime | None = None
    order: str = "relevance"
    limit: int = MAXIMUM_RESULTS
    offset: int = 0


def search_request(body: bytes) -> SearchRequest:
    """Raises InvalidRequest."""
    root = parse_xml(body)
    basic = root.find(f"{_D}basicsearch")
    if root.tag != f"{_D}searchrequest" or basic is None:
        raise InvalidRequest(_("The body is no DAV:basicsearch."))
    select, where = basic.find(f"{_D}select"), basic.find(f"{_D}where")
    scope = basic.findtext(f"{_D}from/{_D}scope/{_D}href", "").strip()
    requested = requested_in(select.find(f"{_D}prop") if select is not None else None)
    wanted = SearchRequest(requested, address_path(scope))
    for condition in where if where is not None else ():
        wanted = _narrowed(wanted, condition)
    limit, offset = _limits(basic.find(f"{_D}limit"))
    return replace(wanted, order=_order(basic.find(f"{_D}orderby")), limit=limit, offset=offset)


def _narrowed(wanted: SearchRequest, condition: Element) -> SearchRequest:
    namespace, operator = split_name(condition.tag)
    if namespace != DAV:
        raise InvalidRequest(_("That condition is not understood."))
    if operator == "and":
        for inner in condition:
            wanted = _narrowed(wanted, inner)
        return wanted
    if operator == "is-collection":
        return replace(wanted, kind=int(NodeKind.FOLDER))
    prop, literal = condition.find(f"{_D}prop"), condition.findtext(f"{_D}literal", "").strip()
    names = [split_name(child.tag) for child in (prop if prop is not None else ())]
    if len(names) != 1:
        raise InvalidRequest(_("A condition compares one property."))
    return _compared(wanted, operator, names[0], literal)


def _compared(wanted: SearchRequest, operator: str, name: tuple[str, str], literal: str) -> SearchRequest:
    if name == (DAV, "displayname") and operator in ("like", "eq"):
        return replace(wanted, text=f"{wanted.text} {literal.replace('%', ' ')}".strip())
    if name == (OC, "fileid") and operator == "eq" and id_of(literal) is not None:
        return replace(wanted, file_id=id_of(literal))
    if name == (DAV, "getcontenttype") and operator in ("like", "eq"):
        return replace(wanted, media_types=(*wanted.media_types, literal.replace("%", "").rstrip("/")))
    if name == (DAV, "getlastmodified") and operator in ("gt", "gte"):
        return replace(wanted, modified_after=parse_time(literal))
    if name == (DAV, "getlastmodified") and operator in ("lt", "lte"):
        return replace(wanted, modified_before=parse_time(literal))
    raise InvalidRequest(_("That condition is not understood."))


_ORDERS = {(DAV, "displayname"): "name", (DAV, "getlastmodified"): "modified", (OC, "size"): "size"}


def _order(orderby: Element | None) -> str:
    """The first of the orders; those that are unknown are ignored."""
    for order in orderby if orderby is not None else ():
        prop = order.find(f"{_D}prop")
        for child in prop if prop is not None else ():
            found = _ORDERS.get(split_name(child.tag))
            if found is not None:
                return found if order.find(f"{_D}descending") is None else f"-{found}"
    return "relevance"


def _limits(limit: Element | None) -> tuple[int, int]:
    """How many, and from which on."""
    if limit is None:
        return MAXIMUM_RESULTS, 0
    return min(_number(limit, f"{_D}nresults", MAXIMUM_RESULTS), MAXIMUM_RESULTS), _number(limit, _FIRST, 0)


def _number(element: Element, name: str, default: int) -> int:
    text = (element.findtext(name) or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
