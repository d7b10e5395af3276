"""Whether an `If` header holds, by what is there now. Actions check locks again under the lock of the space."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from files import errors
from files.access.rights import Right
from files.queries import veil
from files.queries.locks import locks_of
from files.queries.tree import LocatedNode
from protocols.dav.call import Call
from protocols.dav.errors import BadGateway
from protocols.dav.if_header import ConditionList
from protocols.dav.marked_etags import etag_of

MAXIMUM_RESOURCES = 20  # named by one header: each is looked up


@dataclass(frozen=True, slots=True)
class _State:
    """`etag` None: there is nothing at that address. `tokens` of the locks that cover it."""

    etag: str | None = None
    tokens: frozenset[str] = frozenset()


def require_if(call: Call, lists: list[ConditionList]) -> None:
    """Raises PreconditionFailed when no list holds."""
    states: dict[str | None, _State] = {}
    if len({each.tag for each in lists}) > MAXIMUM_RESOURCES:
        raise errors.InvalidRequest(_("The If header names too many resources."))
    for each in lists:
        if each.tag not in states:
            states[each.tag] = _state_of(call, each.tag)
        if _holds(each, states[each.tag]):
            return
    raise errors.PreconditionFailed


def _holds(each: ConditionList, state: _State) -> bool:
    return all(
        (condition.value == state.etag if condition.is_etag else condition.value in state.tokens) != condition.negated
        for condition in each.conditions
    )


def _state_of(call: Call, tag: str | None) -> _State:
    try:
        path = call.path if tag is None else call.root.path_of(tag, call.request)
    except BadGateway:  # nothing is known of another server
        return _State()
    way = call.root.way(call.actor, path)
    seen = next((index for index in reversed(range(len(way))) if _is_seen(call, way.place(index))), None)
    if seen is None:
        return _State()
    last, exists = way.place(seen), seen == len(way.names)
    veil.cover([(last.shown, last.entered.access)])
    tokens = _tokens(last, exists) | (_tokens(last.entered, exists) if last.is_mount else frozenset())
    return _State(etag_of(last) if exists else None, tokens)


def _is_seen(call: Call, place: LocatedNode) -> bool:
    top = call.root.top
    whole = place.way_is_seen if top is None else place.is_seen_from(top.node.pk)
    return place.entered.access.allows(Right.VIEW) and whole


def _tokens(place: LocatedNode, exists: bool) -> frozenset[str]:
    """Of the locks that cover the place, or what is not there yet below it."""
    locks = locks_of(place.space)
    covering = locks.covering(place.node.pk, place.ancestor_ids) if exists else locks.covering(0, place.chain_ids)
    return frozenset(lock.token for lock in covering)
