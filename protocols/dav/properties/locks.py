"""lockdiscovery and supportedlock (RFC 4918 sections 15.8 and 15.10)."""

from collections.abc import Sequence
from datetime import datetime

from common.clock import now
from files.models import NodeLock
from files.queries.locks import Locks, locks_of
from protocols.dav.properties.registry import DAV, Context, Entry, Live
from protocols.dav.quoting import quoted

_SUPPORTED = "".join(
    f"<d:lockentry><d:lockscope><d:{scope}/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"
    for scope in ("exclusive", "shared")
)


def load_locks(context: Context) -> Locks:
    """One query for a request; none in a space without locks."""
    if load_locks not in context.memory:
        context.memory[load_locks] = locks_of(context.place.space)
    found: Locks = context.memory[load_locks]
    return found


def lockdiscovery(entry: Entry, context: Context) -> str:
    locks: Locks = context.loaded[load_locks]
    if not locks:
        return ""
    place = context.place
    above = [*place.ancestor_ids, place.node.pk] if context.of_members else place.ancestor_ids
    at = now()
    return "".join(active_lock(lock, _root(lock, entry, context), at) for lock in locks.covering(entry.pk, above))


def _root(lock: NodeLock, entry: Entry, context: Context) -> str:
    """The address of what the lock was taken on: the entry, or one of the folders above it."""
    mount, place = context.mount, context.place
    if lock.node_id == entry.pk:
        if not context.of_members:
            return mount.href(place.path, is_folder=entry.is_folder)
        folder = mount.href(place.path, is_folder=True)
        return f"{folder}{quoted(entry.name)}{'/' if entry.is_folder else ''}"
    return mount.href(place.path_of_ancestor(lock.node_id) or "/", is_folder=True)


def active_lock(lock: NodeLock, root: str, at: datetime) -> str:
    """The `<d:activelock>` element."""
    seconds = max(0, int((lock.expires_at - at).total_seconds()))
    owner = f"<d:owner>{lock.owner}</d:owner>" if lock.owner else ""
    return (
        f"<d:activelock><d:locktype><d:write/></d:locktype><d:lockscope><d:{lock.scope}/></d:lockscope>"
        f"<d:depth>{'infinity' if lock.is_deep else '0'}</d:depth>{owner}<d:timeout>Second-{seconds}</d:timeout>"
        f"<d:locktoken><d:href>{lock.token}</d:href></d:locktoken><d:lockroot><d:href>{root}</d:href></d:lockroot>"
        "</d:activelock>"
    )


def _supportedlock(entry: Entry, context: Context) -> str:
    return _SUPPORTED


LOCKS: Sequence[Live] = (
    Live(DAV, "lockdiscovery", lockdiscovery, load_locks),
    Live(DAV, "supportedlock", _supportedlock),
)
