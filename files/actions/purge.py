"""Out of the trash, permanently. The person sees it done at once; the rows go in the background."""

from collections.abc import Sequence

from django.db import connection

from accounts import quotas
from accounts.actor import Actor, system
from accounts.quotas import Charge
from accounts.unit_of_work import unit_of_work
from common.batches import in_batches
from files import errors
from files.access.rights import Right
from files.actions import limits
from files.actions.mounts import end_mounts
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
from files.queries.properties import size_of_nodes
from files.queries.trash import list_trash, trash_items
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork, quota_accounts, space_unit_of_work

BATCH = 1_000


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
    work.charge += Charge(trash=-(node.size + node.versions_size), nodes=-(node.descendants + 1))
    TrashItem.objects.filter(pk=item.pk).update(purging=True)


def remove_purged_rows(*, limit: int = 100) -> int:
    """For the background job: removes the rows of up to `limit` purged items, leaves first, in short transactions.

    Killed in the middle, the next run goes on. Returns the number of nodes removed.
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
