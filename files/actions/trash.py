"""The trash: into it, each tree in one act by changing one row; out of it again; and permanently deleted.

What is restored goes back to where it was, if one may put something there. Missing folders on the way are created
again, and it is renamed if its name is taken. What is purged is gone for people at once; its rows are removed in the
background.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts import quotas
from accounts.actor import Actor, system
from accounts.quotas import Charge
from accounts.unit_of_work import unit_of_work
from common.batches import in_batches
from common.paths import split_path
from files import errors
from files.access.rights import Right
from files.actions import limits
from files.actions.mounts import end_mounts
from files.actions.unit_of_work import (
    require_conditions,
    require_not_its_top,
    require_whole,
    without_nested,
    work_on_nodes,
)
from files.blobs import erasures
from files.models import (
    ChangeKind,
    Favourite,
    Grant,
    Node,
    NodeLock,
    NodeProperty,
    Space,
    TrashItem,
    Upload,
    Version,
)
from files.queries import tree
from files.queries.properties import size_of_nodes
from files.queries.target import Target, base_place
from files.queries.trash import item_chains, list_trash, trash_items
from files.queries.tree import LocatedNode, PathStep, ancestors_of
from files.queries.veil import cover
from files.tree import restricted, trashing
from files.tree.folders import Chain, Missing, chain_path, ensure_folders, make_folders
from files.tree.keys import free_name
from files.tree.relocating import attach
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork, quota_accounts, space_unit_of_work

BATCH = 1_000


def trash_nodes(actor: Actor, *, node_ids: Sequence[int], conditions: dict[str, str] | None = None) -> list[TrashItem]:
    """All of them or none. A node below another one that is named goes with it, as part of that act. A mount is hidden,
    and has no item: nothing of what it stands for is deleted.

    `conditions` are lower-case If-* headers, for a single node. The items say where they were as the actor saw it.
    """
    limits.check_count(node_ids)
    with work_on_nodes(actor, node_ids, right=Right.DELETE, bulk=len(node_ids) > 1) as (unit, places):
        require_whole(places, Right.DELETE)
        for place in places:
            if place.is_root:
                raise errors.RootIsFixed
            require_not_its_top(place)
            require_conditions(place, conditions or {}, "DELETE")
        items = []
        for top in without_nested(places):
            item = trashing.trash(unit[top.space.pk], top.node, top.ancestors)
            if item is not None:  # nothing of a mount is deleted
                item.path = top.path  # the row keeps the path in the space
                items.append(item)
    return items


def restore_items(actor: Actor, *, item_ids: Sequence[int], parent_id: int | None = None) -> list[LocatedNode]:
    """`parent_id`: into this folder (of the same space) instead of where each was. It takes the right to delete, with
    what comes back, and the right to create, in the folder that it comes back into. Raises Forbidden and the like.
    """
    limits.check_count(item_ids)
    space_ids = {item.space_id for item in trash_items(actor, item_ids)}
    with space_unit_of_work(actor, *space_ids, bulk=len(item_ids) > 1) as unit:
        actor, places = unit.actor, []
        items = trash_items(actor, item_ids)
        chains = item_chains(actor, items)
        for item in items:
            work = unit[item.space_id]
            work.require(Right.DELETE, chains[item.pk])  # back from where it took that right to send it
            chain = _explicit(actor, parent_id, item) if parent_id else original_folder(actor, work, item)
            places.append(restore(work, item, chain))
    cover((place.node, place.access) for place in places)
    return places


def restore(work: SpaceUnitOfWork, item: TrashItem, chain: Chain, *, name: str | None = None) -> LocatedNode:
    """Puts the tree back under the folder at the end of `chain`; renames on conflict."""
    node = item.node
    limits.check_depth(node, chain)
    name = free_name(chain[-1].id, name or node.name)
    after = NodeLocation(chain[-1].id, name, chain_path(chain, name), node.version_id)
    node.seq = work.record(ChangeKind.RESTORE, node, after=after)
    work.touch(
        [step.id for step in chain],
        size=node.size,
        versions_size=node.versions_size,
        descendants=node.descendants + 1,
        height=node.height + 1,
    )
    total = node.size + node.versions_size
    work.charge += Charge(live=node.size, versions=node.versions_size, trash=-total)
    item.delete()
    attach(node, chain[-1].id, name)
    access = work.rules.along([*(step.id for step in chain), node.pk])
    return LocatedNode(work.space, node, chain, access)


def original_folder(actor: Actor, work: SpaceUnitOfWork, item: TrashItem) -> Chain:
    return folder_before(actor, work, item.parent_id_before, item.path)


def folder_before(actor: Actor, work: SpaceUnitOfWork, parent_id: int, path: str) -> Chain:
    """The folder that something was in, wherever in the space that is now; else by the path it had, made again. What
    was in a restricted one comes back into a restricted one. Raises Forbidden where the actor may not put anything.
    """
    chain = _folder_before(actor, work, parent_id, path)
    _require_create(work, chain)
    return chain


def _folder_before(actor: Actor, work: SpaceUnitOfWork, parent_id: int, path: str) -> Chain:
    parent = Node.objects.filter(pk=parent_id, space=work.space).first()
    if parent is not None:
        above = ancestors_of([parent.pk])[parent.pk]
        if (above[0].id if above else parent.pk) == work.space.root_id:
            return (*above, PathStep(parent.pk, parent.name, parent.kind))
    names = tuple(split_path(path)[:-1])
    root = tree.place_at(actor, work.space, [])
    there = len(tree.walk(work.space, names))
    made = ensure_folders(work, root, [names], were_there=True)[names]
    chain = root.chain if isinstance(made, Missing) else made
    before = restricted.restricted_above(work.space, parent_id)
    if before is None or not names or restricted.is_in_restricted(chain):
        return chain
    if len(chain) <= there:  # what is there is another folder, and open to others
        chain = _beside(work, chain[:-1] if len(chain) > 1 else chain, names[-1])
        there = len(chain) - 1
    restricted.restrict_like(work, chain[there].id, before)
    return chain


def _require_create(work: SpaceUnitOfWork, chain: Chain) -> None:
    """In the folder at the end. Who sees what they bring back may learn that they may not, also where they do not see
    that folder.
    """
    try:
        work.require(Right.CREATE, [step.id for step in chain])
    except errors.NotFound as error:
        raise errors.Forbidden from error


def _beside(work: SpaceUnitOfWork, parent: Chain, name: str) -> Chain:
    _require_create(work, parent)
    (folder,) = make_folders(work, [(parent, free_name(parent[-1].id, name))])
    return (*parent, PathStep(folder.pk, folder.name, folder.kind))


def _explicit(actor: Actor, parent_id: int, item: TrashItem) -> Chain:
    place = base_place(actor, Target(parent_id=parent_id))
    if place.space.pk != item.space_id:
        raise errors.InvalidRequest(_("The folder is in another space than the deleted item."))
    place.require(Right.CREATE)
    return place.chain


def purge_items(actor: Actor, *, item_ids: Sequence[int]) -> int:
    """Gives the bytes back to the quota and hides the items. Returns how many."""
    limits.check_count(item_ids)
    space_ids = {item.space_id for item in trash_items(actor, item_ids)}
    with space_unit_of_work(actor, *space_ids, bulk=len(item_ids) > 1) as unit:
        actor = unit.actor
        items = trash_items(actor, item_ids)
        for item in items:
            work, top = unit[item.space_id], [item.space.root_id or 0]
            if Right.VIEW not in work.rules.along(top).rights:
                raise errors.Forbidden  # they see what was deleted, and not the whole space
            work.require(Right.MANAGE, top)
            mark_purging(work, item)
    return len(items)


def empty_trash(actor: Actor, *, space_id: int | None = None) -> int:
    """Everything in the trash of the space, in one transaction per thousand. Returns how many."""
    purged = 0
    while item_ids := list(list_trash(actor, space_id=space_id).values_list("pk", flat=True)[: limits.MAXIMUM_NODES]):
        purged += purge_items(actor, item_ids=item_ids)
    return purged


def mark_purging(work: SpaceUnitOfWork, item: TrashItem) -> None:
    node = item.node
    work.record(
        ChangeKind.PURGE, node, before=NodeLocation(item.parent_id_before, node.name, item.path, node.version_id)
    )
    work.load.purged(node, item.deleted_at)
    work.charge += Charge(trash=-(node.size + node.versions_size), nodes=-(node.descendants + 1))
    TrashItem.objects.filter(pk=item.pk).update(purging=True)


def remove_purged_rows(*, limit: int = 100) -> int:
    """For the background job: removes the rows of up to `limit` purged items, leaves first, in short transactions.

    After a kill in the middle, the next run continues. Returns the number of nodes removed.
    """
    removed = 0
    for item_id, node_id in TrashItem.objects.filter(purging=True).values_list("pk", "node_id")[:limit]:
        below = _below(node_id)  # nothing can be added to a purged tree, so the list stays true
        for batch in in_batches(below, BATCH):
            end_mounts(batch)
            with unit_of_work(system("purge")):
                removed += _remove_nodes(batch)
        end_mounts([node_id])
        with unit_of_work(system("purge")):
            TrashItem.objects.filter(pk=item_id).delete()
            removed += _remove_nodes([node_id])
    return removed


def _below(top_id: int) -> list[int]:
    """Ids of the nodes below the top, deepest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE below(id, depth) AS (SELECT id, 1 FROM files_node WHERE parent_id = %s UNION ALL "
            "SELECT n.id, below.depth + 1 FROM files_node n JOIN below ON n.parent_id = below.id) "
            "SELECT id FROM below ORDER BY depth DESC",
            [top_id],
        )
        return [row[0] for row in cursor.fetchall()]


