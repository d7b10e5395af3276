"""Activity: who did what with a node, in a space, and with all that somebody has, put together to be read.

It is made of the journals, and of what else happened to their nodes: shares and reads. Of all that the reader gets
what they see now, as files/queries/seen_changes.py says for the journal; who shared something with whom is for who may
share or manage it, who read it for who manages it. Who commented on it is for all who see it, as the comments are.

A page costs a bounded number of queries and rows, whatever the journals hold: where few of their lines are to be seen,
or wanted, it may be empty and go on.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from accounts.actor import Actor
from common.paths import join_path
from files.access.compute import Access, SpaceAccess, facts_of
from files.access.explain import is_shown_with
from files.access.rights import Right
from files.models import Change, NodeKind, SpaceKind
from files.queries.located import LocatedNode, PathStep
from files.queries.mounts import mounts_in
from files.queries.seen_changes import seen_changes
from files.queries.shown import path_shown
from files.queries.tree import get_space, root_of
from files.queries.whereabouts import Chain, whereabouts
from sharing.models import Happening, HappeningKind
from sharing.queries.activity_groups import ROWS_OF, ActivityKind, Group, Groups, Item, Line, item_of, kind_of
from sharing.queries.activity_reading import HAPPENING, Key, Row, Source, Wanted, window

PAGE, MAXIMUM_PAGE = 50, 200  # groups
ROUNDS = 3  # windows that one page reads
LINES = 600  # that are read whole from one window
JOURNALS = 20  # that one window reads of those of which the reader does not see everything


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know: what one person did, of these kinds, from `since` on, before `until`."""

    person_id: int | None = None
    kinds: frozenset[ActivityKind] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def wanted(self) -> Wanted:
        rows = frozenset(kind for wanted in self.kinds for kind in ROWS_OF[wanted])
        return Wanted(self.person_id, rows, self.since, self.until)


EVERYTHING = Asked()


@dataclass(frozen=True, slots=True)
class Activity:
    """The latest first. `end` is where the next page begins; None at the end."""

    groups: Sequence[Group]
    end: Key | None


def my_activity(actor: Actor, asked: Asked = EVERYTHING, *, after: Key | None = None, limit: int = PAGE) -> Activity:
    """Of the actor's home and what is mounted in it, by the paths there. Raises NotFound, ScopeMissing,
    MountUnavailable.
    """
    home, access = root_of(actor, None)
    sources = [Source(home, access, SpaceAccess(actor, facts_of(home)))]
    mounts = mounts_in(actor, home)
    if mounts is not None:
        sources += [source_of_mount(mount, mounts.rules[mount.entered.space.pk]) for mount in mounts.all()]
    return _page(actor, sources, asked, after, limit)


def source_of_mount(mount: LocatedNode, rules: SpaceAccess) -> Source:
    """What a mount in the reader's own home stands for. `rules` are those of its space."""
    inner = mount.entered
    where = (inner.space, inner.access, rules)
    if inner.node.is_folder:
        return Source(*where, inner.node.pk, mount.path, mount.node.pk)
    return Source(*where, None, mount.path, mount.node.pk, inner.node.pk, only_writes=True)


def space_activity(
    actor: Actor, asked: Asked = EVERYTHING, *, space_id: int, after: Key | None = None, limit: int = PAGE
) -> Activity:
    """Of a space, for who sees its root, by the paths in it. Raises NotFound, ScopeMissing."""
    space, access = root_of(actor, space_id)
    source = Source(space, access, SpaceAccess(actor, facts_of(space)))
    return _page(actor, [source], asked, after, limit)


