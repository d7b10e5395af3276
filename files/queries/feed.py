"""What changed in all that a person has: their home and what is mounted in it, by one cursor over several journals.

Each journal goes on from its own number, so that none can be skipped or told twice, whatever the clocks say; between
them the lines come in the order of time. Of a mount that appears there is a line in the home (kind `create`): its
folder is to be listed then, and its lines follow from there on.

A mount of a folder that is not the root of its space has a journal of its own, of what is below that folder: it goes by
the number of the folder, which is that of the last change in it, so that nothing is told or woken up by what happens in
the rest of the space. Two such mounts may lead into one space. Of a mounted file its new versions are told, at the path
of the mount; what its owner calls it, and where they put it, is nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from accounts.actor import Actor
from files import errors, sql_rows
from files.access.compute import Access, SpaceAccess
from files.models import Change, ChangeKind, Space, SpaceKind
from files.queries.located import LocatedNode
from files.queries.mounts import MAXIMUM_MOUNTS, mounts_in
from files.queries.seen_changes import seen_changes, sight, sight_below
from files.queries.tree import root_of
from files.queries.whereabouts import Chain

MAXIMUM_JOURNALS = 20  # that one page reads; the next one goes on with the others
BATCH, BATCHES = 500, 10  # lines of a space that are read at once for what is below one folder, and how often


@dataclass(frozen=True, slots=True)
class Position:
    """Numbers of the last changes that are known: of the first space, and of those journals mounted in it, each by its
    key (see `key_of`). `mounted` None: of the first space alone. `sights`: of the journals of which something was
    hidden what that was (files/queries/seen_changes.py); None at the beginning, when nothing has been told.
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

    @property
    def key(self) -> int:
        return self.change.space_id if self.place is None else key_of(self.place)


def key_of(mount: LocatedNode) -> int:
    """Of the journal behind a mount: the id of the space for its root, less than zero for another folder."""
    inner = mount.entered
    return inner.space.pk if inner.is_root else -inner.node.pk


@dataclass(frozen=True, slots=True)
class Feed:
    """`position` is where to go on; `heads` are the numbers that the journals have now."""

    lines: Sequence[Line]
    position: Position
    heads: Mapping[int, int] = field(default_factory=dict)

    @property
    def has_more(self) -> bool:
        known = {self.position.space_id or 0: self.position.seq, **(self.position.mounted or {})}
        return any(known.get(key, head) < head for key, head in self.heads.items())

    def has_news(self) -> bool:
        """For long polls: one cheap query. A new mount is a change of the first space."""
        return any(seq > self.heads[key] for key, seq in _numbers(list(self.heads)))


def _numbers(keys: Sequence[int]) -> list[tuple[int, int]]:
    """By the keys of journals the numbers that they have now."""
    selects, parameters = list[str](), list[int]()
    for sign, table in ((1, "files_space"), (-1, "files_node")):
        ids = [key * sign for key in keys if key * sign > 0]
        if ids:
            selects.append(f"SELECT {sign} * id, seq FROM {table} WHERE id IN ({', '.join(['%s'] * len(ids))})")
            parameters += ids
    return [(key, seq) for key, seq in sql_rows.fetch(" UNION ALL ".join(selects), parameters)] if selects else []


def feed_since(actor: Actor, position: Position, *, limit: int) -> Feed:
    """Up to `limit` lines after the position. One query where nothing is mounted and for the space itself; with mounts
    two more, and one for each journal with something new; some more for one of which something is hidden, or that is of
    a folder. Raises CursorReset, also when something has come into sight or gone out of it; MountUnavailable.
    """
    journals = _journals(actor, position)
    for journal in journals:
        _require_known(journal, position)
    space = journals[0].space
    with_news = [journal for journal in journals if journal.seq < journal.head][:MAXIMUM_JOURNALS]
    pages = {journal.key: journal.page(actor, limit) for journal in with_news}
    lines = list(_merged([list(page.lines) for page in pages.values()], limit))
    used = dict.fromkeys(pages, 0)
    last = {journal.key: journal.seq for journal in journals}
    for line in lines:
        used[line.key] += 1
        last[line.key] = line.change.seq
    last |= {key: page.end for key, page in pages.items() if used[key] == len(page.lines)}
    own = last.pop(space.pk)
    heads = {journal.key: journal.head for journal in journals}
    mounted = _mounted(space, position.mounted, last)
    return Feed(lines, Position(space.pk, own, mounted, _sights(journals, mounted, position.sights)), heads)


def _mounted(space: Space, before: Mapping[int, int] | None, last: dict[int, int]) -> Mapping[int, int] | None:
    """With what cannot be seen at this moment, as far as there is room: it goes on where it was when it is back."""
    if space.kind != SpaceKind.HOME:
        return {}
    if before is None:
        return None
    unseen = [(key, seq) for key, seq in before.items() if key not in last]
    return dict([*last.items(), *unseen][:MAXIMUM_MOUNTS])


def _sights(
    journals: Sequence["_Journal"], mounted: Mapping[int, int] | None, before: Mapping[int, str] | None
) -> dict[int, str]:
    now = {journal.key: journal.sight for journal in journals}
    unseen = {key: (before or {}).get(key, "") for key in mounted or {} if key not in now}
    return {key: one for key, one in [*now.items(), *unseen.items()] if one}


