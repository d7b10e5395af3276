"""A folder as it was at a time: also one that has been moved or deleted since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.actor import Actor
from common.ids import is_id
from files import errors
from files.access.compute import Access
from files.models import Change, Node, NodeKind, Space
from files.queries import journal
from files.queries.journal import Past
from files.queries.mounts import Mounts, mounts_in
from files.queries.past_eyes import PastEyes, eyes_of
from files.queries.tree import LocatedNode, locate, root_of, split_path

Ids = list[int]


@dataclass(frozen=True, slots=True)
class PastPage:
    """`after` is how many entries come before the next page; None at the end. `path` is known by path only."""

    space: Space
    seq: int
    path: str | None
    entries: Sequence[Past]
    after: int | None
    is_whole: bool  # nothing of the space is hidden


def past_by_id(
    actor: Actor, *, node_id: int, moment: datetime, seq: int | None = None, after: int = 0, limit: int = 200
) -> PastPage:
    """`seq` and `after` are what the page before gave. NotFound for a node that was never in a visible space,
    NotAFolder for a file that one sees.
    """
    space_id, kind, target_id = _space_of(node_id)
    mounts = Ids()
    if target_id is not None:
        inner = locate(actor, node_id).entered
        space, node_id, access = inner.space, inner.node.pk, inner.access
    else:
        space, access = _space_for(actor, space_id, node_id)
        found = mounts_in(actor, space)
        mounts = mounts if found is None else found.ids
    seq = journal.seq_at(space, moment) if seq is None else seq
    eyes = eyes_of(actor, space, access)
    eyes.require_seen(node_id)
    if kind != NodeKind.FOLDER:  # said only to who sees it
        raise errors.NotAFolder(id=node_id)
    return _page(_Folder(space, node_id, eyes, mounts), seq, None, after, limit)


def past_by_path(
    actor: Actor,
    *,
    path: str,
    moment: datetime,
    space_id: int | None = None,
    seq: int | None = None,
    after: int = 0,
    limit: int = 200,
) -> PastPage:
    """The path is the one of that time, and leads through mounts: of these also through those that have come since.
    NotFound when there was none, NotAFolder for a file, MountUnavailable.
    """
    space, access = root_of(actor, space_id)
    mounts = mounts_in(actor, space)
    ids, here = (mounts.ids, None) if mounts is not None else (Ids(), seq)
    here = journal.seq_at(space, moment) if here is None else here
    folder_id, names, eyes = space.root_id or 0, list[str](), eyes_of(actor, space, access)
    for name in split_path(path):
        there = eyes.seen(journal.children_at(space, folder_id, here, ids))
        entry = next((e for e in there if e.name == name), None)
        through = None if mounts is None else _mount(mounts, folder_id, name, entry)
        if through is not None and not through.node.is_folder:
            raise errors.NotAFolder(path=path)
        if through is not None:
            space, folder_id, mounts, ids = through.entered.space, through.entered.node.pk, None, Ids()
            here = journal.seq_at(space, moment)
            eyes = eyes_of(actor, space, through.entered.access)
        elif entry is None:
            raise errors.NotFound(path=path)
        elif not entry.is_folder:
            raise errors.NotAFolder(path=path)
        else:
            folder_id = entry.node_id
        names.append(name)
    folder = _Folder(space, folder_id, eyes, ids)
    return _page(folder, here if seq is None else seq, "/" + "/".join(names), after, limit)


def _mount(mounts: Mounts, folder_id: int, name: str, entry: Past | None) -> LocatedNode | None:
    """The one that the name meant then; where nothing had it, the one that has it now."""
    if entry is not None:
        return mounts.get(entry.node_id)
    return next((m for m in mounts.all() if m.node.parent_id == folder_id and m.node.name == name), None)


@dataclass(frozen=True, slots=True)
class _Folder:
    """What is listed, and the mounts that may be shown in it."""

    space: Space
    node_id: int
    eyes: PastEyes
    mounts: Collection[int]


def _page(folder: _Folder, seq: int, path: str | None, after: int, limit: int) -> PastPage:
    space = folder.space
    entries = folder.eyes.seen(journal.children_at(space, folder.node_id, seq, folder.mounts))
    more = len(entries) > after + limit
    return PastPage(
        space, seq, path, entries[after : after + limit], after + limit if more else None, folder.eyes.is_whole
    )


def _space_for(actor: Actor, space_id: int, node_id: int) -> tuple[Space, Access]:
    """With the access to its root; for who does not see that, and sees the folder, to the folder. Raises NotFound."""
    try:
        return root_of(actor, space_id)
    except errors.NotFound:
        place = locate(actor, node_id)
        return place.space, place.access


def _space_of(node_id: int) -> tuple[int, int, int | None]:
    """And the kind, and the target of a mount. Of what is live or deleted its row says it, of the rest the journal."""
    if not is_id(node_id):
        raise errors.NotFound(id=node_id)
    row = Node.objects.filter(pk=node_id).values_list("space_id", "kind", "target_id").first()
    if row is None:
        changes = Change.objects.filter(node_id=node_id).order_by("-pk")
        row = changes.filter(target_id=None).values_list("space_id", "node_kind", "target_id").first()
    if row is None:
        raise errors.NotFound(id=node_id)
    space_id, kind, target_id = row
    return int(space_id), int(kind), target_id
