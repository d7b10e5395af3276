"""Trash gives way before a write is refused: the oldest of the space, as much as is needed, audited."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.conf import settings
from django.db.models import Q

from accounts import quotas
from accounts.actor import Actor, system
from accounts.audit import record
from accounts.errors import QuotaExceeded
from files.actions.trash import mark_purging
from files.models import Space, SpaceKind, TrashItem
from files.tree.unit_of_work import quota_accounts, space_unit_of_work

MAXIMUM_ITEMS = 1_000  # that give way to one write
T = TypeVar("T")


def giving_way(actor: Actor, grows: Space | Sequence[Space], act: Callable[[], T]) -> T:
    """What `act` returns, which is a transaction of its own that grows what this space holds, or these; its rights were
    checked.

    Where the quota of one refuses it, it is tried once more when enough trash of that one has gone.
    """
    left = [grows] if isinstance(grows, Space) else list(grows)
    while left:
        try:
            return act()
        except QuotaExceeded as error:
            needed = int(error.detail["needed"])
            full = [space for space in left if error.account_id in quota_accounts(space)]
            gave = next((space for space in full if _give_way(actor, space, needed)), None)
            if gave is None:
                raise
            left.remove(gave)
    return act()


def _give_way(actor: Actor, space: Space, needed: int) -> bool:
    """Whether there may be room for `needed` bytes now. Nothing goes where all of the trash would not be enough.

    Of a home its own trash; of a shared space that of all shared spaces of its team, which pays for them together, or
    its own where it is the limit of the space that has been reached.
    """
    if not settings.TRASH_GIVES_WAY:
        return False
    own = len(quota_accounts(space)) > 1  # an account besides the team's
    alone = space.kind == SpaceKind.HOME or (own and quotas.missing([space.quota_id], needed) > 0)
    whose = Q(pk=space.pk) if alone else Q(team_id=space.team_id, kind=SpaceKind.TEAM)
    mine = list(Space.objects.filter(whose).order_by("pk").values_list("pk", flat=True))
    with space_unit_of_work(system("trash gives way"), *mine, bulk=True) as unit:
        missing = quotas.missing(quota_accounts(space), needed)  # somebody else may have made room meanwhile
        going, freed = _oldest(mine, missing)
        if freed < missing:
            return False
        for item in going:
            mark_purging(unit[item.space_id], item)
        if going:
            # The log is for who manages the team, and what a closed space holds is not (decision 40).
            is_closed = space.kind == SpaceKind.TEAM and not space.is_open
            numbers = {} if is_closed else {"items": len(going), "bytes": freed}
            record(actor, "trash.give_way", space.name, space=space.pk, **numbers)
    return True


def _oldest(space_ids: list[int], missing: int) -> tuple[list[TrashItem], int]:
    """What has bytes, until there are enough of them."""
    going, freed = list[TrashItem](), 0
    items = TrashItem.objects.select_related("node").filter(space_id__in=space_ids, purging=False)
    for item in items.order_by("deleted_at", "pk")[: 10 * MAXIMUM_ITEMS].iterator(chunk_size=200):
        if freed >= missing or len(going) >= MAXIMUM_ITEMS:
            break
        size = item.node.size + item.node.versions_size
        if size:
            going.append(item)
            freed += size
    return going, freed
