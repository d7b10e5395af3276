"""Requests of one client side by side do not slip past the bound: the count is under the lock of the space."""

from functools import partial

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from files import errors
from files.actions.trash import trash_nodes
from files.models import Brake, BrakeCounter, TrashItem
from tests.support.mounts import mounted_space
from tests.support.threads import at_once
from tests.support.trees import put

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("pool")]
THREADS = 8


def delete_all(actor: Actor, node_ids: list[int]) -> None:
    for node_id in node_ids:
        trash_nodes(actor, node_ids=[node_id])


def test_in_one_space_nobody_slips(actor: Actor, settings: Settings) -> None:
    settings.BRAKE_FLOOR = settings.BRAKE_MOST = settings.BRAKE_STRICT = 25
    ids = [put(actor, f"d/{number:02}").node.pk for number in range(THREADS * 6)]
    acts = [partial(delete_all, actor, ids[at::THREADS]) for at in range(THREADS)]
    results = at_once(*acts, expected=errors.ChangesHeld)
    assert any(isinstance(result, errors.ChangesHeld) for result in results)  # one may be through before the bound
    assert TrashItem.objects.count() == 25
    assert BrakeCounter.objects.get().changes == 25
    assert Brake.objects.count() == 1


def test_in_two_spaces_each_has_its_bound(actor: Actor, settings: Settings) -> None:
    """A client that is held in one is so in the other with its next transaction."""
    settings.BRAKE_FLOOR = settings.BRAKE_MOST = settings.BRAKE_STRICT = 21
    space = mounted_space(actor, "Shared")
    home = [put(actor, f"d/{number:02}").node.pk for number in range(40)]
    there = [put(actor, f"d/{number:02}", space_id=space.pk).node.pk for number in range(40)]
    at_once(partial(delete_all, actor, home), partial(delete_all, actor, there), expected=errors.ChangesHeld)
    assert TrashItem.objects.count() <= 42
    assert Brake.objects.filter(released_at=None).count() in (1, 2)
    with pytest.raises(errors.ChangesHeld):
        put(actor, "new")
