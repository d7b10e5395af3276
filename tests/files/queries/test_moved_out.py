"""files.queries.moved_out: what has become of what people moved out of a space."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, trash_nodes
from files.queries.moved_out import Whereabouts, moved_out, whereabouts
from files.queries.target import Target
from tests.support.people import actor_of, make_member
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_each_line_says_what_has_become_of_it(user: User, actor: Actor, django_assert_num_queries: Any) -> None:
    space, bob = create_team_space(actor, name="Plans"), actor_of(make_member(user))
    nodes = {name: put(actor, name, space_id=space.pk).node.pk for name in ("kept", "back", "deleted", "purged")}
    for name, node_id in nodes.items():
        move_node(bob, node_id=node_id, target=Target(f"folder/{name}"))
    move_node(bob, node_id=nodes["back"], target=Target("back again", space_id=space.pk))
    trash_nodes(bob, node_ids=[nodes["purged"]])
    empty_trash(bob)
    trash_nodes(bob, node_ids=[nodes["deleted"]])
    lines = list(moved_out(actor, space.pk))
    with django_assert_num_queries(3):
        states = whereabouts(lines)
    assert [(line.before_name, states[line.seq]) for line in lines] == [
        ("purged", Whereabouts.GONE),
        ("deleted", Whereabouts.ELSEWHERE),
        ("back", Whereabouts.BACK),
        ("kept", Whereabouts.ELSEWHERE),
    ]
