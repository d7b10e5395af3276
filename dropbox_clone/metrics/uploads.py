"""Upload sessions that were started and finished, as their rows say when the transaction is through."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from dropbox_clone.metrics import events
from dropbox_clone.metrics.flusher import Tally


def watch() -> None:
    from files.models import Upload

    post_save.connect(_saved, sender=Upload, dispatch_uid="dropbox_clone.metrics.uploads")


def _saved(instance: Any, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    if instance.protocol == "request":  # one request in hand, which is counted as such
        return
    if created:
        transaction.on_commit(partial(events.note, ("upload", "started")))
    elif update_fields and "finished_at" in update_fields:
        transaction.on_commit(partial(events.note, ("upload", "finished")))


def read(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    tally.count(definitions.UPLOADS, note[1])
