"""Lines of activity put together: what one person did of one kind, by one act or soon after one another."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from posixpath import basename, dirname
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from files.models import Change, ChangeKind, NodeKind
from sharing.models import HappeningKind
from sharing.queries.activity_reading import Key

WINDOW = timedelta(minutes=10)  # between two lines of a group
LONGEST = timedelta(hours=6)  # from its first to its last line
SHOWN = 5  # nodes of a group that are named


class ActivityKind(models.TextChoices):
    """What people are told that somebody did."""

    ADD = "add", _("added")
    EDIT = "edit", _("changed")
    RENAME = "rename", _("renamed")
    MOVE = "move", _("moved")
    COPY = "copy", _("copied")
    DELETE = "delete", _("deleted")
    RESTORE = "restore", _("restored")
    REMOVE = "remove", _("moved elsewhere")
    PURGE = "purge", _("deleted permanently")
    EXPIRE = "expire", _("earlier versions removed")
    MOUNT = "mount", _("appeared in my files")
    UNMOUNT = "unmount", _("left my files")
    SHARE = "share", _("shared")
    UNSHARE = "unshare", _("no longer shared")
    RESTRICT = "restrict", _("restricted")
    UNRESTRICT = "unrestrict", _("no longer restricted")
    READ = "read", _("read")
    COMMENT = "comment", _("commented on")


# The kinds of rows that may be shown as one of these kinds.
ROWS_OF: dict[str, frozenset[str]] = {
    ActivityKind.ADD: frozenset({ChangeKind.CREATE, ChangeKind.MOVE_IN, ChangeKind.MOVE}),
    ActivityKind.EDIT: frozenset({ChangeKind.WRITE}),
    ActivityKind.RENAME: frozenset({ChangeKind.MOVE}),
    ActivityKind.MOVE: frozenset({ChangeKind.MOVE}),
    ActivityKind.COPY: frozenset({ChangeKind.COPY}),
    ActivityKind.DELETE: frozenset({ChangeKind.TRASH}),
    ActivityKind.RESTORE: frozenset({ChangeKind.RESTORE}),
    ActivityKind.REMOVE: frozenset({ChangeKind.MOVE_OUT, ChangeKind.MOVE}),
    ActivityKind.PURGE: frozenset({ChangeKind.PURGE}),
    ActivityKind.EXPIRE: frozenset({ChangeKind.EXPIRE}),
    ActivityKind.MOUNT: frozenset({ChangeKind.CREATE}),
    ActivityKind.UNMOUNT: frozenset({ChangeKind.TRASH}),
    **{kind.value: frozenset({kind.value}) for kind in HappeningKind},
}
_OF_CHANGE = {
    ChangeKind.CREATE: ActivityKind.ADD,
    ChangeKind.WRITE: ActivityKind.EDIT,
    ChangeKind.COPY: ActivityKind.COPY,
    ChangeKind.TRASH: ActivityKind.DELETE,
    ChangeKind.RESTORE: ActivityKind.RESTORE,
    ChangeKind.PURGE: ActivityKind.PURGE,
    ChangeKind.MOVE_OUT: ActivityKind.REMOVE,
    ChangeKind.MOVE_IN: ActivityKind.ADD,
    ChangeKind.EXPIRE: ActivityKind.EXPIRE,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One node of a group. `path` is where it is since then, or was; `before` where it was, if that is another one."""

    node_id: int
    is_folder: bool
    name: str
    path: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One change or happening, as the reader sees it. `source` is where it was read from."""

    key: Key
    kind: ActivityKind
    item: Item
    source: int
    space_id: int
    mount_id: int | None
    actor: User | None
    principal: str
    link_id: int | None
    folder_id: int | None  # where it is since then, or was
    root: str  # what the top folder of its space is called
    ref: str  # names it, and tells nothing that `/changes` does not
    batch: UUID | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        return dirname(self.item.path)


@dataclass(slots=True)
class Group:
    """Lines that are told as one, the latest first. `folder` is None when they were in several."""

    first: Line
    items: list[Item]
    since: datetime
    count: int = 0
    folders: int = 0
    folder: str | None = None
    folder_id: int | None = None
    details: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, line: Line) -> "Group":
        group = cls(line, [], line.key.at, folder=line.folder, folder_id=line.folder_id)
        group.add(line)
        return group

    @property
    def kind(self) -> ActivityKind:
        return self.first.kind

    @property
    def at(self) -> datetime:
        return self.first.key.at

    @property
    def files(self) -> int:
        return self.count - self.folders

    @property
    def more(self) -> int:
        """Nodes that are not named."""
        return self.count - len(self.items)

    def takes(self, line: Line) -> bool:
        """A line that is not later than those that it has."""
        if line.batch is not None and line.batch == self.first.batch:
            return True
        return self.since - line.key.at <= WINDOW and self.at - line.key.at <= LONGEST

    def add(self, line: Line) -> None:
        self.count += 1
        self.folders += line.item.is_folder
        self.since = line.key.at
        if len(self.items) < SHOWN:
            self.items.append(line.item)
            if line.detail:
                self.details.append(line.detail)
        if line.folder != self.folder:
            self.folder = self.folder_id = None


class Groups:
    """Takes lines, the latest first, until there are `limit` groups and a line would need one more."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._all: list[Group] = []
        self._open: dict[tuple[Any, ...], Group] = {}

    def __iter__(self) -> Iterator[Group]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def take(self, line: Line, *, beyond_limit: bool = False) -> bool:
        """Whether it was taken."""
        key = _key(line)
        group = self._open.get(key)
        if group is not None and group.takes(line):
            group.add(line)
            return True
        if len(self._all) >= self.limit and not beyond_limit:
            return False
        self._open[key] = group = Group.of(line)
        self._all.append(group)
        return True


def _key(line: Line) -> tuple[Any, ...]:
    """By one act in several folders is one group; what a program does one by one is one for each folder."""
    who = (None if line.actor is None else line.actor.pk, line.principal, line.link_id)
    where = line.batch if line.batch is not None else line.folder
    with_whom = (line.detail.get("subject"), line.detail.get("id"), line.detail.get("role"))
    return line.source, line.kind, who, where, with_whom


def kind_of(change: Change) -> ActivityKind:
    """By what is left of a line for who sees a part of it only: what came out of something hidden was added."""
    kind = ChangeKind(change.kind)
    if change.target_id is not None and kind in (ChangeKind.CREATE, ChangeKind.TRASH):
        return ActivityKind.MOUNT if kind == ChangeKind.CREATE else ActivityKind.UNMOUNT
    if kind != ChangeKind.MOVE:
        return _OF_CHANGE[kind]
    if change.before_parent_id is None:
        return ActivityKind.ADD
    if change.after_parent_id is None:
        return ActivityKind.REMOVE
    return ActivityKind.RENAME if change.before_parent_id == change.after_parent_id else ActivityKind.MOVE


def item_of(change: Change, prefix: str) -> Item:
    """Of a line with paths from where `prefix` leads to."""
    is_there = change.after_parent_id is not None
    path = prefix + (change.after_path if is_there else change.before_path)
    before = prefix + change.before_path if is_there and change.before_parent_id is not None else ""
    name = (change.after_name if is_there else change.before_name) or basename(path)
    is_folder = change.node_kind == NodeKind.FOLDER
    return Item(change.node_id, is_folder, name, path, before if before != path else "")
