"""What changed in all that a person has: their home and what is mounted in it, by one cursor over several journals.

Each journal goes on from its own number, so that none can be skipped or told twice, whatever the clocks say; between
them the lines come in the order of time. Of a mount that appears there is a line in the home (kind `create`): its
folder is to be listed then, and its lines follow from there on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from accounts.actor import Actor
from files import errors
from files.access.compute import Access
from files.models import Change, Space, SpaceKind
from files.queries.located import LocatedNode
from files.queries.mounts import MAXIMUM_MOUNTS, mounts_in
from files.queries.seen_changes import seen_changes, sight
from files.queries.tree import root_of

MAXIMUM_JOURNALS = 20  # that one page reads; the next one goes on with the others


@dataclass(frozen=True, slots=True)
class Position:
    """Numbers of the last changes that are known: of the first space, and of those mounted in it. `mounted` None: of
    the first space alone. `sights`: of the spaces of which something was hidden what that was (seen_changes.sight);
    None at the beginning, when nothing has been told.
    """

    space_id: int | None
    seq: int = 0
    mounted: Mapping[int, int] | None = None
    sights: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """`place` is the mount through which the change is seen; None for one in the first space."""

    change: Change
    place: LocatedNode | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """`position` is where to go on; `heads` are the numbers that the spaces have now."""

    lines: Sequence[Line]
    position: Position
    heads: Mapping[int, int] = field(default_factory=dict)

    @property
    def has_more(self) -> bool:
        known = {self.position.space_id or 0: self.position.seq, **(self.position.mounted or {})}
        return any(known.get(space_id, head) < head for space_id, head in self.heads.items())

    def has_news(self) -> bool:
        """For long polls: one cheap query. A new mount is a change of the first space."""
        rows = Space.objects.filter(pk__in=list(self.heads)).values_list("pk", "seq")
        return any(seq > self.heads[pk] for pk, seq in rows)


def feed_since(actor: Actor, position: Position, *, limit: int) -> Feed:
    """Up to `limit` lines after the position. One query where nothing is mounted and for the space itself; with mounts
    two more, and one for each journal with something new; some more for one of which something is hidden. Raises
    CursorReset, also when something has come into sight or gone out of it; MountUnavailable.
    """
    journals = _journals(actor, position)
    for journal in journals:
        _require_known(journal, position)
    space = journals[0].space
    with_news = [journal for journal in journals if journal.seq < journal.space.seq][:MAXIMUM_JOURNALS]
    pages = {journal.space.pk: journal.page(actor, limit) for journal in with_news}
    lines = list(_merged([list(page.lines) for page in pages.values()], limit))
    told = dict.fromkeys(pages, 0)
    last = {journal.space.pk: journal.seq for journal in journals}
    for line in lines:
        told[line.change.space_id] += 1
        last[line.change.space_id] = line.change.seq
    last |= {space_id: page.end for space_id, page in pages.items() if told[space_id] == len(page.lines)}
    own = last.pop(space.pk)
    heads = {journal.space.pk: journal.space.seq for journal in journals}
    mounted = _mounted(space, position.mounted, last)
    return Feed(lines, Position(space.pk, own, mounted, _sights(journals, mounted, position.sights)), heads)


def _mounted(space: Space, before: Mapping[int, int] | None, last: dict[int, int]) -> Mapping[int, int] | None:
    """With what cannot be seen at this moment, as far as there is room: it goes on where it was when it is back."""
    if space.kind != SpaceKind.HOME:
        return {}
    if before is None:
        return None
    unseen = [(space_id, seq) for space_id, seq in before.items() if space_id not in last]
    return dict([*last.items(), *unseen][:MAXIMUM_MOUNTS])


def _sights(
    journals: Sequence["_Journal"], mounted: Mapping[int, int] | None, before: Mapping[int, str] | None
) -> dict[int, str]:
    now = {journal.space.pk: journal.sight for journal in journals}
    unseen = {space_id: (before or {}).get(space_id, "") for space_id in mounted or {} if space_id not in now}
    return {space_id: one for space_id, one in [*now.items(), *unseen.items()] if one}


def position_now(actor: Actor, *, space_id: int | None, with_mounts: bool) -> Position:
    """To hear only of what changes from here on."""
    first, *journals = _journals(actor, Position(space_id, mounted={} if with_mounts else None))
    last = {journal.space.pk: journal.space.seq for journal in journals}
    mounted = _mounted(first.space, {} if with_mounts else None, last)
    return Position(first.space.pk, first.space.seq, mounted, _sights([first, *journals], mounted, None))


@dataclass(frozen=True, slots=True)
class _Page:
    """`end` is the number of the last line that was read: those that nobody is told are behind it, too."""

    lines: Sequence[Line]
    end: int


@dataclass(frozen=True)
class _Journal:
    """`access` is that to the root of the space."""

    space: Space
    seq: int
    access: Access
    place: LocatedNode | None = None

    def page(self, actor: Actor, limit: int) -> _Page:
        rows = Change.objects.filter(space=self.space, seq__gt=self.seq).select_related("actor").order_by("seq")
        read = list(rows[:limit])
        seen = seen_changes(actor, self.space, self.access, read, from_top=self.place is not None)
        return _Page([Line(change, self.place) for change in seen], read[-1].seq if read else self.seq)

    @cached_property
    def sight(self) -> str:
        return sight(self.access)


def _journals(actor: Actor, position: Position) -> list[_Journal]:
    """That of the first space, and those of what is mounted in it: one that the position does not know yet goes on from
    now, since its folder is to be listed.
    """
    space, access = root_of(actor, position.space_id)
    found = [_Journal(space, position.seq, access)]
    mounts = None if position.mounted is None else mounts_in(actor, space)
    for place in () if mounts is None else mounts.all():
        inner = place.entered
        seq = (position.mounted or {}).get(inner.space.pk, inner.space.seq)
        found.append(_Journal(inner.space, seq, inner.access, place))
    return found


def _require_known(journal: _Journal, position: Position) -> None:
    """Raises CursorReset."""
    if not 0 <= journal.seq <= journal.space.seq:
        raise errors.CursorReset
    is_known = journal.place is None or journal.space.pk in (position.mounted or {})
    if position.sights is not None and is_known and position.sights.get(journal.space.pk, "") != journal.sight:
        raise errors.CursorReset


def _merged(pages: list[list[Line]], limit: int) -> Iterator[Line]:
    """In the order of time between journals, each in the order of its own numbers."""
    heads = [page for page in pages if page]
    given = 0
    while heads and given < limit:
        earliest = min(heads, key=lambda page: page[0].change.at)
        yield earliest.pop(0)
        given += 1
        heads = [page for page in heads if page]
