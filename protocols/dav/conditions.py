"""Whether an `If` header holds, by what is there now. Actions check locks again under the lock of the space."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from files import errors
from files.queries import tree
from files.queries.locks import locks_of
from protocols.dav.call import Call
from protocols.dav.errors import BadGateway
from protocols.dav.if_header import ConditionList

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
        path = call.path if tag is None else call.mount.path_of(tag, call.request)
    except BadGateway:  # nothing is known of another server
        return _State()
    names = tree.split_path(path)
    space = tree.get_space(call.actor, call.mount.space_id)
    way = tree.walk(space, names)
    exists = len(way) == len(names) + 1
    locks = locks_of(space)
    above = [node.pk for node in way]
    covering = locks.covering(above[-1], above[:-1]) if exists else locks.covering(0, above)
    return _State(way[-1].etag if exists else None, frozenset(lock.token for lock in covering))
