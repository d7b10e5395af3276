"""Everything below some places, in pages: a bounded number of queries and of rows in memory, however much it is."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.models import NodeKind
from files.queries import file_content
from files.queries.file_content import FileContent
from files.queries.mounts import Mounts
from files.queries.tree import LocatedNode
from files.sql_rows import aware

PAGE = 500  # nodes a query
BATCH = 200  # folders a query

_SELECT = (
    file_content.COLUMNS
    + ", n.target_id, n.parent_id, n.name_key, n.modified_at FROM files_node n JOIN files_space s ON s.id = n.space_id "
    "LEFT JOIN files_version v ON v.id = n.version_id" + file_content.JOINS
)
_ORDER = " ORDER BY n.parent_id, n.kind, n.name_key, n.id LIMIT %s"
_KIND, _ID, _NAME = 6, 7, 8  # positions in a row
_TARGET, _PARENT, _KEY, _MODIFIED = -4, -3, -2, -1
_OWN = 4  # columns behind those of a file's content


@dataclass(frozen=True, slots=True)
class Item:
    """`names` lead to it from the places that were asked for; `file` is None for a folder."""

    names: tuple[str, ...]
    modified_at: datetime
    file: FileContent | None


def walk(actor: Actor, places: Sequence[tuple[tuple[str, ...], LocatedNode]]) -> Iterator[Item]:
    """The places, each under the names given with it (none: only what is below it), and everything below them.

    Without what may not be downloaded: folders that are restricted to others. A folder comes before what is in it; a
    mount below one of the places holds what it stands for. There is no snapshot: what is moved meanwhile may come twice
    or not at all.
    """
    folders: deque[tuple[int, tuple[str, ...]]] = deque()
    mounts = next((place.mounts for _, place in places if place.mounts is not None), None)
    closed = {pk for _, place in places for pk in place.entered.access.closed_to(Right.DOWNLOAD)}
    for names, place in [(names, place.entered) for names, place in places]:
        place.require(Right.DOWNLOAD, actor)
        if place.node.is_folder:
            folders.append((place.node.pk, names))
            if names:
                yield Item(names, place.node.modified_at, None)
        else:
            file = file_content.file_of_node(actor, place.node.pk)
            yield Item(names, file.modified_at, file)
    while folders:
        batch: dict[int, tuple[str, ...]] = {}
        while folders and len(batch) < BATCH and folders[-1][0] not in batch:  # one may have been asked for twice
            batch.update([folders.pop()])
        for row in _children(sorted(batch)):
            names = (*batch[row[_PARENT]], row[_NAME])
            if row[_KIND] != NodeKind.FOLDER:
                item = _file(actor, row, names, mounts)
                if item is not None:
                    yield item
            elif (folder := _folder(row, closed, mounts)) is not None:
                folders.append((folder[0], names))
                yield Item(names, folder[1], None)


def _file(actor: Actor, row: tuple[Any, ...], names: tuple[str, ...], mounts: Mounts | None) -> Item | None:
    """Of a mount the file that it stands for, for a query or two; None for what may not be downloaded, or not any more:
    it may be deleted, or taken back, while the others are read.
    """
    if row[_TARGET] is None:
        file = file_content.from_row(row[: len(row) - _OWN])
    else:
        mount = None if mounts is None else mounts.get(row[_ID])
        if mount is None or not mount.entered.access.allows(Right.DOWNLOAD):
            return None
        try:
            file = file_content.file_of_node(actor, mount.shown.pk)
        except (errors.NotFound, errors.Forbidden):
            return None
    return Item(names, file.modified_at, file)


def _folder(row: tuple[Any, ...], closed: set[int], mounts: Mounts | None) -> tuple[int, datetime] | None:
    """Id and time of what it holds, of a mount those of its target; None for what may not be downloaded. What that is
    below a mount joins `closed`.
    """
    if row[_ID] in closed:
        return None
    if row[_TARGET] is None:
        return row[_ID], aware(row[_MODIFIED])
    mount = None if mounts is None else mounts.get(row[_ID])
    if mount is None or not mount.entered.access.allows(Right.DOWNLOAD):
        return None
    closed |= mount.entered.access.closed_to(Right.DOWNLOAD)
    return mount.shown.pk, mount.shown.modified_at


def _children(parents: list[int]) -> Iterator[tuple[Any, ...]]:
    """Page by page; a folder that does not end with a page is finished alone, by its index."""
    while parents:
        marks = ", ".join(["%s"] * len(parents))
        rows = _rows(f"{_SELECT} WHERE n.parent_id IN ({marks}){_ORDER}", [*parents, PAGE])
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]
        while len(rows) == PAGE:
            after = (last[_PARENT], last[_KIND], last[_KEY], last[_ID])
            condition = " WHERE n.parent_id = %s AND (n.kind, n.name_key, n.id) > (%s, %s, %s)"
            rows = _rows(_SELECT + condition + _ORDER, [*after, PAGE])
            yield from rows
            last = rows[-1] if rows else last
        parents = [parent for parent in parents if parent > last[_PARENT]]


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
