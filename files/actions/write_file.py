"""Writing a file, by its path or by its id: its bytes first, then one transaction that gives them a name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings

from accounts import quotas
from accounts.actor import Actor
from files import errors
from files.actions import group_commit
from files.actions.give_way import giving_way
from files.actions.reservations import Reservation
from files.actions.storing import entry, record_whole, removed_if_refused, stored_whole
from files.actions.unit_of_work import SpaceChanged, work_on_target
from files.blobs import checksums, contents, ingest
from files.blobs.ingest import Stored
from files.blobs.pools import writable_pool
from files.models import Node, Space, Version
from files.queries.locks import locks_of, refuse_write
from files.queries.mounts import follows
from files.queries.target import Resolved, Target, resolve, space_of_target, writable_target
from files.queries.tree import LocatedNode, locate
from files.tree.unit_of_work import quota_accounts
from files.tree.writing import Mode, WriteOptions, WriteOutcome, decide, put_entries

TRIES = 3  # of a write into a folder that goes to another space and back


@dataclass(frozen=True, slots=True)
class Written:
    """`changed` is False when the same bytes were there already: no new version was made."""

    place: LocatedNode
    version: Version
    created: bool
    changed: bool

    @property
    def node(self) -> Node:
        """The file: of a mount what it stands for."""
        return self.place.shown


def write_file(
    actor: Actor,
    *,
    target: Target,
    chunks: Iterable[bytes],
    length: int | None,
    options: WriteOptions | None = None,
    expected: dict[str, str] | None = None,
) -> Written:
    """Stores the bytes and makes them the file at the target; folders on the way are made.

    `length` is the announced size in bytes, None if unknown; `expected` are checksums by algorithm. What cannot
    succeed (rights, name, quota, size, conditions) is refused before the first byte is read; but the few bytes
    of a small file, which have come along with the request, are checked once only, under the lock.
    """
    options = options or WriteOptions()
    expected = checksums.clean(expected or {})
    if (
        length is not None
        and length <= min(group_commit.MAXIMUM_SIZE, settings.MAX_UPLOAD_SIZE)
        and target.parent_id is None
    ):
        return _write_small(actor, target, ingest.exactly(chunks, length, length), options, expected)
    resolved = check_target(actor, target=target, options=options, length=length)
    with stored_whole(actor, resolved, chunks, length=length, expected=expected) as (stored, room):
        return _commit(
            actor, target=target, options=options, stored=stored, space=resolved.base.space, reservation=room
        )


def write_node(
    actor: Actor,
    *,
    node_id: int,
    chunks: Iterable[bytes],
    length: int | None,
    options: WriteOptions | None = None,
    expected: dict[str, str] | None = None,
) -> Written:
    """A new version of a file by its id, wherever it is by the time that its bytes have arrived. As write_file, and
    raises NotFound and NotAFile too.

    The file may be renamed and moved while the bytes arrive; Busy when that happens in the very moment of the
    commit, so that the bytes never become another file.
    """
    options = options or WriteOptions()
    expected = checksums.clean(expected or {})
    target, file_id = _target_of(actor, node_id)
    resolved = check_target(actor, target=target, options=options, length=length)

    def check_node(put: WriteOutcome) -> None:
        if put.node is None or put.node.pk != file_id:
            raise errors.Busy

    with stored_whole(actor, resolved, chunks, length=length, expected=expected) as (stored, room):
        target, _ = _target_of(actor, node_id)
        return _commit(actor, target=target, options=options, stored=stored, check=check_node, reservation=room)


def _target_of(actor: Actor, node_id: int) -> tuple[Target, int]:
    """And the id of the file, which is another one than that of a mount."""
    place = locate(actor, node_id)
    if place.node.is_folder:
        raise errors.NotAFile(id=node_id)
    return Target(place.node.name, parent_id=place.node.parent_id), place.shown.pk


def _write_small(
    actor: Actor, target: Target, chunks: Iterable[bytes], options: WriteOptions, expected: dict[str, str]
) -> Written:
    start, names = writable_target(actor, target)
    space = space_of_target(actor, target, options.overwrites) if follows(actor, start) else start
    small = ingest.take_small(writable_pool(space), chunks, expected, team_id=space.team_id)

    def alone() -> Written:
        stored = ingest.store_small(small)
        with removed_if_refused(stored.pool, stored.key):
            return _commit(actor, target=target, options=options, stored=stored, space=space)

    if space.pk != start.pk:  # the names lead through a mount, and do not begin at the top of its space
        return alone()
    writing = group_commit.Writing(actor, space.pk, names, options, small, target.make_folders)
    return group_commit.write_with_others(writing, alone, written)


def check_target(actor: Actor, *, target: Target, options: WriteOptions, length: int | None) -> Resolved:
    """Refuses early what could not succeed later. Takes no lock, promises nothing."""
    resolved = resolve(actor, target, autorename=options.autorename, overwrites=options.overwrites)
    if not resolved.is_hidden:
        decide(resolved.existing, options, resolved.path)
    seen = resolved.existing is not None and not resolved.folders and not resolved.is_hidden
    existing_id = resolved.existing.pk if resolved.existing is not None and seen else None
    refuse_write(actor, locks_of(resolved.base.space), [step.id for step in resolved.base.chain], existing_id)
    if length is not None:
        if length > settings.MAX_UPLOAD_SIZE:
            raise errors.TooLarge(limit=settings.MAX_UPLOAD_SIZE)
        space = resolved.base.space
        giving_way(actor, space, lambda: quotas.check(quota_accounts(space), length))
    return resolved


def _commit(
    actor: Actor,
    *,
    target: Target,
    options: WriteOptions,
    stored: Stored,
    space: Space | None = None,
    check: Callable[[WriteOutcome], None] | None = None,
    reservation: Reservation | None = None,
) -> Written:
    """The transaction: claims the content, puts it at the target. `check` sees the outcome before the commit.
    `reservation`: what was held for the bytes while they came. `space`: where the target has been found.

    A folder that goes to another space in this very moment is followed, unless its bytes are held, or lie, where they
    were to be.
    """
    commit = partial(_commit_in, actor, target, options, stored, check=check, reservation=reservation)
    where = space or space_of_target(actor, target, options.overwrites)
    for _try in range(TRIES - 1):
        try:
            return commit(where)
        except SpaceChanged:
            found = space_of_target(actor, target, options.overwrites)
            if reservation is not None or found.team_id != where.team_id:
                raise
            where = found
    return commit(where)


def _commit_in(
    actor: Actor,
    target: Target,
    options: WriteOptions,
    stored: Stored,
    where: Space,
    *,
    check: Callable[[WriteOutcome], None] | None,
    reservation: Reservation | None,
) -> Written:
    def commit() -> tuple[tuple[Resolved, WriteOutcome], contents.Claimed]:
        working = work_on_target(
            actor, target, space_id=where.pk, autorename=options.autorename, overwrites=options.overwrites
        )
        with working as (work, resolved):
            if reservation is not None:
                reservation.settle(work)
            claimed = contents.claim(stored.pool, [stored])
            names = (*resolved.folders, resolved.name)
            wanted = entry(claimed, stored, names, options, make_folders=target.make_folders)
            (put,) = put_entries(work, resolved.base, [wanted], known=known(resolved))
            if put.error:
                raise put.error
            if check is not None:
                check(put)
        return (resolved, put), claimed

    return written_at(*record_whole(actor, where, stored.pool, commit))


def known(resolved: Resolved) -> dict[tuple[int, str], Node]:
    """What has the name now, for `put_entries`: found under the lock."""
    node = resolved.existing
    return {} if node is None else {(node.parent_id or 0, node.name): node}


def written_at(resolved: Resolved, put: WriteOutcome) -> Written:
    """Of a file that was there with the access to it, which may be all that the actor has there; of a mounted one the
    mount.
    """
    of_existing = resolved.existing is not None and put.node is not None and put.node.pk == resolved.existing.pk
    access = resolved.access if of_existing else resolved.base.access
    made = written(replace(resolved.base, access=access), put)
    return replace(made, place=made.place.outer) if resolved.is_through else made


def written(base: LocatedNode, put: WriteOutcome) -> Written:
    assert put.node is not None
    assert put.version is not None
    return Written(base.in_same_space(put.node, put.chain), put.version, put.created, put.changed)


__all__ = ["Mode", "WriteOptions", "Written", "check_target", "write_file", "write_node", "written", "written_at"]
