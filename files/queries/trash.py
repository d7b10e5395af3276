"""The trash of a space, latest first."""

from collections.abc import Collection, Sequence

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from common.ids import is_id
from files import errors
from files.access.compute import NO_ACCESS, access_along
from files.access.rights import Right
from files.models import TrashItem
from files.queries.tree import get_space


def list_trash(actor: Actor, *, space_id: int | None = None, own_in: Collection[int] = ()) -> "QuerySet[TrashItem]":
    """Ordered by time, latest first, then id; what is being purged is gone already. `own_in`: also what the actor has
    deleted themselves in these spaces, which they see from the top on.
    """
    space = get_space(actor, space_id)
    items = TrashItem.objects.select_related("node__version__content", "deleted_by", "space")
    wanted = Q(space=space)
    if own_in:
        wanted |= Q(space_id__in=own_in, deleted_by_id=actor.user_id)
    return items.filter(wanted, purging=False).order_by("-deleted_at", "-id")


def trash_items(actor: Actor, item_ids: Sequence[int]) -> list[TrashItem]:
    """By id, in the order asked for. NotFound names the first that the actor may not see."""
    wanted = [pk for pk in dict.fromkeys(item_ids) if is_id(pk)]
    rows = TrashItem.objects.select_related("node", "space__team", "space__quota").filter(pk__in=wanted, purging=False)
    found = {item.pk: item for item in rows}
    items = []
    for pk in dict.fromkeys(item_ids):
        item = found.get(pk)
        access = NO_ACCESS if item is None else access_along(actor, item.space, [item.space.root_id or 0])
        if item is None or Right.VIEW not in access.rights:
            raise errors.NotFound(id=pk)
        access.require(Right.VIEW)
        items.append(item)
    return items
