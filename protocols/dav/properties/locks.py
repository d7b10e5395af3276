"""lockdiscovery and supportedlock (RFC 4918 sections 15.8 and 15.10)."""

from collections.abc import Sequence
from datetime import datetime

from common.clock import now
from files.models import NodeLock, Space
from files.queries.locks import Locks, locks_of
from protocols.dav.escaping import quoted
from protocols.dav.properties.registry import DAV, Context, Entry, Live

_SUPPORTED = "".join(
    f"<d:lockentry><d:lockscope><d:{scope}/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"
    for scope in ("exclusive", "shared")
)


def locks_covering(entry: Entry, context: Context) -> list[NodeLock]:
    """On what it is or stands for, and deep ones above: one query for a space, none for a space without locks."""
    place = context.place_of(entry)
    there = context.place if place is None else place.entered
    locks = _locks_in(there.space, context)
    if not locks:
        return []
    if place is None:
        return locks.covering(entry.pk, there.chain_ids)
    return locks.covering(there.node.pk, there.ancestor_ids)


def _locks_in(space: Space, context: Context) -> Locks:
    key = (locks_of, space.pk)
    if key not in context.memory:
        context.memory[key] = locks_of(space)
    found: Locks = context.memory[key]
    return found


def lockdiscovery(entry: Entry, context: Context) -> str:
    at = now()
    covering = locks_covering(entry, context)
    link_id = context.actor.link_id
    return "".join(
        active_lock(lock, _root(lock, entry, context), at, tell_owner=link_id is None or lock.link_id == link_id)
        for lock in covering
    )


def _root(lock: NodeLock, entry: Entry, context: Context) -> str:
    """The address of what the lock was taken on: the entry, or one of the folders above it as far as one sees them."""
    root, place = context.root, context.place_of(entry)
    if place is not None:
        own, there, node_id = root.href(place.path, is_folder=entry.is_folder), place.entered, place.shown.pk
    else:
        there, node_id = context.place, entry.pk
        own = f"{root.href(there.path, is_folder=True)}{quoted(entry.name)}{'/' if entry.is_folder else ''}"
    path = None if lock.node_id == node_id else there.path_of_ancestor(lock.node_id)
    return own if path is None else root.href(path, is_folder=True)


def active_lock(lock: NodeLock, root: str, at: datetime, *, tell_owner: bool = True) -> str:
    """The `<d:activelock>` element. What its client said of itself is for the people of the team."""
    seconds = max(0, int((lock.expires_at - at).total_seconds()))
    owner = f"<d:owner>{lock.owner}</d:owner>" if lock.owner and tell_owner else ""
    return (
        f"<d:activelock><d:locktype><d:write/></d:locktype><d:lockscope><d:{lock.scope}/></d:lockscope>"
        f"<d:depth>{'infinity' if lock.is_deep else '0'}</d:depth>{owner}<d:timeout>Second-{seconds}</d:timeout>"
        f"<d:locktoken><d:href>{lock.token}</d:href></d:locktoken><d:lockroot><d:href>{root}</d:href></d:lockroot>"
        "</d:activelock>"
    )


def _supportedlock(entry: Entry, context: Context) -> str:
    return _SUPPORTED


LOCKS: Sequence[Live] = (
    Live(DAV, "lockdiscovery", lockdiscovery),
    Live(DAV, "supportedlock", _supportedlock),
)
