"""Undoing all that a held client did in a space since a moment: byte for byte, and without what others did meanwhile.

The journal says what each client did (Change.credential). Nodes go back to where they were before the first act of the
client, out of the trash too, and get the content that they had, as a new version. What the client made goes to the
trash. Where somebody else was active since, theirs stays: a file of which they wrote another version gets that as a
conflict copy beside it, and what they moved or put somewhere stays there.

It is done in steps by the system (decision 48), each batch a transaction, so that an act of any size holds up nobody:
few steps at once, the rest by the job `brakes`.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from time import monotonic
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.actor import WRITE, Actor, system
from accounts.audit import record
from accounts.permissions import require_scope
from common.batches import in_batches
from common.clock import now
from common.errors import CodedError
from files import errors
from files.actions.brake import locked
from files.actions.rewind import Rewinding, RewindResult
from files.models import Brake, BrakeState, Change, ChangeKind, Node, NodeKind, Space, Version
from files.queries import journal, tree
from files.queries.brakes import get_brake
from files.queries.tree import LocatedNode
from files.tree.folders import children_by_name
from files.tree.trashing import trash
from files.tree.unit_of_work import SpaceUnitOfWork, space_unit_of_work
from files.tree.writing import FileWrite, Mode, WriteOptions, put_entries

MAXIMUM_CHANGES = 50_000  # of one client that one act undoes
AT_ONCE = 5.0  # seconds of the request; the job does the rest
TIME = 0.2  # seconds of one transaction at most
LISTED = 100  # paths that the result names of each kind
logger = logging.getLogger(__name__)

TAKE_AWAY, BRING_BACK, RENAME = "take_away", "bring_back", "rename"


def revert(actor: Actor, *, brake_id: int, since: datetime | None = None) -> Brake:
    """Begins to undo what the client did since `since` (without it, since its count began), and carries out as much of
    it as takes AT_ONCE seconds. The client stays held, whatever it is, until it is accepted.

    Raises NotFound, Forbidden, ScopeMissing, TooMany, InvalidRequest for a moment in the future, SpaceArchived.
    """
    require_scope(actor, WRITE)
    found = get_brake(actor, brake_id).brake
    with space_unit_of_work(actor, found.space_id) as unit:
        acting, work = unit.actor, unit[found.space_id]
        brake = locked(acting, brake_id, work.space)
        if brake.state != BrakeState.REVERTING:
            if work.space.archived_at is not None:
                raise errors.SpaceArchived
            _begin(acting, work, brake, since)
    run(brake.pk, seconds=AT_ONCE)
    return Brake.objects.select_related("space", "user", "decided_by").get(pk=brake.pk)


def _begin(actor: Actor, work: SpaceUnitOfWork, brake: Brake, since: datetime | None) -> None:
    if since is not None and since > now():
        raise errors.InvalidRequest(gettext_lazy("That moment has not come yet."), parameter="since")
    if since is None:  # the changes of the count's very first act are of that moment
        first = Change.objects.filter(space=work.space, at__gte=brake.began_at).order_by("seq").first()
        brake.since_seq = work.space.seq if first is None else first.seq - 1
    else:
        brake.since_seq = journal.seq_at(work.space, since)
    brake.until_seq = work.space.seq
    if _lines(brake)[: MAXIMUM_CHANGES + 1].count() > MAXIMUM_CHANGES:
        raise errors.TooMany(gettext_lazy("That goes back over too many changes at once."), limit=MAXIMUM_CHANGES)
    top = _top(work.space)
    brake.plan, brake.done, brake.error_code = _Undoing(work, top, brake, RewindResult(0)).plan(), 0, ""
    brake.result = {"trashed": 0, "restored": 0, "moved": 0, "rewritten": 0, "copies": 0, "lost": [], "kept": []}
    brake.state, brake.decided_at, brake.decided_by_id = BrakeState.REVERTING, now(), actor.user_id
    brake.save()
    detail: dict[str, Any] = {"space": work.space.pk, "brake": str(brake.pk), "since": brake.since_seq}
    record(actor, "brake.revert", work.space.name, of_team=work.space.team_id, **detail)


def _lines(brake: Brake) -> "QuerySet[Change]":
    """What the client did there. Mounts are rows of a home that stand for something else: they stay where they are."""
    rows = Change.objects.filter(space_id=brake.space_id, credential=brake.client, target_id=None)
    return rows.filter(seq__gt=brake.since_seq or 0, seq__lte=brake.until_seq or 0)


def _top(space: Space) -> LocatedNode:
    return tree.place_at(system("brake"), space, [])


def run_reverts(*, seconds: float, progress: Callable[[], None] = lambda: None) -> int:
    """For the background job: goes on with all that was begun. Returns how many steps were carried out."""
    end, made = monotonic() + seconds, 0
    for brake_id in list(Brake.objects.filter(state=BrakeState.REVERTING).order_by("pk").values_list("pk", flat=True)):
        progress()
        made += run(brake_id, seconds=max(0.0, end - monotonic()), progress=progress)
    return made


def run(brake_id: int, *, seconds: float, progress: Callable[[], None] = lambda: None) -> int:
    """Carries out steps until all are done or the time is over, at least one batch. Returns how many. A refusal, such
    as a full quota, ends it as failed; it can be begun again.
    """
    end, made = monotonic() + seconds, 0
    while True:
        try:
            done, is_over = _batch(brake_id)
        except CodedError as error:
            logger.warning("what client of brake %s did cannot be undone: %s", brake_id, error.code)
            failed = Brake.objects.filter(pk=brake_id, state=BrakeState.REVERTING)
            failed.update(state=BrakeState.FAILED, error_code=error.code)
            return made
        made += done
        if is_over or monotonic() >= end:
            return made
        progress()


def _batch(brake_id: int) -> tuple[int, bool]:
    """One transaction: how many steps, and whether nothing is left."""
    space_id = Brake.objects.values_list("space_id", flat=True).get(pk=brake_id)
    with space_unit_of_work(system("brake"), space_id, bulk=True) as unit:
        brake, work = Brake.objects.get(pk=brake_id), unit[space_id]
        if brake.state != BrakeState.REVERTING:
            return 0, True
        work.passes_locks = True  # the locks of the client would keep what it did
        counts, began = RewindResult(0), brake.done
        undoing, end = _Undoing(work, _top(work.space), brake, counts), monotonic() + TIME
        while brake.done < len(brake.plan):
            undoing.carry_out(*brake.plan[brake.done])
            work.flush()
            brake.done += 1
            if monotonic() >= end:
                break
        is_over = brake.done >= len(brake.plan)
        if is_over:
            brake.state = BrakeState.REVERTED
        _add(brake.result, counts, undoing)
        brake.save(update_fields=["done", "state", "result"])
    return brake.done - began, is_over


def _add(result: dict[str, Any], counts: RewindResult, undoing: "_Undoing") -> None:
    for name in ("trashed", "restored", "moved", "rewritten"):
        result[name] += getattr(counts, name)
    result["copies"] += undoing.copies
    for name, paths in (("lost", counts.lost), ("kept", undoing.kept)):
        result[name] = list(dict.fromkeys([*result[name], *paths]))[:LISTED]  # what is looked at twice is said once


class _Undoing(Rewinding):
    """A rewind of the whole space that knows only what one client did. `firsts` are the first changes of where each
    node is, `writes` the first ones of its content.
    """

    def __init__(self, work: SpaceUnitOfWork, top: LocatedNode, brake: Brake, result: RewindResult) -> None:
        self.brake, self.copies, self.kept = brake, 0, list[str]()
        self.writes: dict[int, Change] = {}
        self.lasts: dict[int, int] = {}
        super().__init__(work, top, brake.since_seq or 0, result)

    def first_changes(self, seq: int) -> dict[int, Change]:
        firsts: dict[int, Change] = {}
        for change in _lines(self.brake).order_by("-seq").iterator(chunk_size=1000):
            if change.kind == ChangeKind.WRITE:
                self.writes[change.node_id] = change
            elif change.kind != ChangeKind.EXPIRE:
                firsts[change.node_id] = change
                self.lasts.setdefault(change.node_id, change.seq)
        return {pk: change for pk, change in firsts.items() if change.kind != ChangeKind.PURGE}

    def plan(self) -> list[list[Any]]:
        """The steps: files that are new give up their names, what was there comes back, then new folders go, and names
        are put right: twice, since a name may still be with another node that has to give it back.
        """
        wanted = sorted((c for c in self.firsts.values() if self.was_below(c)), key=self.depth)
        there = {change.node_id for change in wanted}
        new = sorted(pk for pk in self.firsts if pk not in there)
        files = [pk for pk in new if self.firsts[pk].node_kind == NodeKind.FILE]
        written = [pk for pk in self.writes if pk not in self.firsts]
        back = [*(change.node_id for change in wanted), *sorted(written)]
        names = [change.node_id for change in wanted]
        folders = [pk for pk in new if self.firsts[pk].node_kind == NodeKind.FOLDER]
        order = ((TAKE_AWAY, files), (BRING_BACK, back), (TAKE_AWAY, [*files, *reversed(folders)]))
        steps = [[step, pk] for step, nodes in order for pk in nodes]
        return [*steps, *([RENAME, pk] for _ in range(2) for pk in names)]

    def carry_out(self, step: str, node_id: int) -> None:
        if step == TAKE_AWAY:
            self._take_away(node_id)
        elif step == BRING_BACK:
            self._bring_back_one(node_id)
        elif not self._is_elsewhere_by_others(node_id) and not self._name_is_given_away(node_id):
            self.rename_back(self.firsts[node_id])

    def _take_away(self, node_id: int) -> None:
        place = self.live(node_id)
        if place is None:
            return
        if self._others_changed([node_id, *(tree_below(node_id) if place.node.is_folder else ())], node_id):
            if place.path not in self.kept:
                self.kept.append(place.path)
            return
        trash(self.work, place.node, place.ancestors)
        self.result.trashed += 1

    def _bring_back_one(self, node_id: int) -> None:
        moved = self.firsts.get(node_id)
        if moved is not None and not self._is_elsewhere_by_others(node_id):
            self.bring_back(moved)
        place, write = self.live(node_id), self.writes.get(node_id)
        if place is not None and write is not None:
            self.work.flush()
            self._write_back(place, write)

    def rewrite(self, change: Change, place: LocatedNode) -> None:
        """Where a node was says nothing of its content: see `_write_back`."""

    def _write_back(self, place: LocatedNode, write: Change) -> None:
        theirs = self._theirs([place.node.pk]).filter(kind=ChangeKind.WRITE, seq__gt=write.seq).order_by("-seq").first()
        if theirs is not None:
            version = Version.objects.select_related("content").filter(pk=theirs.after_version_id or 0).first()
            if version is not None:
                self._keep_copy(place, version)
        super().rewrite(write, place)

    def _keep_copy(self, place: LocatedNode, version: Version) -> None:
        """What somebody else wrote over what the client had written."""
        folder = Node.objects.get(pk=place.ancestors[-1].id)
        base = LocatedNode(place.space, folder, place.ancestors[:-1], place.access)
        stem, dot, extension = place.node.name.rpartition(".")
        name = f"{stem} (conflict copy){dot}{extension}" if stem else f"{extension} (conflict copy)"
        options = WriteOptions(Mode.CREATE, autorename=True, modified_at=version.modified_at)
        entry = FileWrite((), name, version.content, options, checksums=version.known_checksums, was_there=True)
        (put,) = put_entries(self.work, base, [entry])
        if put.error:
            raise put.error
        self.work.flush()
        self.copies += 1

    def _theirs(self, node_ids: Iterable[int]) -> "QuerySet[Change]":
        """Changes of these by others since: people, not what the system does with them."""
        rows = Change.objects.filter(
            space=self.work.space, node_id__in=list(node_ids), seq__gt=self.brake.since_seq or 0
        )
        return rows.exclude(credential=self.brake.client).exclude(principal__startswith="system")

    def _others_changed(self, node_ids: list[int], new_id: int) -> bool:
        """Since the client has made `new_id`, in which they are."""
        first = self.firsts[new_id].seq
        return any(self._theirs(part).filter(seq__gt=first).exists() for part in in_batches(node_ids, 500))

    def _is_elsewhere_by_others(self, node_id: int) -> bool:
        """Whether somebody else has moved, deleted or restored it after the client's last act with it."""
        rows = self._theirs([node_id]).exclude(kind__in=(ChangeKind.WRITE, ChangeKind.EXPIRE))
        return rows.filter(seq__gt=self.lasts.get(node_id, 0)).exists()

    def _name_is_given_away(self, node_id: int) -> bool:
        """To something that does not give it back: what is undone itself gives way, by a numbered name at first."""
        change = self.firsts[node_id]
        parent_id = change.before_parent_id or 0
        taken = children_by_name({parent_id}, {change.before_name}).get((parent_id, change.before_name))
        if taken is None or taken.pk == node_id:
            return False
        theirs = self.firsts.get(taken.pk)
        return theirs is None or (theirs.before_parent_id, theirs.before_name) == (parent_id, change.before_name)


def tree_below(node_id: int) -> list[int]:
    """Ids of all that lies below a folder now."""
    found, level = list[int](), [node_id]
    while level:
        level = list(Node.objects.filter(parent_id__in=level).values_list("pk", flat=True))
        found += level
    return found