def _remove_nodes(node_ids: list[int]) -> int:
    """Of one space. Versions and nodes point at each other, so the pointer goes first. What their properties took is
    free then.
    """
    if not node_ids:
        return 0
    properties = size_of_nodes(node_ids)
    space = Space.objects.filter(nodes=node_ids[0]).first() if properties else None
    Upload.objects.filter(parent_id__in=node_ids).update(parent=None)
    Node.objects.filter(pk__in=node_ids).update(version=None)
    for dotted_path in settings.PURGED_NODES_HOOKS:  # what apps above this one keep of them
        import_string(dotted_path)(node_ids)
    for model in (Favourite, Grant):  # that a folder was restricted outlives it, as what the journal says of it does
        model.objects.filter(node_id__in=node_ids)._raw_delete("default")
    NodeProperty.objects.filter(node_id__in=node_ids)._raw_delete("default")
    NodeLock.objects.filter(node_id__in=node_ids)._raw_delete("default")  # the trash drops them, but rows are rows
    erasures.note_nodes(node_ids)
    Version.objects.filter(node_id__in=node_ids)._raw_delete("default")
    removed = Node.objects.filter(pk__in=node_ids)._raw_delete("default")
    if space is not None:
        quotas.charge(quota_accounts(space), Charge(properties=-properties))
    return removed
