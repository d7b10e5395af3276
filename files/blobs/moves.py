"""Where the blobs of a draining pool go."""

from files.models import Pool, PoolState


def may_move(source: Pool, target: Pool) -> bool:
    """Bytes never leave a region. A pool without one may be emptied into any."""
    return source.pk != target.pk and source.region in ("", target.region)


def target_of(pool: Pool) -> Pool | None:
    """The one that was named, while it takes bytes; else the oldest active one of the region."""
    active = Pool.objects.filter(state=PoolState.ACTIVE).order_by("pk")
    if pool.target_id is not None:
        named = active.filter(pk=pool.target_id).first()
        return named if named is not None and may_move(pool, named) else None
    same = active.filter(region=pool.region).first()
    return same or (active.first() if not pool.region else None)
