"""One transaction's changes of one space: numbers, journal lines, sums of the ancestors, ledger."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from accounts import quotas
from accounts.actor import Actor
from accounts.quotas import Charge
from common.batches import in_batches
from common.clock import now
from files import errors, sql_rows
from files.access.compute import Access, SpaceAccess, facts_of
from files.access.rights import Right
from files.locking import lock_spaces
from files.models import Change, ChangeKind, Node, Space
from files.queries.locks import NONE, Locks, locks_of
from files.queries.mounts import owns
from files.queries.shown import path_shown
from files.queries.tree import PathStep
from files.tree import brake, locks
from files.tree.brake import Load
from files.tree.holding import hold


@dataclass(frozen=True, slots=True)
class NodeLocation:
    """Where a node is or was: one side of a journal line."""

    parent_id: int
    name: str
    path: str
    version_id: int | None = None


@dataclass(slots=True)
class _Sums:
    seq: int = 0
    size: int = 0
    versions_size: int = 0
    descendants: int = 0
    height: int = 0


@dataclass
class SpaceUnitOfWork:
    """Collects while the action works, writes everything in `flush`: a constant number of statements."""

    space: Space
    actor: Actor
    batch: uuid.UUID | None = None
    at: datetime = field(default_factory=now)
    charge: Charge = field(default_factory=Charge)
    unit: "UnitOfWork" = field(init=False, repr=False, compare=False)  # all of the act
    passes_locks: bool = False  # what people have locked does not hold it up
    passes_brake: bool = False  # it may change as much as it likes: it takes something back, or has been asked about
    held_by: int | None = None  # the brake that holds the client of the act
    load: Load = field(default_factory=Load, repr=False)
    _locks: Locks | None = None
    _rules: SpaceAccess | None = None
    _grant_id: int | None = None
    _changes: list[Change] = field(default_factory=list)
    _sums: dict[int, _Sums] = field(default_factory=lambda: defaultdict(_Sums))

    def record(
        self, kind: ChangeKind, node: Node, *, before: NodeLocation | None = None, after: NodeLocation | None = None
    ) -> int:
        """Takes the next number for this change and returns it. Raises SpaceArchived, ChangesHeld."""
        self.refuse_held()
        if self.space.archived_at is not None and not self.actor.is_system:
            raise errors.SpaceArchived  # whatever right an action has asked for: every change comes by here
        self.space.seq += 1
        change = sql_rows.make(
            Change,
            space_id=self.space.pk,
            seq=self.space.seq,
            kind=kind,
            node_id=node.pk,
            node_kind=node.kind,
            size=node.size,
            actor_id=self.actor.user_id,
            principal=self.actor.recorded_as[:60],
            grant_id=self._grant_id,
            link_id=self.actor.link_id,
            target_id=node.target_id,
            client=self.actor.client[:200],
            address=self.actor.address,
            credential=self.actor.credential,
            at=self.at,
            batch=self.batch,
        )
        if before:
            change.before_parent_id, change.before_name = before.parent_id, before.name
            change.before_path, change.before_version_id = before.path, before.version_id
        if after:
            change.after_parent_id, change.after_name = after.parent_id, after.name
            change.after_path, change.after_version_id = after.path, after.version_id
        self._changes.append(change)
        if kind is not ChangeKind.WRITE or before is None or after is None or before.version_id != after.version_id:
            names = (place.name if place is not None else None for place in (before, after))
            self.load.add(kind, node, *names)  # else only a time or a property has changed
        return self.space.seq

    def refuse_held(self) -> None:
        """For acts that write no line of the journal, too. Raises ChangesHeld."""
        if self.held_by is not None:
            raise errors.ChangesHeld(brake=str(self.held_by))

    def touch(
        self,
        chain: Sequence[int],
        *,
        size: int = 0,
        versions_size: int = 0,
        descendants: int = 0,
        height: int = 0,
    ) -> None:
        """Stamps these nodes, from the root down, with the last number taken, and adds to their sums.

        `height` is how many levels the last of them now has below itself at least.
        """
        for distance, node_id in enumerate(reversed(chain)):
            sums = self._sums[node_id]
            sums.seq = self.space.seq
            sums.size += size
            sums.versions_size += versions_size
            sums.descendants += descendants
            if height:
                sums.height = max(sums.height, height + distance)

    def flush(self) -> None:
        """Writes what has been collected. Called at the end, and by acts whose next step reads what the last wrote."""
        if self._changes:
            if self.locks:
                locks.check(self.rules, self.actor, self.locks, self._changes)
                self._locks = None
            if self.load and not (self.passes_brake or self.actor.is_system):
                brake.count(self.space, self.actor.credential, self.actor.user_id, self.load, self.at)
            self.load = Load()
            sql_rows.insert(Change, self._changes)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE files_space SET seq = %s WHERE id = %s", [self.space.seq, self.space.pk])
            self._changes = []
        if self._sums:
            _add_sums(self._sums)
            self._sums = defaultdict(_Sums)

    @property
    def locks(self) -> Locks:
        """Those that hold it up: no query when there are none in the space, one for each `flush` otherwise."""
        if self._locks is None:
            self._locks = NONE if self.passes_locks else locks_of(self.space, self.at)
        return self._locks

    @property
    def quota_accounts(self) -> list[int]:
        return quota_accounts(self.space)

    @property
    def rules(self) -> SpaceAccess:
        """What the actor may do in the space, as it is under its lock."""
        if self._rules is None:
            self._rules = SpaceAccess(self.actor, facts_of(self.space))
        return self._rules

    def forget_rules(self) -> None:
        """The act has changed who may do what."""
        self._rules = None

    def require(self, right: Right, chain: Sequence[int]) -> None:
        """With the last node of a chain from the root. Raises NotFound, Forbidden, ScopeMissing."""
        access = self.rules.along(chain)
        access.require(right)
        self.acts_by(access)

    def path_shown(self, chain: Sequence[PathStep], *names: str) -> str:
        """For an error: the path of the end of a chain, or of `names` below it, as the actor sees it."""
        return path_shown(self.rules, chain, *names)

    def sees(self, chain: Sequence[PathStep], node: Node) -> bool:
        """Whether the actor sees this child of the folder at the end of the chain: not a mount of somebody else's."""
        if node.is_mount and not owns(self.actor, self.space):
            return False
        return Right.VIEW in self.rules.along([*(step.id for step in chain), node.pk]).rights

    def sees_end(self, chain: Sequence[PathStep]) -> bool:
        """Whether the actor sees the folder at the end of the chain."""
        return Right.VIEW in self.rules.along([step.id for step in chain]).rights

    def name_taken(self, chain: Sequence[PathStep], node: Node) -> errors.NameTaken:
        """By this child of the folder; what somebody does not see is not named any further."""
        path = self.path_shown(chain, node.name)
        return errors.NameTaken(path=path, id=node.pk) if self.sees(chain, node) else errors.NameTaken(path=path)

    def acts_by(self, access: Access) -> None:
        """What is journalled from here on was allowed by this access: by the nearest of its grants."""
        self._grant_id = access.nearest_grant

    @property
    def grant_id(self) -> int | None:
        """By which the actor acts, as far as the action has asked for a right."""
        return self._grant_id


