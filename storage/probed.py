"""What remote backends share: capabilities that the probe saw once a process, listings, the meaning of statuses."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Self, TypeVar

from storage.base import QUARANTINE, Capabilities, ErrorCode, ObjectInfo, Storage, is_any_key

Entry = TypeVar("Entry")
Translated = Callable[[str], AbstractContextManager[None]]
"""Turns a client's errors into StorageError; the argument is the key that it is about."""

STATUSES: dict[int, ErrorCode] = {404: "not_found", 409: "refused", 412: "refused", 507: "no_space"}


class ProbedStorage(Storage):
    """Subclasses say in `supported` what their code knows how to use; which of it works, the probe finds out."""

    def __init__(self) -> None:
        self._capabilities: Capabilities | None = None
        self._probing = threading.Lock()
        self._always_multipart = False

    @property
    def capabilities(self) -> Capabilities:
        if self._capabilities is None:
            from storage.probe import probe

            with self._probing:
                if self._capabilities is None:
                    self._capabilities = probe(self)
        return self._capabilities

    def remember(self, capabilities: Capabilities) -> None:
        if self._capabilities is None:
            self._capabilities = capabilities

    def assuming(self, capabilities: Capabilities) -> Self:
        """Writes in parts, however little there is to write, when it may assume `multipart`."""
        twin = copy.copy(self)
        twin._capabilities = capabilities
        twin._always_multipart = capabilities.multipart
        return twin


class SelfCleaningStorage(ProbedStorage):
    """Its server forgets unfinished uploads by itself (Azure and Google after a week), so nothing is ever abandoned."""

    def abandoned(self, older_than: datetime) -> Iterator[str]:
        return iter(())

    def sweep_abandoned(self, older_than: datetime) -> int:
        return 0


def one_by_one(entries: Iterable[Entry], translated: Translated, key: str) -> Iterator[Entry]:
    """Entries or pages of a client's listing. Only the client runs inside `translated`, never whoever consumes them."""
    with translated(key):
        iterator = iter(entries)
    while True:
        with translated(key):
            entry = next(iterator, None)
        if entry is None:
            return
        yield entry


def listed(entries: Iterable[tuple[str, int, datetime]], prefix: str, after: str) -> Iterator[ObjectInfo]:
    """What `Storage.list` returns, from `(key, size, modified)` in key order."""
    for key, size, modified in entries:
        if key.startswith(QUARANTINE) and not prefix.startswith(QUARANTINE):
            return  # every other key is smaller than the quarantined ones
        if is_any_key(key) and key > after:
            yield ObjectInfo(key, size, modified.astimezone(UTC))
