"""files.actions.annotations.set_favourite: each person's own marks."""

import pytest

from accounts.actor import Actor
from files import errors
from files.actions.annotations import set_favourite
from files.actions.spaces import create_team_space
from files.models import Favourite
from tests.files.actions.rights import refuses_others
from tests.support.people import actor_of, make_member
from tests.support.trees import journal_of, put


def test_twice_is_once_and_nothing_of_the_node_changes(actor: Actor) -> None:
    node = put(actor, "a").node
    before = (journal_of(actor), node.etag)
    for _ in range(2):
        set_favourite(actor, node_id=node.pk, wanted=True)
        assert list(Favourite.objects.values_list("user", "node")) == [(actor.user_id, node.pk)]
    node.refresh_from_db()
    assert (journal_of(actor), node.etag) == before
    for _ in range(2):
        set_favourite(actor, node_id=node.pk, wanted=False)
        assert not Favourite.objects.exists()


def test_nobody_elses(user: object, actor: Actor) -> None:
    colleague = actor_of(make_member(user))  # type: ignore[arg-type]
    space = create_team_space(actor, name="team")
    node = put(actor, "a", space_id=space.pk).node
    set_favourite(actor, node_id=node.pk, wanted=True)
    set_favourite(colleague, node_id=node.pk, wanted=False)
    assert list(Favourite.objects.values_list("user", flat=True)) == [actor.user_id]


def test_who_may(actor: Actor) -> None:
    node = put(actor, "a").node
    refuses_others(actor, lambda a: set_favourite(a, node_id=node.pk, wanted=True))
    with pytest.raises(errors.NotFound):
        set_favourite(actor, node_id=10**9, wanted=True)
    assert not Favourite.objects.exists()
