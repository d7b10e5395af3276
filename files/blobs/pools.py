"""Which pool new bytes go to, and the storage behind a pool."""

from django.conf import settings

from files import rows
from files.errors import NoPool
from files.models import Pool, PoolState
from files.storage.base import Storage
from files.storage.registry import open_storage

DEFAULT_POOL = "default"


def storage_of(pool: Pool) -> Storage:
    return storage_at(pool.url)


def storage_at(pool_url: str) -> Storage:
    """The same by `Pool.url` alone."""
    return open_storage(pool_url or settings.STORAGE_URL)


def writable_pool() -> Pool:
    """The oldest active pool; the first write of all makes the default one. Raises NoPool."""
    found = _active()
    if not found:
        if not Pool.objects.exists():
            Pool.objects.get_or_create(name=DEFAULT_POOL)
        found = _active()  # again: somebody else may have made it since the first look
    if not found:
        raise NoPool
    return found[0]


def _active() -> list[Pool]:
    select = f"SELECT {rows.columns(Pool, 'p')} FROM files_pool p WHERE p.state = %s ORDER BY p.id LIMIT 1"
    return rows.select(Pool, select, [PoolState.ACTIVE])
