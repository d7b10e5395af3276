"""Sessions are found by the hash of their key: who reads the database, a backup or the cache can use none of them.

`SessionStore` here keeps them in the database alone; `cached_sessions.py` also for some minutes in the cache.
"""

import hashlib
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session

HASHED_LENGTH = 40  # of a key in the database; the keys of earlier releases, as they were in cookies, have 32


def stored_key(session_key: str | None) -> str:
    """What stands for the key that a browser has: 160 bits of SHA-256, as long as Django's column is."""
    return hashlib.sha256((session_key or "").encode("utf-8", "surrogatepass")).hexdigest()[:HASHED_LENGTH]


class HashedKeys(SessionBase):
    """Before one of Django's stores: wherever that names a row, it is by the hash."""

    model: type[Session]

    def _get_session_from_db(self) -> Session | None:
        kept = self._session_key
        self._session_key = stored_key(kept) if kept else None
        try:
            found: Session | None = super()._get_session_from_db()  # type: ignore[misc]
        finally:
            self._session_key = kept
        if found is None:
            self._session_key = None  # as Django does: an unknown key is never taken over
        return found

    def exists(self, session_key: str) -> bool:
        """By the database alone, also where the cache has copies: an act asks whether the session has been ended."""
        return bool(self.model.objects.filter(session_key=stored_key(session_key)).exists())

    def create_model_instance(self, data: Any) -> Session:
        instance: Session = super().create_model_instance(data)  # type: ignore[misc]
        instance.session_key = stored_key(instance.session_key)
        return instance

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))

    # Django's own asynchronous methods do not come through the ones above.

    async def _aget_session_from_db(self) -> Session | None:
        return await sync_to_async(self._get_session_from_db)()

    async def aexists(self, session_key: str) -> bool:
        return await sync_to_async(self.exists)(session_key)

    async def acreate_model_instance(self, data: Any) -> Session:
        return await sync_to_async(self.create_model_instance)(data)

    async def adelete(self, session_key: str | None = None) -> None:
        await sync_to_async(self.delete)(session_key)


class SessionStore(HashedKeys, DatabaseStore):
    """The session engine without a shared cache (settings.SESSION_ENGINE)."""