def quota_accounts(space: Space) -> list[int]:
    """Ids of the accounts that are charged for a space: its own, and its team's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_quotaaccount WHERE team_id = %s", [space.team_id])
        return sorted({space.quota_id, *(pk for (pk,) in cursor.fetchall())})


class UnitOfWork(dict[int, SpaceUnitOfWork]):
    """By the space's id; `actor` is who acts as they are under the locks."""

    actor: Actor


@contextmanager
def space_unit_of_work(actor: Actor, *space_ids: int, bulk: bool = False) -> Iterator[UnitOfWork]:
    """The unit of work of acts on trees: a transaction that holds the locks of the spaces, in which what the actor may
    is read again (accounts/unit_of_work.py). What was collected is written at its end. Raises ChangesHeld when the
    client has changed too much.
    """
    try:
        with transaction.atomic():
            batch = uuid.uuid4() if bulk else None
            locked = lock_spaces(actor, space_ids)
            unit = UnitOfWork((pk, SpaceUnitOfWork(space, locked.actor, batch)) for pk, space in locked.spaces.items())
            unit.actor = locked.actor
            for work in unit.values():
                work.unit, work.held_by = unit, locked.held_by
            yield unit
            for work in unit.values():
                work.flush()
            _charge_all(unit.values())
    except brake.Tripped as tripped:
        raise hold(actor, tripped) from tripped


def _charge_all(unit: Iterable[SpaceUnitOfWork]) -> None:
    """Per account the sum over the spaces, so that a move within one account never looks like growth."""
    charges: dict[int, Charge] = defaultdict(Charge)
    for work in unit:
        if work.charge:
            for account_id in work.quota_accounts:
                charges[account_id] += work.charge
    for account_id in sorted(charges):
        quotas.charge([account_id], charges[account_id])


def _add_sums(sums: dict[int, _Sums]) -> None:
    deltas = [(pk, s.seq, s.size, s.versions_size, s.descendants, s.height) for pk, s in sums.items()]
    greatest = "MAX" if connection.vendor == "sqlite" else "GREATEST"
    with connection.cursor() as cursor:
        for part in in_batches(deltas, 150):
            values = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(part))
            cursor.execute(
                f"WITH delta(id, seq, size, versions_size, descendants, height) AS (VALUES {values}) "
                "UPDATE files_node SET seq = delta.seq, size = files_node.size + delta.size, "
                "versions_size = files_node.versions_size + delta.versions_size, "
                "descendants = files_node.descendants + delta.descendants, "
                f"height = {greatest}(files_node.height, delta.height) "
                "FROM delta WHERE files_node.id = delta.id",
                [value for row in part for value in row],
            )
