"""Contents and open uploads of a draining pool belong to its target from the start, so that the same bytes are found
there by who writes them, while they are still where they were.
"""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from common.clock import now
from files.maintenance.moving.run import MoveReport
from files.models import Content, Pool, Upload, Version

BATCH = 500
ATTEMPTS = 5


def assign(pool: Pool, target: Pool, report: MoveReport, progress: Callable[[], None]) -> None:
    Upload.objects.filter(pool=pool).update(pool=target)
    after = 0
    while batch := list(_of(pool).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        progress()
        after = batch[-1]
        report.contents += _assign(pool, target, batch)


def unassigned(pool: Pool) -> bool:
    used = Version.objects.filter(content=OuterRef("pk"))
    return Upload.objects.filter(pool=pool).exists() or _of(pool).filter(Exists(used)).exists()


def _of(pool: Pool) -> "QuerySet[Content]":
    return Content.objects.filter(pool=pool)


def _assign(pool: Pool, target: Pool, ids: list[int]) -> int:
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _assign_locked(pool, target, ids)
        except IntegrityError:  # the target has just got the same bytes: look again
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _assign_locked(pool: Pool, target: Pool, ids: list[int]) -> int:
    """Where the team has the same bytes in the target, that content takes over the versions; the other one is left to
    `gc`.
    """
    hashes = Content.objects.filter(pk__in=ids, pool=pool).values_list("content_hash", flat=True)
    both = Content.objects.select_for_update().filter(pool__in=[pool, target], content_hash__in=list(hashes))
    locked = list(both.order_by("content_hash", "pk").only("pk", "pool_id", "team_id", "content_hash"))
    there = {(content.team_id, content.content_hash): content.pk for content in locked if content.pool_id == target.pk}
    moving = [(c.pk, (c.team_id, c.content_hash)) for c in locked if c.pool_id == pool.pk]
    Content.objects.filter(pk__in=[pk for pk, bytes_of in moving if bytes_of not in there]).update(pool=target)
    twins = {pk: there[bytes_of] for pk, bytes_of in moving if bytes_of in there}
    merged = 0
    for old, new in twins.items():
        merged += Version.objects.filter(content_id=old).update(content_id=new) > 0
    if merged:
        Content.objects.filter(pk__in=[*twins, *twins.values()]).update(claimed_at=now())
    return len(moving) - len(twins) + merged
