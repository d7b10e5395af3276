"""Where activity is read from: journals, and what else happened to their nodes, the latest first, in bounded windows.

All of it has one order, by time and then by id, so that one key says where a page ends in every journal. Of each source
a window of so many rows is read: few columns, by an index. Where a window is full, older rows of the other sources are
left to the next one, so that nothing is skipped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from files import sql_rows
from files.access.compute import Access, SpaceAccess
from files.models import ChangeKind, Space

CHANGE, HAPPENING = 1, 0  # which row comes first of two of the same moment
ROWS = 600  # that one window reads of all sources together
ROWS_OF_FILTER = 4_000  # the same where few of them may be wanted
LEAST = 20  # of each source, however many there are
LINES_OF_FILE = 1_000  # of one file, the latest; of each that is mounted alone in a home, LINES_OF_MOUNT
LINES_OF_MOUNT = 50


class Key(NamedTuple):
    """A place in the order of all that happened: the larger one comes first."""

    at: datetime
    rank: int
    id: int


class Row(NamedTuple):
    """`source` is the place of the source in the list; of a happening, which belongs to a space, it is -1."""

    key: Key
    source: int
    actor_id: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Source:
    """One journal as somebody sees it: of a space, of what is below one folder of it (`top_id`), or of one node.

    `access` is that to the root of the space, or to the folder or node. Paths begin with `prefix`, which is that of the
    folder as they see it; `mount_id` is the mount that it leads through. `node_id`: of this node alone.
    """

    space: Space
    access: Access
    rules: SpaceAccess
    top_id: int | None = None
    prefix: str = ""
    mount_id: int | None = None
    node_id: int | None = None
    only_writes: bool = False  # of a file that is shared alone: how its owner calls it is nothing

    @property
    def is_whole(self) -> bool:
        """Whether all lines of the journal are to be seen as they are."""
        is_root = self.top_id in (None, self.space.root_id) and self.node_id is None
        return is_root and self.access.root_id == self.space.root_id and not self.access.hidden


@dataclass(frozen=True, slots=True)
class Wanted:
    """`kinds` are those of rows (ChangeKind, HappeningKind); none is all of them. The times: from, and before."""

    person_id: int | None = None
    kinds: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_filter(self) -> bool:
        return self.person_id is not None or bool(self.kinds)

    def takes(self, row: Row) -> bool:
        is_theirs = self.person_id is None or row.actor_id == self.person_id
        return is_theirs and (not self.kinds or row.kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Window:
    """`end` is where to go on; None when there is nothing more."""

    rows: Sequence[Row]
    end: Key | None


def window(sources: Sequence[Source], wanted: Wanted, after: Key | None) -> Window:
    """The next rows that are `wanted`: two queries, whatever there is."""
    in_all = ROWS_OF_FILTER if wanted.is_filter else ROWS
    each = max(LEAST, in_all // (2 * len(sources)))
    found: list[Row] = []
    horizon: Key | None = None
    for rows in (_changes(sources, wanted, after, each), _happenings(sources, wanted, after, each)):
        for of_one in rows.values():
            found += of_one
            if len(of_one) >= each:
                end = min(row.key for row in of_one)
                horizon = end if horizon is None else max(horizon, end)
    if horizon is not None:
        found = [row for row in found if row.key >= horizon]
    found.sort(key=lambda row: row.key, reverse=True)
    return Window([row for row in found if wanted.takes(row)], horizon)


def _changes(sources: Sequence[Source], wanted: Wanted, after: Key | None, each: int) -> dict[int, list[Row]]:
    parts, parameters = list[str](), list[Any]()
    for number, source in enumerate(sources):
        condition, values = _of_source(source)
        parts.append(_part(number, CHANGE, "files_change", condition, wanted, after))
        parameters += [*values, *_times(CHANGE, wanted, after), each]
    return _rows(CHANGE, parts, parameters)


def _of_source(source: Source) -> tuple[str, list[Any]]:
    if source.node_id is None:
        return "space_id = %s", [source.space.pk]
    latest = "SELECT id FROM files_change WHERE node_id = %s AND space_id = %s ORDER BY seq DESC LIMIT %s"
    limit = LINES_OF_MOUNT if source.only_writes else LINES_OF_FILE
    condition, values = f"id IN ({latest})", [source.node_id, source.space.pk, limit]
    if source.only_writes:
        return f"{condition} AND kind = %s", [*values, ChangeKind.WRITE.value]
    return condition, values


def _happenings(sources: Sequence[Source], wanted: Wanted, after: Key | None, each: int) -> dict[int, list[Row]]:
    """By space: which source shows one, its node says."""
    parts, parameters = list[str](), list[Any]()
    for space_id in sorted({source.space.pk for source in sources}):
        parts.append(_part(-1, HAPPENING, "sharing_happening", "space_id = %s", wanted, after, space_id=space_id))
        parameters += [space_id, *_times(HAPPENING, wanted, after), each]
    return _rows(HAPPENING, parts, parameters)


def _part(
    number: int, rank: int, table: str, condition: str, wanted: Wanted, after: Key | None, *, space_id: int = 0
) -> str:
    """A SELECT of its own, since no database takes the latest of several journals without sorting all of them."""
    conditions = [condition, *(sql for sql, _ in _bounds(rank, wanted, after))]
    return (
        f"SELECT * FROM (SELECT {space_id or number} AS part, {number} AS source, at, id, actor_id, kind FROM {table} "
        f"WHERE {' AND '.join(conditions)} ORDER BY at DESC, id DESC LIMIT %s) w{space_id or number}"
    )


def _times(rank: int, wanted: Wanted, after: Key | None) -> list[Any]:
    return [value for _, values in _bounds(rank, wanted, after) for value in values]


def _bounds(rank: int, wanted: Wanted, after: Key | None) -> Iterable[tuple[str, list[Any]]]:
    if wanted.since is not None:
        yield "at >= %s", [sql_rows.adapt_time(wanted.since)]
    if wanted.until is not None:
        yield "at < %s", [sql_rows.adapt_time(wanted.until)]
    if after is None:
        return
    at = sql_rows.adapt_time(after.at)
    if rank == after.rank:
        yield "at <= %s AND NOT (at = %s AND id >= %s)", [at, at, after.id]
    else:
        yield ("at <= %s" if rank < after.rank else "at < %s"), [at]


def _rows(rank: int, parts: Sequence[str], parameters: Sequence[Any]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for part, source, at, pk, actor_id, kind in sql_rows.fetch(" UNION ALL ".join(parts), parameters):
        row = Row(Key(sql_rows.aware(at), rank, pk), source, actor_id, kind)
        found.setdefault(part, []).append(row)
    return found
