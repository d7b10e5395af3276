"""Many small files in one request: one object for all their bytes, one transaction for all their names.

`check_bulk` refuses what cannot succeed before the body is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts import quotas
from accounts.actor import Actor
from accounts.errors import InvalidCredentials, ScopeMissing
from common import paths
from common.errors import CodedError
from files import errors
from files.access.rights import Right
from files.actions.reservations import Reservation, Room, reserving
from files.actions.storing import entry, record_whole, removed_if_refused
from files.actions.unit_of_work import work_on_folder
from files.actions.write_file import write_file
from files.blobs import checksums, contents, ingest
from files.blobs.contents import store_pack
from files.blobs.ingest import Small, Stored
from files.blobs.pools import writable_pool
from files.models import Pool, Space
from files.queries.target import Target, base_place
from files.queries.tree import LocatedNode
from files.tree.unit_of_work import quota_accounts
from files.tree.writing import WriteOptions, WriteOutcome, put_entries

MAXIMUM_FILES = 1_000
MAXIMUM_BYTES = 32 * 1024 * 1024  # held in memory: larger files have endpoints of their own
OVERHEAD = 4 * 1024 * 1024  # bytes of names, headers and padding beside the files' own
MAXIMUM_BODY = MAXIMUM_BYTES + OVERHEAD


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
    quota refuses all. Those whose paths lead through a mount are written where it leads, as an act of its own; so is
    each that is a mounted file itself.
    """
    if len(files) > MAXIMUM_FILES:
        raise errors.TooMany(limit=MAXIMUM_FILES)
    if sum(len(file.data) for file in files) > MAXIMUM_BYTES:
        raise errors.TooLarge(limit=MAXIMUM_BYTES)
    base = base_place(actor, folder)
    through = _mounted(base, files)
    if not through:
        return _write(actor, folder, base, files)
    here = [index for index in range(len(files)) if index not in through]
    outcomes: dict[int, WriteOutcome] = {}
    if here:
        outcomes |= zip(here, _write(actor, folder, base, [files[index] for index in here])[1], strict=True)
    for index in (index for index, (_, path) in through.items() if not path):
        outcomes[index] = _write_version(actor, folder, files[index])
    for mount_id in dict.fromkeys(mount.node.pk for mount, path in through.values() if path):
        indexes = [index for index, (mount, _) in through.items() if mount.node.pk == mount_id]
        inner = through[indexes[0]][0].entered
        within = [replace(files[index], path=through[index][1]) for index in indexes]
        puts = _write_apart(actor, Target(parent_id=inner.node.pk), inner, within)
        outcomes |= zip(indexes, puts, strict=True)
    return base, [outcomes[index] for index in range(len(files))]


def _mounted(base: LocatedNode, files: Sequence[SmallFile]) -> dict[int, tuple[LocatedNode, str]]:
    """By the index of a file the mount that its path leads through, and the path behind it: "" for a mounted file."""
    if base.mounts is None or not (below := base.mounts.below(base.node.pk)):
        return {}
    start = len(base.ancestors) + 1
    ways = {(*(step.name for step in mount.ancestors[start:]), mount.node.name): mount for mount in below}
    found = {}
    for index, file in enumerate(files):
        try:
            names = tuple(paths.split_path(file.path))
        except paths.InvalidName:
            continue
        for depth in range(1, len(names) + 1):  # a folder has no version, a file has nothing in it
            mount = ways.get(names[:depth])
            if mount is not None and mount.node.is_folder == (depth < len(names)):
                found[index] = (mount, "/".join(names[depth:]))
    return found


def _write_version(actor: Actor, folder: Target, file: SmallFile) -> WriteOutcome:
    """Of a mounted file, or beside it, as its options say."""
    target = replace(folder, path=file.path, make_folders=file.make_folders)
    try:
        written = write_file(
            actor,
            target=target,
            chunks=[file.data],
            length=len(file.data),
            options=file.options,
            expected=file.expected,
        )
    except (InvalidCredentials, ScopeMissing):
        raise
    except CodedError as error:
        return WriteOutcome(error=error)
    above = written.place.entered.ancestors
    return WriteOutcome(written.node, written.version, above, written.created, written.changed)


def _write_apart(actor: Actor, folder: Target, base: LocatedNode, files: Sequence[SmallFile]) -> list[WriteOutcome]:
    """What refuses all of these files refuses no others. A lost right to write at all is raised."""
    try:
        return _write(actor, folder, base, files)[1]
    except (InvalidCredentials, ScopeMissing):
        raise
    except CodedError as error:
        return [WriteOutcome(error=error) for _ in files]


def _write(
    actor: Actor, folder: Target, base: LocatedNode, files: Sequence[SmallFile]
) -> tuple[LocatedNode, list[WriteOutcome]]:
    base.require(Right.CREATE)
    total = sum(len(file.data) for file in files)
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
    def commit() -> tuple[tuple[LocatedNode, list[WriteOutcome]], contents.Claimed]:
        with work_on_folder(actor, folder, space.pk) as (work, base):
            reservation.settle(work)
            claimed = contents.claim(pool, list(packed.values()))
            entries = [
                entry(claimed, item.small.stored, item.names, file.options, make_folders=file.make_folders)
                for item, file in zip(checked, files, strict=True)
                if isinstance(item, _Checked)
            ]
            outcomes = iter(put_entries(work, base, entries))
            puts = [next(outcomes) if isinstance(item, _Checked) else WriteOutcome(error=item) for item in checked]
        return (base, puts), claimed

    with removed_if_refused(pool, *{stored.key for stored in packed.values()}):
        return record_whole(actor, space, pool, commit)


def check_bulk(actor: Actor, *, folder: Target, length: int | None) -> None:
    """Raises what stands against it already: rights, no such folder, a body too large, a full quota."""
    if length is not None and length > MAXIMUM_BODY:
        raise errors.TooLarge(limit=MAXIMUM_BYTES)
    base = base_place(actor, folder)
    base.require(Right.CREATE)
    quotas.check(quota_accounts(base.space), 0)
