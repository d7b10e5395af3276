"""What happened, and what was: questions that the journal answers. What changed since is in files.queries.feed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet

from accounts.actor import Actor
from common.batches import in_batches
from common.clock import now
from common.paths import split_path
from files.access.compute import access_along
from files.access.rights import Right
from files.models import Change, ChangeKind, Node, NodeKind, Space, Version
from files.queries.mounts import mounts_in
from files.queries.tree import LocatedNode, get_space

ASKED_AGAIN_WITHIN = timedelta(seconds=60)


def history(actor: Actor, space: Space) -> "QuerySet[Change]":
    """The journal of a space, latest first: for who sees all of it."""
    access_along(actor, space, [space.root_id or 0]).require(Right.VIEW)
    return Change.objects.filter(space=space).select_related("actor").order_by("-seq")


def history_of(place: LocatedNode) -> "QuerySet[Change]":
    """What happened to one node in the space where it is, latest first."""
    place.require(Right.VIEW)
    rows = Change.objects.filter(space=place.space, node_id=place.node.pk)
    return rows.select_related("actor").order_by("-seq")


def was_moved(actor: Actor, place: LocatedNode, path_before: str) -> bool:
    """Whether the last change of what is at `place` is a move from `path_before`, by this client and just now; or,
    where it is a mounted file, such a move has written it.

    For endpoints whose clients ask again when an answer was lost, and would otherwise be told that nothing is there.
    """
    if place.is_mount and not place.node.is_folder and _was_moved_over(actor, place, path_before):
        return True
    changes = Change.objects.filter(node_id=place.node.pk).order_by("-pk")
    last = changes.exclude(kind=ChangeKind.MOVE_OUT).first()  # of a move between spaces either line may be later
    if last is None or last.kind not in (ChangeKind.MOVE, ChangeKind.MOVE_IN) or now() - last.at > ASKED_AGAIN_WITHIN:
        return False
    here, mine = last.space_id == place.space.pk, (last.actor_id, last.client) == (actor.user_id, actor.client[:200])
    if not here or not mine or last.after_path != place.path_in_space:
        return False
    left = last if last.kind == ChangeKind.MOVE else changes.filter(kind=ChangeKind.MOVE_OUT).first()
    return left is not None and split_path(path_before) in map(split_path, _paths_before(actor, place, left))


def _was_moved_over(actor: Actor, place: LocatedNode, path_before: str) -> bool:
    """What lay there in the home is in the trash by this client, and the file holds the same."""
    version = place.shown.version
    gone = Change.objects.filter(space=place.space, kind=ChangeKind.TRASH, at__gt=now() - ASKED_AGAIN_WITHIN)
    gone = gone.filter(actor_id=actor.user_id, client=actor.client[:200]).order_by("-seq")
    left = next((one for one in gone[:20] if split_path(one.before_path) == split_path(path_before)), None)
    if left is None or version is None:
        return False
    return Version.objects.filter(pk=left.before_version_id or 0, content_id=version.content_id).exists()


def _paths_before(actor: Actor, place: LocatedNode, left: Change) -> list[str]:
    """By which paths the actor may have known what was left: that in its space, and those through mounts."""
    if place.mount is not None:
        mounts = place.mount.mounts
    else:
        mounts = mounts_in(actor, get_space(actor, None) if left.space_id != place.space.pk else place.space)
    found = [left.before_path]
    for mount in () if mounts is None else mounts.all():
        top = mount.entered.path_in_space.rstrip("/")
        if mount.entered.space.pk == left.space_id and f"{left.before_path}/".startswith(f"{top}/"):
            found.append(mount.path + left.before_path[len(top) :])
    return found


def seq_at(space: Space, moment: datetime) -> int:
    """The number of the last change at or before the moment; 0 when there was none."""
    row = Change.objects.filter(space=space, at__lte=moment).order_by("-seq").values_list("seq", flat=True).first()
    return row or 0


@dataclass(frozen=True, slots=True)
class Past:
    """A node as it was. `version_id` of a file; `purged` when its row is gone, so that it cannot be brought back.
    `is_there`: nothing has happened to itself since.
    """

    node_id: int
    kind: int
    parent_id: int
    name: str
    version_id: int | None
    size: int
    purged: bool = False
    is_there: bool = False

    @property
    def is_folder(self) -> bool:
        return self.kind == NodeKind.FOLDER


def children_at(space: Space, parent_id: int, seq: int, mounts: Collection[int] = ()) -> list[Past]:
    """What a folder held after change `seq`, by name. Constant number of queries, O(children + later changes here).

    The state of a node then is the `before` of its first change since, else what it is now. A tree that has moved to
    another space since is seen as it is there. `mounts` are the ids of those that may be shown, as far as they were
    there.
    """
    touched = Change.objects.filter(space=space, seq__gt=seq).filter(
        Q(before_parent_id=parent_id) | Q(after_parent_id=parent_id)
    )
    moved = first_changes(space, set(touched.values_list("node_id", flat=True)), seq)
    now = Node.objects.filter(Q(target_id=None) | Q(pk__in=list(mounts)), parent_id=parent_id)
    rows = (n for n in now if n.pk not in moved)
    result = [Past(n.pk, n.kind, parent_id, n.name, n.version_id, n.size, is_there=True) for n in rows]
    then = [c for c in moved.values() if c.before_parent_id == parent_id and c.kind != ChangeKind.PURGE]
    then = [c for c in then if c.target_id is None or c.node_id in mounts]
    result += past_of_changes(then)
    return sorted(result, key=lambda past: (past.kind, past.name))


def first_changes(space: Space, node_ids: Iterable[int], seq: int) -> dict[int, Change]:
    """By node its first change after `seq` in this space."""
    ids = list(node_ids)
    found: dict[int, Change] = {}
    for part in in_batches(ids, 400):
        rows = Change.objects.filter(space=space, seq__gt=seq, node_id__in=part)
        firsts = rows.values("node_id").annotate(first=Min("seq")).values("first")
        for change in Change.objects.filter(space=space, seq__in=firsts):
            found[change.node_id] = change
    return found


def past_of_changes(changes: Iterable[Change]) -> list[Past]:
    """The nodes as they were before these changes, with sizes and whether they still can be brought back."""
    changes = list(changes)
    alive = set(Node.objects.filter(pk__in=[c.node_id for c in changes]).values_list("pk", flat=True))
    versions = dict(
        Version.objects.filter(pk__in=[c.before_version_id for c in changes if c.before_version_id]).values_list(
            "pk", "size"
        )
    )
    return [
        Past(
            change.node_id,
            change.node_kind,
            change.before_parent_id or 0,
            change.before_name,
            change.before_version_id,
            versions.get(change.before_version_id or 0, change.size),
            purged=change.node_id not in alive or _has_lost_version(change, versions),
        )
        for change in changes
    ]


def _has_lost_version(change: Change, versions: Collection[int]) -> bool:
    """That it had before the change: a mounted file has none."""
    is_file = change.node_kind == NodeKind.FILE and change.target_id is None
    return is_file and change.before_version_id not in versions
