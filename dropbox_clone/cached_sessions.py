"""Sessions: in the database, which is the truth, and for some minutes in the cache, which spares asking it.

While the cache is away everybody stays signed in. A session that was ended in such a time, by a process that died
before it could tell the cache (redis_cache.py), is over when its copy is: after KEPT.
"""

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore
from django.core.cache import BaseCache, caches

from dropbox_clone.sessions import HashedKeys, stored_key

KEPT = 300  # seconds


class _ShortLived:
    """A cache in which nothing stays for longer than KEPT."""

    def __init__(self, cache: BaseCache) -> None:
        self._cache = cache

    def set(self, key: str, value: Any, timeout: float | None = None) -> None:
        self._cache.set(key, value, KEPT if timeout is None else min(KEPT, timeout))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def __contains__(self, key: str) -> bool:
        return key in self._cache


class SessionStore(HashedKeys, CachedStore):
    """The session engine of clusters (settings.SESSION_ENGINE)."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._cache: Any = _ShortLived(caches[settings.SESSION_CACHE_ALIAS])

    @property
    def cache_key(self) -> str:
        return self.cache_key_prefix + stored_key(self._get_or_create_session_key())  # type: ignore[attr-defined]

    async def acache_key(self) -> str:
        return self.cache_key