def node_activity(
    actor: Actor, place: LocatedNode, asked: Asked = EVERYTHING, *, after: Key | None = None, limit: int = PAGE
) -> Activity:
    """Of what is at a place, and of what is below it, by the paths as the place is seen. Of a mount it is that of what
    it stands for. Raises NotFound, ScopeMissing.
    """
    there = place.entered
    there.require(Right.VIEW)
    rules = SpaceAccess(actor, facts_of(there.space))
    mount = there.mount if there.way_is_seen else None
    mount_id = None if mount is None else mount.node.pk
    sources = []
    if there.node.is_folder:
        prefix = there.path.rstrip("/")
        sources.append(Source(there.space, there.access, rules, there.node.pk, prefix, mount_id))
    if mount is None or mount.node.target_id != there.node.pk:
        top_id, prefix = (None, "") if mount is None else (mount.node.target_id, mount.path)
        sources.append(Source(there.space, there.access, rules, top_id, prefix, mount_id, there.node.pk))
    elif not there.node.is_folder:
        path, file_id = mount.path, there.node.pk
        sources.append(Source(there.space, there.access, rules, None, path, mount_id, file_id, only_writes=True))
    return _page(actor, sources, asked, after, limit)


def seen_in_home(actor: Actor, place: LocatedNode) -> LocatedNode:
    """What was found in another space, as it is seen through the mount of it in the actor's home, if there is one: a
    query more, or two.
    """
    if place.mount is not None or place.is_mount or place.space.owner_id == actor.user_id:
        return place
    mounts = mounts_in(actor, get_space(actor, None))
    return place if mounts is None else mounts.seen(place)


def _page(actor: Actor, sources: Sequence[Source], asked: Asked, after: Key | None, limit: int) -> Activity:
    groups, end = Groups(limit), after
    for _round in range(ROUNDS):
        found = window(sources, asked.wanted, end)
        taken = _Taken(actor, sources, asked, groups, end)
        end = taken.all(found.rows, found.end)
        if end is None or taken.is_full or len(groups) >= limit:
            break
    return Activity(list(groups), end)


