"""The trash of a space, latest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from common.ids import is_id
from common.paths import join_path
from files import errors
from files.access.compute import NO_ACCESS, Access, SpaceAccess, access_along, facts_of
from files.access.rights import Right
from files.models import Space, TrashItem
from files.queries.shown import path_shown
from files.queries.tree import LocatedNode, PathStep, get_space
from files.queries.veil import cover
from files.queries.whereabouts import whereabouts


def list_trash(actor: Actor, *, space_id: int | None = None, own_in: Collection[int] = ()) -> "QuerySet[TrashItem]":
    """Ordered by time, latest first, then id; what is being purged is gone already. See `seen_items`. `own_in`: also
    what the actor has deleted themselves in these spaces, of which they have something mounted: see `seen_through`.
    """
    wanted = Q(space=get_space(actor, space_id))
    if own_in:
        wanted |= Q(space_id__in=own_in, deleted_by_id=actor.user_id)
    return _items(wanted)


def trash_of(space: Space) -> "QuerySet[TrashItem]":
    """The same of a space that somebody sees, and has found."""
    return _items(Q(space=space))


def _items(wanted: Q) -> "QuerySet[TrashItem]":
    items = TrashItem.objects.select_related("node__version__content", "deleted_by", "space")
    return items.filter(wanted, purging=False).order_by("-deleted_at", "-id")


def trash_items(actor: Actor, item_ids: Sequence[int]) -> list[TrashItem]:
    """By id, in the order asked for. NotFound names the first that the actor may not see."""
    wanted = [pk for pk in dict.fromkeys(item_ids) if is_id(pk)]
    rows = TrashItem.objects.select_related("node", "space__team", "space__quota").filter(pk__in=wanted, purging=False)
    found = {item.pk: item for item in rows}
    rules: dict[int, SpaceAccess] = {}
    chains, items = item_chains(actor, list(found.values()), rules), []
    for pk in dict.fromkeys(item_ids):
        item = found.get(pk)
        access = NO_ACCESS if item is None or pk not in chains else rules[item.space_id].along(chains[pk])
        if item is None or Right.VIEW not in access.rights:
            raise errors.NotFound(id=pk)
        access.require(Right.VIEW)
        items.append(item)
    return items


def item_chains(
    actor: Actor, items: Sequence[TrashItem], rules: dict[int, SpaceAccess] | None = None
) -> dict[int, list[int]]:
    """Of each item the ids from the root of its space down to the node, as it was: the rights to it are those along
    them. The root will do where all nodes have the same access, and for what lay in a folder that is purged, where
    nothing is hidden; else that is left out. `rules` is filled by space.
    """
    rules = {} if rules is None else rules
    chains = {item.pk: [item.space.root_id or 0] for item in items}
    by_space: dict[int, list[TrashItem]] = {}
    for item in items:
        by_space.setdefault(item.space_id, []).append(item)
    for of_space in by_space.values():
        space = of_space[0].space
        of_rules = rules[space.pk] = SpaceAccess(actor, facts_of(space))
        if of_rules.is_even(space.root_id or 0):
            continue
        known = whereabouts(space, [item.parent_id_before for item in of_space])
        for item in of_space:
            if item.parent_id_before in known:
                chains[item.pk] = [*(step.id for step in known[item.parent_id_before]), item.node_id]
            elif of_rules.along(chains[item.pk]).hidden:
                del chains[item.pk]
    return chains


def shown_item(actor: Actor, item: TrashItem) -> TrashItem:
    """One of `trash_items` with path and sums as the actor sees them; their own are for who acts on it."""
    access = access_along(actor, item.space, [item.space.root_id or 0])
    seen = seen_items(actor, item.space, access, [item])
    if not seen:
        raise errors.NotFound(id=item.pk)
    return seen[0]


@dataclass(frozen=True, slots=True)
class Through:
    """Where in somebody's files a deleted item was: below this mount, by this path from the mount on."""

    mount: LocatedNode
    path: str


def seen_through(actor: Actor, mounts: Sequence[LocatedNode], items: Sequence[TrashItem]) -> dict[int, Through]:
    """Of those items that lay below what is mounted, and that the actor still sees there, by their ids; with sums as
    they see them. `mounts` are places. No query for a space of which the actor sees everything from the top on.
    """
    found: dict[int, Through] = {}
    shown = []
    for space_id, of_space in _by_space(mounts).items():
        there = [item for item in items if item.space_id == space_id]
        whole = next((mount for mount in of_space if _is_whole(mount.entered)), None)
        if whole is not None:
            found |= {item.pk: Through(whole, item.path) for item in there}
            continue
        space, tops = of_space[0].entered.space, {mount.entered.node.pk: mount for mount in of_space}
        rules, known = (
            SpaceAccess(actor, facts_of(space)),
            whereabouts(space, [item.parent_id_before for item in there]),
        )
        for item in there:
            chain = (*known.get(item.parent_id_before, ()), PathStep(item.node_id, item.node.name, item.node.kind))
            ids = [step.id for step in chain]
            access = rules.along(ids)
            top = next((pk for pk in reversed(ids[:-1]) if pk in tops), None)
            if top is None or Right.VIEW not in access.rights or access.root_id not in ids[: ids.index(top) + 1]:
                continue
            found[item.pk] = Through(tops[top], join_path([step.name for step in chain[ids.index(top) + 1 :]]))
            shown.append((item.node, access))
    cover(shown)
    return found


def _by_space(mounts: Sequence[LocatedNode]) -> dict[int, list[LocatedNode]]:
    found: dict[int, list[LocatedNode]] = {}
    for mount in mounts:
        found.setdefault(mount.entered.space.pk, []).append(mount)
    return found


def _is_whole(place: LocatedNode) -> bool:
    return place.is_root and place.access.sees_all(place.node.pk)


def seen_items(actor: Actor, space: Space, access: Access, items: Sequence[TrashItem]) -> list[TrashItem]:
    """Those whose places the actor sees, with paths and sums as they see them. `access` is that to the root of the
    space. No query for who sees all of it. What lay in a folder that is purged is for those.
    """
    if access.sees_all(space.root_id):
        return list(items)
    rules = SpaceAccess(actor, facts_of(space))
    known, seen = whereabouts(space, [item.parent_id_before for item in items]), []
    for item in items:
        parent = known.get(item.parent_id_before)
        if parent is None:
            continue
        chain = (*parent, PathStep(item.node_id, item.node.name, item.node.kind))
        place = rules.along([step.id for step in chain])
        if Right.VIEW in place.rights:
            item.path = path_shown(rules, chain)
            seen.append((item, place))
    cover((item.node, place) for item, place in seen)
    return [item for item, _ in seen]
