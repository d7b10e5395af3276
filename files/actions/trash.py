"""Deleting: into the trash, each tree as one act, by one row."""

from collections.abc import Sequence

from accounts.actor import Actor
from files import errors
from files.access.rights import Right
from files.actions import limits
from files.actions.unit_of_work import require_conditions, require_whole, without_nested, work_on_nodes
from files.models import TrashItem
from files.tree import trashing


def trash_nodes(actor: Actor, *, node_ids: Sequence[int], conditions: dict[str, str] | None = None) -> list[TrashItem]:
    """All of them or none. A node below another one that is named goes with it, as part of that act. A mount is hidden,
    and has no item: whoever deletes it deletes nothing of what it stands for.

    `conditions` are lower-case If-* headers, for a single node. The items say where they were as the actor saw it.
    """
    limits.check_count(node_ids)
    with work_on_nodes(actor, node_ids, right=Right.DELETE, bulk=len(node_ids) > 1) as (unit, places):
        require_whole(places, Right.DELETE)
        for place in places:
            if place.is_root:
                raise errors.RootIsFixed
            require_conditions(place, conditions or {}, "DELETE")
        items = []
        for top in without_nested(places):
            item = trashing.trash(unit[top.space.pk], top.node, top.ancestors)
            if item is not None:  # nothing of a mount is deleted
                item.path = top.path  # the row keeps the path in the space
                items.append(item)
    return items
