"""What changed in all that a person has: their home and what is mounted in it, by one cursor over several journals.

Each journal goes on from its own number, so that none can be skipped or told twice, whatever the clocks say; between
them the lines come in the order of time. Of a mount that appears there is a line in the home (kind `create`): its
folder is to be listed then, and its lines follow from there on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from accounts.actor import Actor
from files import errors
from files.models import Change, Space, SpaceKind
from files.queries.located import LocatedNode
from files.queries.mounts import MAXIMUM_MOUNTS, mounts_in
from files.queries.tree import get_space

MAXIMUM_JOURNALS = 20  # that one page reads; the next one goes on with the others


@dataclass(frozen=True, slots=True)
class Position:
    """Numbers of the last changes that are known: of the first space, and of those mounted in it. `mounted` None: of
    the first space alone.
    """

    space_id: int | None
    seq: int = 0
    mounted: Mapping[int, int] | None = None


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
        first, mounted = self.position.space_id, self.position.mounted or {}
        known = {space_id: self.position.seq if space_id == first else mounted.get(space_id) for space_id in self.heads}
        return any(number is not None and number < self.heads[space_id] for space_id, number in known.items())

    def has_news(self) -> bool:
        """For long polls: one cheap query. A new mount is a change of the first space."""
        rows = Space.objects.filter(pk__in=list(self.heads)).values_list("pk", "seq")
        return any(seq > self.heads[pk] for pk, seq in rows)


def feed_since(actor: Actor, position: Position, *, limit: int) -> Feed:
    """Up to `limit` lines after the position. One query where nothing is mounted and for the space itself; with mounts
    two more, and one for each journal with something new. Raises CursorReset, MountUnavailable.
    """
    space, journals = _journals(actor, position)
    first = _Journal(space, position.seq, None)
    _require_known(first)
    all_journals = [first, *journals]
    with_news = [journal for journal in all_journals if journal.seq < journal.space.seq][:MAXIMUM_JOURNALS]
    lines = list(_merged([list(journal.lines(limit)) for journal in with_news], limit))
    last = {journal.space.pk: journal.seq for journal in all_journals}
    for line in lines:
        last[line.change.space_id] = line.change.seq
    own = last.pop(space.pk)
    heads = {journal.space.pk: journal.space.seq for journal in all_journals}
    return Feed(lines, Position(space.pk, own, _mounted(space, position.mounted, last)), heads)


def _mounted(space: Space, before: Mapping[int, int] | None, last: dict[int, int]) -> Mapping[int, int] | None:
    """With what cannot be seen at this moment, as far as there is room: it goes on where it was when it is back."""
    if space.kind != SpaceKind.HOME:
        return {}
    if before is None:
        return None
    unseen = [(space_id, seq) for space_id, seq in before.items() if space_id not in last]
    return dict([*last.items(), *unseen][:MAXIMUM_MOUNTS])


def position_now(actor: Actor, *, space_id: int | None, with_mounts: bool) -> Position:
    """To hear only of what changes from here on."""
    space, journals = _journals(actor, Position(space_id, mounted={} if with_mounts else None))
    last = {journal.space.pk: journal.space.seq for journal in journals}
    return Position(space.pk, space.seq, _mounted(space, {} if with_mounts else None, last))


@dataclass(frozen=True, slots=True)
class _Journal:
    space: Space
    seq: int
    place: LocatedNode | None

    def lines(self, limit: int) -> Iterator[Line]:
        rows = Change.objects.filter(space=self.space, seq__gt=self.seq).select_related("actor").order_by("seq")
        for change in rows[:limit]:
            yield Line(change, self.place)


def _journals(actor: Actor, position: Position) -> tuple[Space, list[_Journal]]:
    """The first space, and the journals of what is mounted in it: one that the position does not know yet goes on from
    now, since its folder is to be listed.
    """
    space = get_space(actor, position.space_id)
    mounts = None if position.mounted is None else mounts_in(actor, space)
    if mounts is None or position.mounted is None:
        return space, []
    found = []
    for place in mounts.all():
        inner = place.entered
        seq = position.mounted.get(inner.space.pk, inner.space.seq)
        journal = _Journal(inner.space, seq, place)
        _require_known(journal)
        found.append(journal)
    return space, found


def _require_known(journal: _Journal) -> None:
    if not 0 <= journal.seq <= journal.space.seq:
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
