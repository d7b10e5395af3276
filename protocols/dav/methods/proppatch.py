"""PROPPATCH (RFC 4918 section 9.2): all changes or none, in the order of the document."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus
from xml.etree.ElementTree import Element

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from files import errors
from files.actions.annotations import PropertyChange, set_properties
from files.queries.tree import LocatedNode
from http_kit.parameters import parse_time
from protocols.dav.body import parse_xml, read_xml, split_name
from protocols.dav.call import Call
from protocols.dav.errors import XML
from protocols.dav.escaping import inner_xml
from protocols.dav.multistatus import HEAD, TAIL, propstat, response, tags
from protocols.dav.properties.registry import DAV, Live, Name

MAXIMUM_CHANGES = 500
TIME: Name = (DAV, "lastmodified")  # what rclone and Nextcloud's clients set: seconds since 1970
_PROTECTED = "<d:error><d:cannot-modify-protected-property/></d:error>"


@dataclass(slots=True)
class _Update:
    """`names` in the order of the document, `refused` those that nobody can change."""

    names: list[Name] = field(default_factory=list)
    refused: dict[Name, int] = field(default_factory=dict)
    changes: list[PropertyChange] = field(default_factory=list)
    modified_at: datetime | None = None
    also: list[Callable[[LocatedNode], None]] = field(default_factory=list)


def proppatch(call: Call) -> HttpResponseBase:
    """207 with a status for each property."""
    root = parse_xml(read_xml(call.request))
    if split_name(root.tag) != (DAV, "propertyupdate"):
        raise errors.InvalidRequest(_("The body is no DAV:propertyupdate."))
    update = _read(call, root)
    place = call.place()
    if not update.refused:
        _apply(call, place, update)
    return _answer(call, place, update)


def _apply(call: Call, place: LocatedNode, update: _Update) -> None:
    """What is only the actor's own (`also`: a favourite) needs no right to edit, and is of the mount itself. Everything
    else is of the folder that it stands for.
    """
    if update.changes or update.modified_at is not None:
        set_properties(
            call.actor,
            node_id=place.entered.node.pk,
            changes=update.changes,
            modified_at=update.modified_at,
            conditions=call.conditions,
            also=[partial(_at, place, write) for write in update.also],
        )
        return
    call.require_conditions(place)
    for write in update.also:
        write(place)


def _at(place: LocatedNode, write: Callable[[LocatedNode], None], _: LocatedNode) -> None:
    write(place)


def _read(call: Call, root: Element) -> _Update:
    update = _Update()
    for instruction in root:
        namespace, verb = split_name(instruction.tag)
        if namespace != DAV or verb not in ("set", "remove"):
            continue  # section 17: what is unknown is ignored
        for prop in instruction.findall(f"{{{DAV}}}prop"):
            for element in prop:
                _add(call, update, element, is_set=verb == "set")
    if not update.names or len(update.names) > MAXIMUM_CHANGES:
        raise errors.InvalidRequest(
            _("Between one property and %(limit)d can be changed at once."), limit=MAXIMUM_CHANGES
        )
    return update


def _add(call: Call, update: _Update, element: Element, *, is_set: bool) -> None:
    name = split_name(element.tag)
    if name not in update.names:
        update.names.append(name)
    live = call.root.dialect.properties.get(name)
    if name == TIME and is_set:
        try:
            update.modified_at = parse_time(element.text or "")
        except errors.InvalidRequest:
            update.refused[name] = HTTPStatus.CONFLICT  # section 9.2.1: a value that does not fit
    elif live is not None and live.write is not None:
        update.also.append(_writer(call, live, (element.text or "") if is_set else None))
    elif live is not None or name[0] == DAV:
        update.refused[name] = HTTPStatus.FORBIDDEN
    else:
        update.changes.append(PropertyChange(*name, inner_xml(element) if is_set else None))


def _writer(call: Call, live: Live, value: str | None) -> Callable[[LocatedNode], None]:
    assert live.write is not None
    write = live.write
    return lambda place: write(call.actor, place, value)


def _answer(call: Call, place: LocatedNode, update: _Update) -> HttpResponse:
    statuses: dict[int, list[Name]] = {}
    for name in update.names:
        usual = HTTPStatus.FAILED_DEPENDENCY if update.refused else HTTPStatus.OK
        statuses.setdefault(int(update.refused.get(name, usual)), []).append(name)
    propstats = [
        propstat(
            [tags(name)[2] for name in names],
            f"{status} {HTTPStatus(status).phrase}",
            error=_PROTECTED if status == HTTPStatus.FORBIDDEN else "",
        )
        for status, names in statuses.items()
    ]
    text = HEAD + response(call.href_of(place), *propstats) + TAIL
    return HttpResponse(text.encode(), status=207, headers={"Cache-Control": "private, no-store"}, content_type=XML)
