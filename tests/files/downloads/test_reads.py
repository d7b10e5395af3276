"""files.downloads.reads: who keeps the record is told of a read, and a failure of theirs stops nobody."""

from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from accounts.actor import Actor
from files.downloads.reads import note_read
from files.errors import NotFound

CALLS: list[tuple[Any, ...]] = []


def keeps(actor: Actor, *, space_id: int, node_id: int) -> None:
    CALLS.append((actor, space_id, node_id))


def fails(actor: Actor, *, space_id: int, node_id: int) -> None:
    raise OperationalError


def refuses(actor: Actor, *, space_id: int, node_id: int) -> None:
    raise NotFound


def breaks(actor: Actor, *, space_id: int, node_id: int) -> None:
    raise KeyError


def test_hooks_are_told(settings: Settings) -> None:
    CALLS.clear()
    settings.READ_HOOKS = [f"{__name__}.{hook}" for hook in ("fails", "refuses", "keeps")]
    actor = Actor()
    note_read(actor, space_id=1, node_id=2)
    note_read(None, space_id=1, node_id=2)
    assert [(actor, 1, 2)] == CALLS
    settings.READ_HOOKS = [f"{__name__}.breaks"]
    with pytest.raises(KeyError):  # a fault of ours is not hidden
        note_read(actor, space_id=1, node_id=2)
