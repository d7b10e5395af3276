"""How long storages take, and how they fail."""

from typing import Any

from dropbox_clone.metrics import events
from dropbox_clone.metrics.flusher import Reader, Tally


def watch() -> None:
    from storage import observing

    observing.watch(_note)


def _note(backend: str, operation: str, seconds: float, code: str) -> None:
    events.note(("storage", backend, operation, seconds, code))


def _read(tally: Tally, note: tuple[Any, ...]) -> None:
    from dropbox_clone.metrics import definitions

    _, backend, operation, seconds, code = note
    tally.time(definitions.STORAGE_SECONDS, seconds, backend, operation)
    if code:
        tally.count(definitions.STORAGE_ERRORS, backend, operation, code)


READERS: dict[str, Reader] = {"storage": _read}
