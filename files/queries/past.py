"""A folder as it was at a time: also one that has been moved or deleted since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.actor import Actor
from common.ids import is_id
from files import errors
from files.models import Change, Node, NodeKind, Space
from files.queries import journal
from files.queries.journal import Past
from files.queries.past_eyes import PastEyes, eyes_of
from files.queries.tree import root_of, split_path


@dataclass(frozen=True, slots=True)
class PastPage:
    """`after` is how many entries come before the next page; None at the end. `path` is known by path only."""

    space: Space
    seq: int
    path: str | None
    entries: Sequence[Past]
    after: int | None


def past_by_id(
    actor: Actor, *, node_id: int, moment: datetime, seq: int | None = None, after: int = 0, limit: int = 200
) -> PastPage:
    """`seq` and `after` are what the page before gave. NotFound for a node that was never in a visible space."""
    space, access = root_of(actor, _space_of(node_id))
    seq = journal.seq_at(space, moment) if seq is None else seq
    eyes = eyes_of(actor, space, access)
    eyes.require_seen(node_id)
    return _page(space, node_id, seq, None, after, limit, eyes)


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
    """The path is the one of that time. NotFound when there was none, NotAFolder for a file."""
    space, access = root_of(actor, space_id)
    seq = journal.seq_at(space, moment) if seq is None else seq
    folder_id, names, eyes = space.root_id or 0, list[str](), eyes_of(actor, space, access)
    for name in split_path(path):
        there = eyes.seen(journal.children_at(space, folder_id, seq))
        entry = next((e for e in there if e.name == name), None)
        if entry is None:
            raise errors.NotFound(path=path)
        if not entry.is_folder:
            raise errors.NotAFolder(path=path)
        folder_id = entry.node_id
        names.append(entry.name)
    return _page(space, folder_id, seq, "/" + "/".join(names), after, limit, eyes)


def _page(space: Space, folder_id: int, seq: int, path: str | None, after: int, limit: int, eyes: PastEyes) -> PastPage:
    entries = eyes.seen(journal.children_at(space, folder_id, seq))
    more = len(entries) > after + limit
    return PastPage(space, seq, path, entries[after : after + limit], after + limit if more else None)


def _space_of(node_id: int) -> int:
    """Of a live or deleted folder its row says it, of a purged one the journal."""
    if not is_id(node_id):
        raise errors.NotFound(id=node_id)
    row = Node.objects.filter(pk=node_id).values_list("space_id", "kind").first()
    if row is None:
        changes = Change.objects.filter(node_id=node_id).order_by("-pk")
        row = changes.values_list("space_id", "node_kind").first()
    if row is None:
        raise errors.NotFound(id=node_id)
    space_id, kind = row
    if kind != NodeKind.FOLDER:
        raise errors.NotAFolder(id=node_id)
    return int(space_id)
