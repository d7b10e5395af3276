"""How long storages take, and how they fail. And upload sessions that were started and finished, as their rows say
when the transaction is through.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from dropbox_clone.metrics import events
from dropbox_clone.metrics.flusher import Reader, Tally


def watch_storages() -> None:
    from storage import observing

    observing.watch(_note)


def _note(backend: str, operation: str, seconds: float, code: str) -> None:
    events.note(("storage", backend, operation, seconds, code))


def _read_storage(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    _, backend, operation, seconds, code = note
    tally.time(definitions.STORAGE_SECONDS, seconds, backend, operation)
    if code:
        tally.count(definitions.STORAGE_ERRORS, backend, operation, code)


READERS: dict[str, Reader] = {"storage": _read_storage}


def watch_uploads() -> None:
    from files.models import Upload

    post_save.connect(_saved, sender=Upload, dispatch_uid="dropbox_clone.metrics.storage")


def _saved(instance: Any, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    if instance.protocol == "request":  # one request in hand, which is counted as such
        return
    if created:
        transaction.on_commit(partial(events.note, ("upload", "started")))
    elif update_fields and "finished_at" in update_fields:
        transaction.on_commit(partial(events.note, ("upload", "finished")))


def read_upload(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    tally.count(definitions.UPLOADS, note[1])
