"""Which pool new bytes go to, the storage behind a pool, and where the blobs of a draining pool go."""

from functools import lru_cache

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.secret_box import Found, go_through, is_of_today, reseal, secret_box
from files import sql_rows
from files.blobs.codec import behind_codec
from files.errors import NoPool, NoPoolInRegion, StorageUnavailable
from files.models import Pool, PoolState, Space, Upload
from storage.base import Storage
from storage.registry import open_storage

DEFAULT_POOL = "default"
SEALED = "sealed:"


def storage_of(pool: Pool) -> Storage:
    """Where the blobs of a pool are, behind the codec (codec.py)."""
    return storage_at(pool.url)


def storage_at(pool_url: str) -> Storage:
    """The same by `Pool.url` alone. Raises StorageUnavailable when the URL was sealed with a key that is gone."""
    return behind_codec(store_at(pool_url))


def store_at(pool_url: str) -> Storage:
    """The storage itself: to try out what it can do, never for a blob. Raises StorageUnavailable."""
    return open_storage((unseal_url(pool_url) if pool_url.startswith(SEALED) else pool_url) or settings.STORAGE_URL)


def seal_url(url: str) -> str:
    """As it is kept in the database: a backup of it reveals no secret of a storage."""
    return SEALED + secret_box().encrypt(url.encode()).decode()


@lru_cache(256)
def unseal_url(sealed: str) -> str:
    try:
        return secret_box().decrypt(sealed.removeprefix(SEALED).encode()).decode()
    except InvalidToken:
        raise StorageUnavailable(_("The URL of a pool was sealed with another SECRET_KEY.")) from None


def sealed_urls(*, only_look: bool) -> Found:
    """For `manage.py rotatesecret` (settings.VAULTS); also what older versions kept in plain text."""
    return go_through(Pool.objects.exclude(url=""), Found("pools"), _reseal_pool, only_look=only_look)


def _reseal_pool(pool: Pool) -> bool:
    sealed = pool.url.removeprefix(SEALED)
    if not pool.url.startswith(SEALED):
        pool.url = seal_url(pool.url)
    elif not is_of_today(sealed):
        pool.url = SEALED + reseal(sealed)
    else:
        return False
    return True


def kind_of(pool: Pool) -> str:
    """`s3`, `file`, … without anything secret; empty: the one of the environment."""
    try:
        url = unseal_url(pool.url) if pool.url.startswith(SEALED) else pool.url
    except StorageUnavailable:
        return "?"
    return url.partition(":")[0]


def writable_pool(space: Space | None = None) -> Pool:
    """The oldest active pool of the region of the space's team; the first write of all makes the default one.

    Raises NoPool, NoPoolInRegion.
    """
    team_id = None if space is None else space.team_id
    found = _active(team_id)
    if not found:
        if not Pool.objects.exists():
            Pool.objects.get_or_create(name=DEFAULT_POOL)
        found = _active(team_id)  # again: somebody else may have made it since the first look
    if not found:
        raise NoPoolInRegion if _active(None) else NoPool
    return found[0]


def pool_of_upload(upload: Upload) -> Pool:
    """Where its next piece goes: to its pool, or where new bytes go when that takes none any more."""
    region = upload.space.team.region
    if upload.pool.state == PoolState.ACTIVE and region in ("", upload.pool.region):
        return upload.pool
    return writable_pool(upload.space)


def _active(team_id: int | None) -> list[Pool]:
    """A team without a region may use any pool."""
    select = f"SELECT {sql_rows.columns(Pool, 'p')} FROM files_pool p WHERE p.state = %s"
    parameters: list[object] = [PoolState.ACTIVE]
    if team_id is not None:
        select += " AND EXISTS (SELECT 1 FROM accounts_team t WHERE t.id = %s AND t.region IN ('', p.region))"
        parameters.append(team_id)
    return sql_rows.select(Pool, f"{select} ORDER BY p.id LIMIT 1", parameters)


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
