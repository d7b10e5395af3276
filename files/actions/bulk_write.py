"""Many small files in one request: one object for all their bytes, one transaction for all their names."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts import quotas
from accounts.actor import Actor
from common import paths
from common.errors import CodedError
from files import errors
from files.access.rights import Right
from files.actions.give_way import giving_way
from files.actions.reservations import Reservation, Room, reserving
from files.actions.unit_of_work import work_on_folder
from files.blobs import checksums, contents, ingest
from files.blobs.ingest import Small, Stored
from files.blobs.pack import store_pack
from files.blobs.pools import writable_pool
from files.models import Pool, Space
from files.queries.target import Target, base_place
from files.queries.tree import LocatedNode
from files.tree.unit_of_work import quota_accounts
from files.tree.writing import FileWrite, WriteOptions, WriteOutcome, put_entries

MAXIMUM_FILES = 1_000
MAXIMUM_BYTES = 32 * 1024 * 1024  # held in memory: larger files have endpoints of their own


@dataclass(frozen=True, slots=True)
class SmallFile:
    """`path` is relative to the folder of the call; `expected` are checksums by algorithm."""

    path: str
    data: bytes
    options: WriteOptions
    expected: dict[str, str] | None = None
    make_folders: bool = True  # those that are missing; else the file is ParentNotFound


@dataclass(frozen=True, slots=True)
class _Checked:
    names: tuple[str, ...]
    small: Small


def bulk_write(actor: Actor, *, folder: Target, files: Sequence[SmallFile]) -> tuple[LocatedNode, list[WriteOutcome]]:
    """The folder and an outcome for each file, in order. A file that is refused does not hold up the others; a full
    quota refuses all.
    """
    if len(files) > MAXIMUM_FILES:
        raise errors.TooMany(limit=MAXIMUM_FILES)
    total = sum(len(file.data) for file in files)
    if total > MAXIMUM_BYTES:
        raise errors.TooLarge(limit=MAXIMUM_BYTES)
    base = base_place(actor, folder)
    base.require(Right.CREATE)
    quotas.check(quota_accounts(base.space), 0)
    pool = writable_pool(base.space)
    checked = [_check(pool, base.space.team_id, file) for file in files]
    with reserving(actor, Room(base.space, pool, base.path), length=total) as room:
        packed = store_pack(pool, [item.small for item in checked if isinstance(item, _Checked)])
        return _commit(actor, folder, base.space, pool, files, checked, packed, room)


def _check(pool: Pool, team_id: int, file: SmallFile) -> "_Checked | CodedError":
    try:
        names = tuple(paths.split_path(file.path))
        if not names:
            raise errors.InvalidName(reason="empty")
        expected = checksums.clean(file.expected or {})
        return _Checked(names, ingest.take_small(pool, [file.data], expected, team_id=team_id))
    except paths.InvalidName as error:
        return errors.InvalidName.of(error)
    except CodedError as error:
        return error


def _commit(
    actor: Actor,
    folder: Target,
    space: Space,
    pool: Pool,
    files: Sequence[SmallFile],
    checked: Sequence["_Checked | CodedError"],
    packed: dict[str, Stored],
    reservation: Reservation,
) -> tuple[LocatedNode, list[WriteOutcome]]:
    key = next((stored.key for stored in packed.values() if stored.key), None)

    def commit() -> tuple[LocatedNode, list[WriteOutcome], contents.Claimed]:
        with work_on_folder(actor, folder, space.pk) as (work, base):
            reservation.settle(work)
            claimed = contents.claim(pool, list(packed.values()))
            entries = [
                FileWrite(
                    item.names[:-1],
                    item.names[-1],
                    claimed.contents[item.small.stored.content_hash],
                    file.options,
                    file.make_folders,
                    item.small.stored.checksums,
                )
                for item, file in zip(checked, files, strict=True)
                if isinstance(item, _Checked)
            ]
            outcomes = iter(put_entries(work, base, entries))
            return (
                base,
                [next(outcomes) if isinstance(item, _Checked) else WriteOutcome(error=item) for item in checked],
                claimed,
            )

    try:
        base, puts, claimed = giving_way(actor, space, commit)
    except contents.ContentVanished as error:
        raise errors.Busy from error
    except CodedError:
        ingest.discard(pool, key)
        raise
    for unused in claimed.unused:
        ingest.discard(pool, unused)
    return base, puts
