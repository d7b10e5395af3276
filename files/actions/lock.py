"""Taking, renewing and giving back locks (RFC 4918 sections 6, 7 and 9.10). Any endpoint may; every action honours
them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Max, Q

from accounts.actor import Actor
from common.clock import now
from files import errors
from files.access.rights import Right
from files.actions.unit_of_work import work_on_nodes
from files.models import LockScope, NodeLock, Space
from files.queries.locks import Locks, is_held, is_of, locked_by, path_of
from files.queries.tree import LocatedNode, ancestors_of
from files.tree.unit_of_work import SpaceUnitOfWork

DEFAULT_TIMEOUT, MAXIMUM_TIMEOUT = timedelta(minutes=30), timedelta(days=1)
MAXIMUM_OWNER = 8 * 1024  # characters
MAXIMUM_OF_SPACE = 5_000
MAXIMUM_OF_NODE = 50  # shared ones


@dataclass(frozen=True, slots=True)
class LockOptions:
    """`timeout` is cut to a day; None: half an hour. `owner` is XML text, given back as it came."""

    scope: LockScope = LockScope.EXCLUSIVE
    is_deep: bool = False
    owner: str = ""
    timeout: timedelta | None = None


def lock_node(actor: Actor, *, node_id: int, options: LockOptions) -> NodeLock:
    """A new lock, for a mount on what it stands for. Raises Locked when another one stands against it, whoever holds
    that; TooMany.
    """
    if actor.user_id is None and actor.link_id is None:
        raise errors.Forbidden
    if len(options.owner) > MAXIMUM_OWNER:
        raise errors.TooLarge(limit=MAXIMUM_OWNER)
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        actor, work = unit.actor, unit[place.space.pk]
        _require_compatible(actor, work.locks, place, options)
        _require_room(work.locks, place.node.pk, actor)
        NodeLock.objects.filter(space_id=place.space.pk, expires_at__lte=work.at).delete()  # so that none pile up
        lock = NodeLock.objects.create(
            token=f"urn:uuid:{uuid.uuid4()}",
            node=place.node,
            space_id=place.space.pk,
            scope=options.scope,
            is_deep=options.is_deep and place.node.is_folder,
            owner=options.owner,
            holder_id=actor.user_id,
            link_id=actor.link_id,
            client=actor.client[:200],
            created_at=work.at,
            expires_at=work.at + _bounded(options.timeout),
        )
        _set_locked_until(work)
    return lock


def refresh_lock(actor: Actor, *, node_id: int, timeout: timedelta | None = None) -> NodeLock:
    """Renews the lock that covers the node and whose token the actor has submitted. Raises PreconditionFailed."""
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        actor, work = unit.actor, unit[place.space.pk]
        for lock in work.locks.covering(place.node.pk, place.ancestor_ids):
            if is_held(lock, actor):
                lock.expires_at = work.at + _bounded(timeout)
                lock.save(update_fields=["expires_at"])
                _set_locked_until(work)
                return lock
    raise errors.PreconditionFailed(path=place.path)


def unlock_node(actor: Actor, *, node_id: int, token: str | None = None) -> int:
    """Removes the lock with this token that covers the node, or (None) all locks on the node itself. Returns how many.

    Its holder may, and whoever owns or manages the space. Raises LockTokenMismatch, Forbidden.
    """
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        actor, work = unit.actor, unit[place.space.pk]
        if token is None:
            found = list(work.locks.of(place.node.pk))
        else:
            covering = work.locks.covering(place.node.pk, place.ancestor_ids)
            found = [lock for lock in covering if lock.token == token]
        if not found:
            raise errors.LockTokenMismatch(path=place.path)
        if not place.access.allows(Right.MANAGE) and not all(is_of(lock, actor) for lock in found):
            raise errors.Forbidden(path=place.path)
        NodeLock.objects.filter(pk__in=[lock.pk for lock in found]).delete()
        _set_locked_until(work)
    return len(found)


def may_unlock(actor: Actor, place: LocatedNode, lock: NodeLock) -> bool:
    return is_of(lock, actor) or place.access.allows(Right.MANAGE)


def sweep_locks(*, limit: int = 1_000) -> int:
    """For the background job: removes expired rows. Returns how many."""
    expired = NodeLock.objects.filter(expires_at__lte=now()).values_list("pk", flat=True)[:limit]
    removed, _ = NodeLock.objects.filter(pk__in=list(expired)).delete()
    return removed


def _bounded(timeout: timedelta | None) -> timedelta:
    return min(timeout if timeout is not None else DEFAULT_TIMEOUT, MAXIMUM_TIMEOUT)


def _require_compatible(actor: Actor, locks: Locks, place: LocatedNode, options: LockOptions) -> None:
    """RFC 4918 section 6.2: an exclusive lock stands alone, on what it covers and on what is above and below."""
    if not locks:
        return
    for lock in _against(locks.covering(place.node.pk, place.ancestor_ids), options):
        raise locked_by(actor, lock, path_of(actor, lock))
    if options.is_deep:
        above, hidden = ancestors_of(locks.by_node), place.access.hidden
        below = [pk for pk in locks.by_node if any(step.id == place.node.pk for step in above[pk])]
        for lock in _against([lock for pk in below for lock in locks.of(pk)], options):
            if not hidden.isdisjoint((lock.node_id, *(step.id for step in above[lock.node_id]))):
                raise errors.Locked(path=place.path)  # of what is hidden not even whose the lock is
            raise locked_by(actor, lock, path_of(actor, lock))


def _against(others: Iterable[NodeLock], options: LockOptions) -> list[NodeLock]:
    return [lock for lock in others if LockScope.EXCLUSIVE in (options.scope, lock.scope)]


def _require_room(locks: Locks, node_id: int, actor: Actor) -> None:
    everything = [lock for of_node in locks.by_node.values() for lock in of_node]
    if len(locks.of(node_id)) >= MAXIMUM_OF_NODE:
        raise errors.TooMany(limit=MAXIMUM_OF_NODE)
    if len(everything) >= MAXIMUM_OF_SPACE:
        raise errors.TooMany(limit=MAXIMUM_OF_SPACE)
    mine = Q(link_id=actor.link_id) if actor.link_id is not None else Q(holder_id=actor.user_id)
    held = NodeLock.objects.filter(mine, expires_at__gt=now()).count()  # in all spaces
    if held >= settings.ACCOUNT_LOCKS:
        raise errors.TooMany(limit=settings.ACCOUNT_LOCKS)


def _set_locked_until(work: SpaceUnitOfWork) -> None:
    latest = NodeLock.objects.filter(space_id=work.space.pk).aggregate(latest=Max("expires_at"))["latest"]
    Space.objects.filter(pk=work.space.pk).update(locked_until=latest)