def position_now(actor: Actor, *, space_id: int | None, with_mounts: bool) -> Position:
    """To hear only of what changes from here on."""
    first, *journals = _journals(actor, Position(space_id, mounted={} if with_mounts else None))
    last = {journal.key: journal.head for journal in journals}
    mounted = _mounted(first.space, {} if with_mounts else None, last)
    return Position(first.space.pk, first.head, mounted, _sights([first, *journals], mounted, None))


@dataclass(frozen=True, slots=True)
class _Page:
    """`end` is the number of the last line that was read: those that nobody is told are behind it, too."""

    lines: Sequence[Line]
    end: int


@dataclass(frozen=True)
class _Journal:
    """`access` is that to the root of the space, or to the folder that is mounted. `head` is the number of the last
    change.
    """

    space: Space
    seq: int
    head: int
    access: Access
    place: LocatedNode | None = None
    rules: SpaceAccess | None = None  # of the space, where they have been read
    ways: dict[int, Chain] = field(default_factory=dict)  # to what is hidden: for all journals

    @property
    def key(self) -> int:
        return self.space.pk if self.place is None else key_of(self.place)

    @property
    def top_id(self) -> int | None:
        return None if self.place is None else self.place.entered.node.pk

    @property
    def is_of_folder(self) -> bool:
        return self.key < 0

    def page(self, actor: Actor, limit: int) -> _Page:
        if self.place is not None and not self.place.node.is_folder:
            return self._page_of_file(self.place, limit)
        if self.is_of_folder:
            return self._page_of_folder(actor, limit)
        read = self._read(self.seq, limit)
        return _Page(self._seen(actor, read), read[-1].seq if read else self.seq)

    def _page_of_folder(self, actor: Actor, limit: int) -> _Page:
        """Most of the lines of the space may be of something else: several batches, up to the number of the folder."""
        lines, end = list[Line](), self.seq
        for _ in range(BATCHES):
            read = self._read(end, BATCH)
            lines += self._seen(actor, read)
            end = read[-1].seq if len(read) == BATCH else self.head
            if len(lines) >= limit or end >= self.head:
                break
        return _Page(lines, end)

    def _page_of_file(self, mount: LocatedNode, limit: int) -> _Page:
        """Where it lies is that of the mount: paths are put together from that, and what is said here."""
        rows = Change.objects.filter(space=self.space, seq__gt=self.seq, seq__lte=self.head)
        rows = rows.filter(node_id=self.top_id or 0, kind=ChangeKind.WRITE).select_related("actor").order_by("seq")
        read = list(rows[:limit])
        for change in read:
            change.before_parent_id = change.after_parent_id = mount.node.parent_id
            change.before_name = change.after_name = mount.node.name
            change.before_path = change.after_path = ""
        return _Page([Line(change, mount) for change in read], read[-1].seq if len(read) == limit else self.head)

    def _read(self, after: int, limit: int) -> list[Change]:
        rows = Change.objects.filter(space=self.space, seq__gt=after).select_related("actor").order_by("seq")
        return list(rows.filter(seq__lte=self.head)[:limit] if self.is_of_folder else rows[:limit])

    def _seen(self, actor: Actor, read: Sequence[Change]) -> list[Line]:
        seen = seen_changes(actor, self.space, self.access, read, top_id=self.top_id, rules=self.rules)
        return [Line(change, self.place) for change in seen]

    @cached_property
    def sight(self) -> str:
        if self.is_of_folder:
            return sight_below(self.space, self.top_id or 0, self.access.hidden, self.ways)
        return sight(self.access)


def _journals(actor: Actor, position: Position) -> list[_Journal]:
    """That of the first space, and those of what is mounted in it: one that the position does not know yet goes on from
    now, since its folder is to be listed.
    """
    space, access = root_of(actor, position.space_id)
    found = [_Journal(space, position.seq, space.seq, access)]
    mounts = None if position.mounted is None else mounts_in(actor, space)
    if mounts is None:
        return found
    ways: dict[int, Chain] = {}
    for place in mounts.all():
        inner = place.entered
        head = inner.space.seq if inner.is_root else inner.node.seq
        seq = (position.mounted or {}).get(key_of(place), head)
        found.append(_Journal(inner.space, seq, head, inner.access, place, mounts.rules.get(inner.space.pk), ways))
    return found


def _require_known(journal: _Journal, position: Position) -> None:
    """Raises CursorReset."""
    if not 0 <= journal.seq <= journal.head:
        raise errors.CursorReset
    is_known = journal.place is None or journal.key in (position.mounted or {})
    if position.sights is not None and is_known and position.sights.get(journal.key, "") != journal.sight:
        raise errors.CursorReset


def _merged(pages: list[list[Line]], limit: int) -> Iterator[Line]:
    """In the order of time between journals, each in the order of its own numbers."""
    heads = [page for page in pages if page]
    count = 0
    while heads and count < limit:
        earliest = min(heads, key=lambda page: page[0].change.at)
        yield earliest.pop(0)
        count += 1
        heads = [page for page in heads if page]
