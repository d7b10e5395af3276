"""Addresses of locks. The core names a lock by its path in its space; who came through a mount knows other paths."""

from accounts.actor import Actor
from common.errors import CodedError
from files import errors
from files.models import NodeLock
from files.queries import tree
from files.queries.tree import LocatedNode, split_path
from protocols.dav.call import Call
from protocols.dav.headers import destination_of


def address_of_lock(call: Call, error: errors.Locked) -> str:
    """For `lock-token-submitted` (RFC 4918 section 16): of the lock, or of the request, which the lock covers too."""
    path = str(error.detail.get("path", ""))
    for wanted in _paths_of(call):
        through = None if call.root.top is not None else _through_mount(call.actor, wanted, call.root.space_id)
        if through is not None:
            path = path_of_lock(path, through)
            break
    return call.root.href(path, is_folder=False)


def path_of_lock(path: str, place: LocatedNode) -> str:
    """Of a lock at the path that the core gives, in the space that the place is in or stands for, as the actor sees it
    through the mount. What is not below the mount's target has no address: then it is the path of the place.
    """
    there = place.entered
    if there.mount is None:
        return path
    if not there.node.is_folder and there.node.pk == there.mount.node.target_id:
        return there.mount.path  # of a mounted file; what it is called where it lies is nothing
    top = _top_of(there)
    if path == top or path.startswith(f"{top}/"):
        return f"{there.mount.path}{path[len(top) :]}".rstrip("/")
    return place.path


def _top_of(place: LocatedNode) -> str:
    """Where the target of the mount lies through which the place was found: in its space, from what the actor sees of
    it on. "" for the top of that.
    """
    assert place.mount is not None
    ids = place.chain_ids
    start = ids.index(place.access.root_id) + 1 if place.access.root_id in ids else 1
    above = place.chain[start : ids.index(place.mount.node.target_id or 0) + 1]
    return "".join(f"/{step.name}" for step in above)


def root_of_lock(lock: NodeLock, place: LocatedNode) -> str:
    """The path of what the lock was taken on: the place, or a folder above it."""
    if lock.node_id == place.shown.pk:
        return place.path
    return place.entered.path_of_ancestor(lock.node_id) or place.path


def _paths_of(call: Call) -> list[str]:
    """That of the request, and of its Destination where it has one here."""
    found = [call.path]
    if "HTTP_DESTINATION" in call.request.META:
        try:
            found.append(call.root.path_of(destination_of(call.request), call.request))
        except CodedError:
            pass
    return found


def _through_mount(actor: Actor, path: str, space_id: int | None) -> LocatedNode | None:
    """What is there of the path, where it leads through a mount."""
    try:
        way = tree.way_to(actor, tree.get_space(actor, space_id), split_path(path))
    except CodedError:
        return None
    return None if way.through is None else way.place(-1)
