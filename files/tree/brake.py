"""The brake on mass change: what a client deletes, overwrites and renames in a space is counted in the transaction that
does it, and refused where it is too much.

It is asked by every change of every tree (`SpaceUnitOfWork.record` and `flush`), so no action and no endpoint can
forget it. New files cost nothing here; an act that deletes, overwrites or renames costs one statement, and another one
from LOOK_FROM changes on. The count is written under the lock of the space, so that requests side by side cannot slip
past the bound in one space.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from common.batches import in_batches
from common.clock import now
from files import sql_rows
from files.models import BrakeCounter, BrakePolicy, ChangeKind, Node, NodeKind, Space
from files.tree import suspicion

LOOK_FROM = 20  # changes: no bound is lower, so up to here nobody has to know it
SUSPICIOUS = 10  # changes that look like those of ransomware, from which on the strict bound holds
_WITH_ALL_BELOW = frozenset({ChangeKind.TRASH, ChangeKind.MOVE_OUT})
# A folder that is renamed or moved is one change: what is in it keeps its name and its bytes.
_ALONE = frozenset({ChangeKind.WRITE, ChangeKind.EXPIRE, ChangeKind.MOVE})


class Tripped(Exception):
    """The act goes too far: it is taken back, and its client held (files.tree.holding)."""

    def __init__(self, space: Space, trip: "Trip") -> None:
        super().__init__(space.pk)
        self.space, self.trip = space, trip


@dataclass(frozen=True, slots=True)
class Trip:
    """With the act that is refused, `changes` since `began_at` are more than `bound`."""

    began_at: datetime
    changes: int
    suspicious: int
    bound: int


@dataclass(slots=True)
class Load:
    """What an act changes that counts; with a folder that goes, all below it. `noise` are versions that noise takes the
    place of.
    """

    changes: int = 0
    suspicious: int = 0
    noise: list[int] = field(default_factory=list)

    def add(self, kind: ChangeKind, node: Node, name_before: str | None, name_after: str | None) -> None:
        """One line of the journal."""
        if kind in _WITH_ALL_BELOW:
            self.changes += 1 + (0 if node.is_mount else node.descendants)
        elif kind in _ALONE:
            self.changes += 1
            if kind is ChangeKind.MOVE and node.kind == NodeKind.FILE and name_before and name_after:
                self.suspicious += suspicion.is_renamed_strangely(name_before, name_after)
        elif kind is ChangeKind.CREATE and name_after and suspicion.is_ransom_note(name_after):
            self._add_suspicious(suspicion.NOTE_WEIGHT)

    def purged(self, node: Node, deleted_at: datetime) -> None:
        """From the trash: what has been there for longer than the count goes back is no part of it."""
        if deleted_at > now() - settings.BRAKE_WINDOW:
            self.changes += 1 + node.descendants

    def noise_written(self, name: str, replaced: int | None) -> None:
        """To a new file, or in place of a version."""
        if replaced is not None:
            self.noise.append(replaced)
        elif suspicion.is_new_and_strange(name):
            self._add_suspicious(1)

    def _add_suspicious(self, weight: int) -> None:
        self.suspicious += weight
        self.changes += weight

    def __bool__(self) -> bool:
        return self.changes > 0


class Bounds(NamedTuple):
    """Of a team, unless the installation has no brake: off; or at most `most` changes, and `share` percent of a space
    of which `floor` are always free; `strict` once the changes look like those of ransomware.
    """

    is_on: bool
    floor: int
    most: int
    share: int
    strict: int

    def bound(self, base: int, suspicious: int) -> int:
        """How many changes a client may make, in a space that had `base` files and folders."""
        usual = min(self.most, max(self.floor, base * self.share // 100))
        return min(usual, self.strict) if suspicious >= SUSPICIOUS else usual


def bounds_of(team_id: int) -> Bounds:
    policy = BrakePolicy.objects.filter(team_id=team_id).first()
    return bounds_by(policy)


def bounds_by(policy: BrakePolicy | None) -> Bounds:
    """Where the team says nothing, what the installation says."""
    usual = Bounds(
        settings.BRAKE, settings.BRAKE_FLOOR, settings.BRAKE_MOST, settings.BRAKE_SHARE, settings.BRAKE_STRICT
    )
    if policy is None:
        return usual
    own = {name: getattr(policy, name) for name in ("floor", "most", "share", "strict")}
    said = {name: value for name, value in own.items() if value is not None}
    return usual._replace(is_on=settings.BRAKE and policy.is_on, **said)


class _Count(NamedTuple):
    changes: int
    repeats: int
    suspicious: int
    base: int
    began_at: datetime
    free_until: datetime | None


def count(space: Space, credential: str, user_id: int | None, load: Load, at: datetime) -> None:
    """Adds what an act changes to what its client has changed, under the lock of the space. Raises Tripped."""
    if not settings.BRAKE:
        return
    suspicious = load.suspicious + _new_noise(load.noise)
    counted = _add(space, credential, user_id, load.changes, suspicious, at)
    changes = counted.changes - counted.repeats
    if changes <= LOOK_FROM or (counted.free_until is not None and counted.free_until > at):
        return
    bounds = bounds_of(space.team_id)
    bound = bounds.bound(counted.base, counted.suspicious)
    if not bounds.is_on or changes <= bound:
        return
    changes = counted.changes - _count_repeats(space, credential, counted.began_at)
    if changes > bound:
        raise Tripped(space, Trip(counted.began_at, changes, counted.suspicious, bound))


def _count_repeats(space: Space, credential: str, began_at: datetime) -> int:
    """Of its lines in the journal, those that write or move what it had written or moved before: a program that saves
    one file again and again changes one file. Asked, and kept, only when the bound would be passed otherwise.
    """
    ((repeats,),) = sql_rows.fetch(
        "SELECT COUNT(*) - COUNT(DISTINCT node_id) FROM files_change "
        "WHERE space_id = %s AND at >= %s AND credential = %s AND kind IN (%s, %s)",
        [space.pk, sql_rows.adapt_time(began_at), credential, ChangeKind.WRITE.value, ChangeKind.MOVE.value],
    )
    BrakeCounter.objects.filter(space_id=space.pk, client=credential).update(repeats=repeats)
    return int(repeats)


def _new_noise(version_ids: list[int]) -> int:
    """How many of the versions were no noise themselves. No query where no noise is written."""
    found = 0
    for part in in_batches(version_ids, 500):
        marks = ", ".join(["%s"] * len(part))
        ((number,),) = sql_rows.fetch(
            "SELECT COUNT(*) FROM files_version v JOIN files_content c ON c.id = v.content_id "
            f"WHERE v.id IN ({marks}) AND c.noise IS NOT TRUE AND c.size > 0",
            part,
        )
        found += number
    return found


_OLD = "files_brakecounter.began_at < %s"
_ADD = (
    "INSERT INTO files_brakecounter "
    "(space_id, client, user_id, began_at, free_until, base, changes, suspicious, repeats) "
    "VALUES (%s, %s, %s, %s, NULL, (SELECT descendants FROM files_node WHERE id = %s), %s, %s, 0) "
    "ON CONFLICT (space_id, client) DO UPDATE SET "
    f"base = CASE WHEN {_OLD} THEN excluded.base ELSE files_brakecounter.base END, "
    f"changes = CASE WHEN {_OLD} THEN 0 ELSE files_brakecounter.changes END + excluded.changes, "
    f"repeats = CASE WHEN {_OLD} THEN 0 ELSE files_brakecounter.repeats END, "
    f"suspicious = CASE WHEN {_OLD} THEN 0 ELSE files_brakecounter.suspicious END + excluded.suspicious, "
    f"began_at = CASE WHEN {_OLD} THEN excluded.began_at ELSE files_brakecounter.began_at END "
    "RETURNING changes, repeats, suspicious, base, began_at, free_until"
)


def _add(space: Space, credential: str, user_id: int | None, changes: int, suspicious: int, at: datetime) -> _Count:
    """What it comes to. A count begins with the first change, and anew with the first one BRAKE_WINDOW later."""
    began = sql_rows.adapt_time(at)
    old = sql_rows.adapt_time(at - settings.BRAKE_WINDOW)
    values = [space.pk, credential, user_id, began, space.root_id, changes, suspicious, old, old, old, old, old]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
        counted, repeats, noisy, base, began_at, free_until = cursor.fetchone()
    until = None if free_until is None else sql_rows.aware(free_until)
    return _Count(counted, repeats, noisy, base, sql_rows.aware(began_at), until)
