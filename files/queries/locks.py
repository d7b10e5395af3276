"""The locks that hold in a space, and what they stand against (RFC 4918 sections 6.1 and 7).

Who submits the token of a lock that they hold may change what it covers; of several shared locks one is enough. A
person's own lock, taken on a page or by REST, asks its holder for no token, and stands beside those of their programs.
A lock of a folder covers its list of members; a deep one everything below as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files import errors, sql_rows
from files.access.compute import SpaceAccess, facts_of
from files.models import NodeLock, Space
from files.queries.shown import path_shown
from files.queries.tree import LocatedNode, PathStep, ancestors_of


@dataclass(frozen=True, slots=True)
class Locks:
    """Those of a space that hold at one moment, by node."""

    by_node: Mapping[int, Sequence[NodeLock]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.by_node)

    def of(self, node_id: int) -> Sequence[NodeLock]:
        return self.by_node.get(node_id, ())

    def covering(self, node_id: int, above: Iterable[int]) -> list[NodeLock]:
        """On the node itself, and the deep ones on what is above it."""
        found = list(self.of(node_id)) if self.by_node else []
        if self.by_node:
            found += [lock for ancestor in above for lock in self.of(ancestor) if lock.is_deep]
        return found


NONE = Locks()


def are_there(space: Space, at: datetime) -> bool:
    """Without a query, for a row of the space that was read in this request."""
    return space.locked_until is not None and space.locked_until > at


def locks_of(space: Space, at: datetime | None = None) -> Locks:
    """One query, or none when nothing in the space is locked."""
    at = at or now()
    if not are_there(space, at):
        return NONE
    select = (
        f"SELECT {sql_rows.columns(NodeLock, 'l')} FROM files_nodelock l WHERE l.space_id = %s AND l.expires_at > %s "
        "ORDER BY l.id"
    )
    by_node: dict[int, list[NodeLock]] = {}
    for lock in sql_rows.select(NodeLock, select, [space.pk, sql_rows.adapt_time(at)]):
        by_node.setdefault(lock.node_id, []).append(lock)
    return Locks(by_node)


def lock_on(place: LocatedNode, at: datetime | None = None) -> NodeLock | None:
    """The first of the locks that cover what is at the place, its holder with it; None, mostly without a query."""
    covering = locks_of(place.space, at).covering(place.node.pk, place.ancestor_ids)
    return NodeLock.objects.select_related("holder").filter(pk=covering[0].pk).first() if covering else None


def locked_children(place: LocatedNode, at: datetime | None = None) -> dict[int, NodeLock]:
    """Of the nodes of a space those that a lock is on, by id: for a listing of a folder."""
    locks = locks_of(place.space, at)
    return {node_id: of_node[0] for node_id, of_node in locks.by_node.items()}


def is_held(lock: NodeLock, actor: Actor) -> bool:
    """The actor holds it and has said so: a token that somebody else has read somewhere opens nothing."""
    return lock.token in actor.lock_tokens and is_of(lock, actor)


def is_of(lock: NodeLock, actor: Actor) -> bool:
    """Whether the actor has taken it: a person, or a visitor of a link for all of its visitors."""
    if lock.link_id is not None:
        return lock.link_id == actor.link_id
    return lock.holder_id is not None and lock.holder_id == actor.user_id


def in_the_way(covering: Sequence[NodeLock], actor: Actor) -> NodeLock | None:
    """The first of the locks of one resource, unless the actor holds one of them. A personal one is in the way of
    everybody else, whatever they hold.
    """
    if not covering:
        return None
    of_programs = [lock for lock in covering if not lock.is_personal]
    for lock in covering:
        if lock.is_personal and not is_of(lock, actor):
            return lock
    if not of_programs or any(is_held(lock, actor) for lock in of_programs):
        return None
    return of_programs[0]


def refuse(actor: Actor, lock: NodeLock | None) -> None:
    """Raises Locked for a lock that is in the way."""
    if lock is not None:
        raise locked_by(actor, lock, path_of(actor, lock))


def locked_by(actor: Actor, lock: NodeLock, path: str) -> errors.Locked:
    """With what a person or a client wants to know; a visitor of a link is not told who it is. `path`: that of the
    lock, as they see it.
    """
    holder = "" if actor.link_id is not None else holder_name(lock)
    return errors.Locked(path=path, holder=holder, expires_at=lock.expires_at.isoformat())


def holder_name(lock: NodeLock) -> str:
    """What people call who holds it, "" for a visitor of a link. One query."""
    holder = User.objects.filter(pk=lock.holder_id).first() if lock.holder_id is not None else None
    return (holder.name or holder.email) if holder else ""


def path_of(actor: Actor, lock: NodeLock) -> str:
    """Of the node that the lock is on, as the actor sees it: `/` for one above all that they see."""
    own = PathStep(lock.node_id, lock.node.name, lock.node.kind)
    return path_shown(SpaceAccess(actor, facts_of(lock.space)), (*ancestors_of([lock.node_id])[lock.node_id], own))


def refuse_write(actor: Actor, locks: Locks, chain: Sequence[int], existing_id: int | None) -> None:
    """Writing a file into the folder at the end of `chain` (ids from the root): the file itself is what is written to,
    or, where there is none yet, the folder's list of members. Raises Locked.
    """
    if not locks:
        return
    if existing_id is not None:
        refuse(actor, in_the_way(locks.covering(existing_id, chain), actor))
    else:
        refuse(actor, in_the_way(locks.covering(chain[-1], chain[:-1]), actor))
