"""What nearly every action refuses."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts.actor import READ, Actor
from files.errors import NotFound, ScopeMissing
from tests.support.people import actor_of, make_user
from tests.support.trees import journal_of


def refuses_others(actor: Actor, act: Callable[[Actor], object]) -> None:
    """Neither a token that only reads may do it, nor somebody of another team, for whom it does not even exist."""
    before = journal_of(actor)
    with pytest.raises(ScopeMissing):
        act(replace(actor, scopes=frozenset({READ})))
    with pytest.raises(NotFound):
        act(actor_of(make_user()))
    assert journal_of(actor) == before
