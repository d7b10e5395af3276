"""Many paths at once: one query for each level of the deepest path, not for each path."""

from collections.abc import Sequence

from django.db.models import Q

from accounts.actor import Actor
from common.batches import in_batches
from files import errors
from files.models import Node, Space
from files.queries.mounts import mounts_in
from files.queries.tree import root_of, split_path, way_to

PARENTS = 200  # of one query, so that it stays below SQLite's limits of depth and of parameters


def ids_of_paths(actor: Actor, paths: Sequence[str], *, space_id: int | None = None) -> list[int]:
    """The nodes' ids in the order asked for. NotFound names the first path that is not there."""
    space, access = root_of(actor, space_id)
    assert space.root_id is not None
    if len(paths) == 1:
        return [_one(actor, space, paths[0], access.hidden)]
    wanted = [tuple(split_path(path)) for path in paths]
    mounts, hidden = mounts_in(actor, space), access.hidden
    found: dict[tuple[str, ...], int] = {(): space.root_id}
    inner = dict(found)  # where the names behind a way are looked for: a mount's target
    for depth in range(1, max(map(len, wanted), default=0) + 1):
        level = {names[:depth] for names in wanted if len(names) >= depth and names[: depth - 1] in inner}
        for names, (pk, target_id) in _descend(inner, level).items():
            if target_id is None:
                found[names] = inner[names] = pk
            elif mounts is not None and (mount := mounts.get(pk)) is not None:
                found[names], inner[names] = pk, mount.entered.node.pk
                hidden |= mount.entered.access.hidden
    for path, names in zip(paths, wanted, strict=True):
        if names not in found or hidden.intersection(found[names[:n]] for n in range(len(names) + 1)):
            raise errors.NotFound(path=path)
    return [found[names] for names in wanted]


def _one(actor: Actor, space: Space, path: str, hidden: frozenset[int]) -> int:
    names = split_path(path)
    way = way_to(actor, space, names)
    if way.through is not None:
        hidden = way.through.entered.access.hidden
    if len(way) <= len(names) or hidden.intersection(node.pk for node in way.nodes):
        raise errors.NotFound(path=path)
    found: int = way.nodes[-1].pk
    return found


def _descend(
    inner: dict[tuple[str, ...], int], level: set[tuple[str, ...]]
) -> dict[tuple[str, ...], tuple[int, int | None]]:
    """Ids of these ways, and the targets of those that are mounts."""
    found: dict[tuple[str, ...], tuple[int, int | None]] = {}
    by_parent: dict[int, dict[str, tuple[str, ...]]] = {}
    for way in level:
        by_parent.setdefault(inner[way[:-1]], {})[way[-1]] = way
    pairs = [(parent, name) for parent, names in by_parent.items() for name in names]
    for some in in_batches(pairs, PARENTS):
        part: dict[int, list[str]] = {}
        for parent, name in some:
            part.setdefault(parent, []).append(name)
        condition = Q()
        for parent, names in part.items():
            condition |= Q(parent_id=parent, name__in=names)
        rows = Node.objects.filter(condition).values_list("pk", "parent_id", "name", "target_id")
        for pk, parent, name, target_id in rows:
            found[by_parent[parent][name]] = (pk, target_id)
    return found