class _Taken:
    """Takes the rows of one window into the groups."""

    def __init__(
        self, actor: Actor, sources: Sequence[Source], asked: Asked, groups: Groups, start: Key | None
    ) -> None:
        self.actor, self.sources, self.asked, self.groups = actor, sources, asked, groups
        self.last = start
        self.is_full = False

    def all(self, rows: Sequence[Row], end: Key | None) -> Key | None:
        """Where to go on."""
        chosen = list(islice(self._affordable(rows), LINES))
        lines = {**self._lines_of_changes(chosen), **self._lines_of_happenings(chosen)}
        for row in chosen:
            line = lines.get((row.key, row.source))
            is_wanted = line is not None and (not self.asked.kinds or line.kind in self.asked.kinds)
            # Two sources may tell of one change: the key of the last one taken is that of both.
            if line is not None and is_wanted and not self.groups.take(line, beyond_limit=row.key == self.last):
                self.is_full = True
                return self.last
            self.last = row.key
        return self.last if len(chosen) < len(rows) else end

    def _affordable(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Until one would need a journal too many."""
        costly = set[int]()
        for row in rows:
            if row.key.rank != HAPPENING and not self.sources[row.source].is_whole:
                costly.add(row.source)
            if len(costly) > JOURNALS:
                return
            yield row

    def _lines_of_changes(self, rows: Sequence[Row]) -> dict[tuple[Key, int], Line]:
        of_source: dict[int, list[Row]] = {}
        for row in rows:
            if row.key.rank != HAPPENING:
                of_source.setdefault(row.source, []).append(row)
        ids = {row.key.id for some in of_source.values() for row in some}
        changes = Change.objects.select_related("actor").in_bulk(list(ids)) if ids else {}
        found = {}
        for number, some in of_source.items():
            keys = {row.key.id: row.key for row in some}
            own = [copy.copy(changes[pk]) for pk in keys if pk in changes]
            for change in lines_seen(self.actor, self.sources[number], own):
                found[keys[change.pk], number] = line_of_change(change, keys[change.pk], number, self.sources[number])
        return found

    def _lines_of_happenings(self, rows: Sequence[Row]) -> dict[tuple[Key, int], Line]:
        keys = {row.key.id: row.key for row in rows if row.key.rank == HAPPENING}
        if not keys:
            return {}
        of_space: dict[int, list[Happening]] = {}
        for happening in Happening.objects.select_related("actor").filter(pk__in=keys):
            of_space.setdefault(happening.space_id, []).append(happening)
        found = {}
        for space_id, some in of_space.items():
            sources = [(number, one) for number, one in enumerate(self.sources) if one.space.pk == space_id]
            chains = whereabouts(sources[0][1].space, {one.node_id for one in some})
            for one in some:
                line = line_of_happening(one, keys[one.pk], sources, chains.get(one.node_id))
                if line is not None:
                    found[keys[one.pk], -1] = line
        return found


def lines_seen(actor: Actor, source: Source, changes: Sequence[Change]) -> Sequence[Change]:
    """As files.queries.seen_changes has it; of a file that is shared alone at the place of its mount."""
    if source.only_writes:
        for change in changes:
            change.before_path = change.after_path = change.before_name = change.after_name = ""
        return changes
    return seen_changes(actor, source.space, source.access, changes, top_id=source.top_id, rules=source.rules)


def line_of_change(change: Change, key: Key, number: int, source: Source) -> Line:
    """Of one that `lines_seen` has shown. `number` is the place of the source in the list."""
    item = item_of(change, source.prefix)
    parent_id = change.before_parent_id if change.after_parent_id is None else change.after_parent_id
    is_top = source.only_writes or change.node_id == source.access.root_id  # what it lies in is nothing
    return Line(
        key,
        kind_of(change),
        item,
        number,
        source.space.pk,
        source.mount_id,
        change.actor,
        change.principal,
        change.link_id,
        None if is_top else parent_id,
        _title(source),
        f"{change.space_id}-{change.seq}",
        change.batch,
    )


def line_of_happening(
    row: Happening, key: Key, sources: Sequence[tuple[int, Source]], chain: Chain | None
) -> Line | None:
    """By the first of the sources that shows it."""
    for number, source in sources if chain else ():
        path = _path_of_happening(row, source, chain or ())
        if path is not None and chain:
            is_folder = chain[-1].kind == NodeKind.FOLDER
            item = Item(row.node_id, is_folder, path.rpartition("/")[2] or _title(source), path)
            return Line(
                key,
                ActivityKind(row.kind),
                item,
                number,
                space_id=source.space.pk,
                mount_id=source.mount_id,
                actor=row.actor,
                principal=row.principal,
                link_id=row.link_id,
                folder_id=None,
                root=_title(source),
                ref=f"{row.space_id}-e{row.pk}",
                detail=dict(row.detail),
            )
    return None


def _path_of_happening(row: Happening, source: Source, chain: Sequence[PathStep]) -> str | None:
    """Of its node; None where the reader is not told of it."""
    ids = [step.id for step in chain]
    access = source.rules.along(ids)
    if Right.VIEW not in access.rights or source.node_id not in (None, row.node_id):
        return None
    if not _is_told(row.kind, access):
        return None
    if source.only_writes:
        return source.prefix
    if source.top_id is None:
        return path_shown(source.rules, chain)
    if source.top_id not in ids or access.root_id not in ids[: ids.index(source.top_id) + 1]:
        return None
    names = [step.name for step in chain[ids.index(source.top_id) + 1 :]]
    return source.prefix + join_path(names) if names else source.prefix or "/"


def _is_told(kind: str, access: Access) -> bool:
    """To somebody who sees the node."""
    if kind == HappeningKind.COMMENT:
        return True
    managed = bool((access.rights | access.withheld) & Right.MANAGE)
    return managed if kind == HappeningKind.READ else is_shown_with(access)


def _title(source: Source) -> str:
    """What the paths begin in: of a mount the home of the reader. The name of a space is for who sees its root."""
    if source.mount_id is not None or source.space.kind == SpaceKind.HOME:
        return _("Files")
    return source.space.name if source.access.root_id == source.space.root_id else _("Shared files")


def people_in(groups: Iterable[Group]) -> Mapping[int, str]:
    """Those who did something in these groups, by their ids: a page offers them as filters."""
    return {
        group.first.actor.pk: group.first.actor.get_full_name() for group in groups if group.first.actor is not None
    }
