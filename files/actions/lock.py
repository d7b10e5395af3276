"""Taking, renewing and giving back locks: those of programs (RFC 4918 sections 6, 7 and 9.10), and those that people
take on files for themselves. Every action honours them, whatever endpoint it comes by.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, PrincipalKind, system
from accounts.audit import record
from accounts.unit_of_work import unit_of_work
from common.clock import now
from files import errors
from files.access.rights import Right
from files.actions.unit_of_work import work_on_nodes
from files.models import LockScope, NodeLock, Space
from files.queries.locks import Locks, is_held, is_of, locked_by, path_of
from files.queries.tree import LocatedNode, ancestors_of
from files.tree.unit_of_work import SpaceUnitOfWork

DEFAULT_TIMEOUT, MAXIMUM_TIMEOUT = timedelta(minutes=30), timedelta(days=1)
LONGEST_OF_PERSON = timedelta(days=30)
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


PERSONAL = LockOptions()  # exclusive, on the file alone


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
        lock = _make(work, place, options, work.at + _bounded(options.timeout))
        _set_locked_until(work)
    return lock


def lock_file(actor: Actor, *, node_id: int, until: datetime) -> NodeLock:
    """A file for oneself: until then nobody else changes it, by any endpoint, and the own programs may. For a mount it
    is the one that it stands for. Who has locked it so already gives it another end. It goes along when the holder
    renames or moves it within the space.

    Raises NotFound, Forbidden, ScopeMissing, NotAFile, Locked, TooMany; InvalidRequest for an end that has passed or is
    more than LONGEST_OF_PERSON away.
    """
    if actor.principal.kind is not PrincipalKind.USER:
        raise errors.Forbidden
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        actor, work = unit.actor, unit[place.space.pk]
        if place.node.is_folder:
            raise errors.NotAFile(id=place.node.pk)
        if not work.at < until <= work.at + LONGEST_OF_PERSON:
            text = _("A lock ends within %(days)d days from now.")
            raise errors.InvalidRequest(text, parameter="expires_at", days=LONGEST_OF_PERSON.days)
        _require_compatible(actor, work.locks, place, PERSONAL, is_personal=True)
        mine = [lock for lock in work.locks.of(place.node.pk) if lock.is_personal]  # of nobody else: it is compatible
        if mine:
            lock = mine[0]
            lock.expires_at = until
            lock.save(update_fields=["expires_at"])
        else:
            _require_room(work.locks, place.node.pk, actor)
            lock = _make(work, place, PERSONAL, until, is_personal=True)
        _set_locked_until(work)
        _record(work, place, "file.lock", lock)
    return lock


def _make(
    work: SpaceUnitOfWork, place: LocatedNode, options: LockOptions, until: datetime, *, is_personal: bool = False
) -> NodeLock:
    NodeLock.objects.filter(space_id=place.space.pk, expires_at__lte=work.at).delete()  # so that none pile up
    actor = work.actor
    return NodeLock.objects.create(
        token=f"urn:uuid:{uuid.uuid4()}",
        node=place.node,
        space_id=place.space.pk,
        scope=options.scope,
        is_deep=options.is_deep and place.node.is_folder,
        is_personal=is_personal,
        owner=options.owner,
        holder_id=actor.user_id,
        link_id=actor.link_id,
        client=actor.client[:200],
        created_at=work.at,
        expires_at=until,
    )


def refresh_lock(actor: Actor, *, node_id: int, timeout: timedelta | None = None) -> NodeLock:
    """Renews the lock that covers the node and whose token the actor has submitted. Raises PreconditionFailed."""
    with work_on_nodes(actor, [node_id], right=Right.EDIT, entering=True) as (unit, (place,)):
        actor, work = unit.actor, unit[place.space.pk]
        for lock in work.locks.covering(place.node.pk, place.ancestor_ids):
            if is_held(lock, actor) and not lock.is_personal:
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
        for lock in found:
            if lock.is_personal:
                _record(work, place, "file.unlock", lock)
    return len(found)


def may_unlock(actor: Actor, place: LocatedNode, lock: NodeLock) -> bool:
    return is_of(lock, actor) or place.access.allows(Right.MANAGE)


def sweep_locks(*, limit: int = 1_000) -> int:
    """For the background job: removes expired rows. Returns how many."""
    expired = NodeLock.objects.filter(expires_at__lte=now()).values_list("pk", flat=True)[:limit]
    return int(NodeLock.objects.filter(pk__in=list(expired)).delete()[0])


def forget_person(user_id: int) -> None:
    """When an account is deleted (settings.DELETED_ACCOUNT_HOOKS): what they have locked is free."""
    with unit_of_work(system("account deletion")):
        NodeLock.objects.filter(holder_id=user_id).delete()


def _bounded(timeout: timedelta | None) -> timedelta:
    return min(timeout if timeout is not None else DEFAULT_TIMEOUT, MAXIMUM_TIMEOUT)


def _require_compatible(
    actor: Actor, locks: Locks, place: LocatedNode, options: LockOptions, *, is_personal: bool = False
) -> None:
    """RFC 4918 section 6.2: an exclusive lock stands alone, on what it covers and on what is above and below. That of a
    person is beside those of their own programs.
    """
    if not locks:
        return

    def against(others: Sequence[NodeLock]) -> list[NodeLock]:
        beside = [lock for lock in others if (is_personal or lock.is_personal) and is_of(lock, actor)]
        exclusive = LockScope.EXCLUSIVE
        return [lock for lock in others if lock not in beside and exclusive in (options.scope, lock.scope)]

    for lock in against(locks.covering(place.node.pk, place.ancestor_ids)):
        raise locked_by(actor, lock, path_of(actor, lock))
    if options.is_deep:
        above, hidden = ancestors_of(locks.by_node), place.access.hidden
        below = [pk for pk in locks.by_node if any(step.id == place.node.pk for step in above[pk])]
        for lock in against([lock for pk in below for lock in locks.of(pk)]):
            if not hidden.isdisjoint((lock.node_id, *(step.id for step in above[lock.node_id]))):
                raise errors.Locked(path=place.path)  # of what is hidden not even whose the lock is
            raise locked_by(actor, lock, path_of(actor, lock))


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


def _record(work: SpaceUnitOfWork, place: LocatedNode, kind: str, lock: NodeLock) -> None:
    by = place.access.nearest_grant
    detail: dict[str, Any] = {"node": place.node.pk, "holder": lock.holder_id, "until": lock.expires_at.isoformat()}
    record(work.actor, kind, place.path, by_grant=by, **detail)
