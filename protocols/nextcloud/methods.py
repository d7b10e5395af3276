"""Methods of a tree that only Nextcloud's dialect has: REPORT of favourites, PATCH that recalculates a checksum."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from files import errors
from files.actions.annotations import record_checksum
from files.queries.favourites import list_favourites
from files.queries.tree import LocatedNode
from protocols.dav.body import parse_xml, read_xml, split_name
from protocols.dav.call import Call
from protocols.dav.errors import XML, UnknownReport
from protocols.dav.methods.propfind import dead_properties
from protocols.dav.methods.writing import without_content
from protocols.dav.multistatus import HEAD, TAIL
from protocols.dav.properties.registry import DAV, Context, entry_of
from protocols.dav.properties.requested import ALL, Requested
from protocols.dav.properties.writing import Writer
from protocols.dav.resources import AddressRoot
from protocols.nextcloud.constants import OC

MAXIMUM_NAMES = 100


def patch(call: Call) -> HttpResponseBase:
    """`X-Recalculate-Hash: sha1`: 204 with OC-Checksum."""
    algorithm = call.request.META.get("HTTP_X_RECALCULATE_HASH", "").strip().lower()
    if not algorithm:
        raise errors.InvalidRequest(_("PATCH recalculates a checksum: send X-Recalculate-Hash."))
    found = record_checksum(call.actor, place=call.place(), algorithm=algorithm)
    response = without_content(204)
    response.headers["OC-Checksum"] = f"{algorithm.upper()}:{found}"
    return response


def report(call: Call) -> HttpResponseBase:
    """`oc:filter-files` with the rule `oc:favorite`: what is marked below this folder."""
    root, place = parse_xml(read_xml(call.request)), call.place()
    if split_name(root.tag) != (OC, "filter-files"):
        raise UnknownReport
    rules = root.find(f"{{{OC}}}filter-rules")
    wanted = [(split_name(rule.tag), (rule.text or "").strip()) for rule in (rules if rules is not None else ())]
    if not wanted:
        raise errors.InvalidRequest(_("There is no rule."))
    places = list_favourites(call.actor, below=place) if ((OC, "favorite"), "1") in wanted else []
    if [rule for rule in wanted if rule[0] != (OC, "favorite")]:
        places = []  # tags and circles: there are none
    return found_places(call.actor, call.root, place, places, requested_in(root.find(f"{{{DAV}}}prop")))


def requested_in(prop: Element | None) -> Requested:
    """The properties that a DAV:prop names. Raises InvalidRequest."""
    if prop is None:
        return ALL
    names = tuple(dict.fromkeys(split_name(child.tag) for child in prop))
    if len(names) > MAXIMUM_NAMES:
        raise errors.InvalidRequest(_("At most %(limit)d properties can be requested at once."), limit=MAXIMUM_NAMES)
    return Requested(names=names)


def found_places(
    actor: Actor, root: AddressRoot, base: LocatedNode, places: Sequence[LocatedNode], requested: Requested
) -> HttpResponse:
    """207 with places from anywhere below the base, in a constant number of queries."""
    writer = Writer(requested, root.dialect.properties, dead_properties)
    places = [place for place in places if root.reaches(actor, place)]
    elsewhere = {place.known_as.pk: place for place in places}
    context = Context(actor, root, base, [entry_of(place) for place in places], elsewhere=elsewhere)
    hrefs = [root.href(place.path, is_folder=place.node.is_folder) for place in places]
    text = HEAD + (writer.responses_at(context, hrefs) if places else "") + TAIL
    headers = {"Cache-Control": "private, no-store"}
    return HttpResponse(text.encode(), status=207, headers=headers, content_type=XML)
