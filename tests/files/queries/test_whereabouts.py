"""files.queries.whereabouts: chains of nodes, through the trash as well."""

from typing import Any

from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.queries.target import Target
from files.queries.whereabouts import whereabouts
from tests.files.queries.restricted import Restricted


def names(world: Restricted, *wanted: str) -> dict[str, list[str]]:
    ids = {name: world.node(name).pk for name in wanted}
    found = whereabouts(world.space, ids.values())
    return {name: [step.name for step in found[pk]] for name, pk in ids.items() if pk in found}


def test_of_what_is_there(world: Restricted, django_assert_max_num_queries: Any) -> None:
    expected = {"e.txt": ["", "f", "closed", "d", "e.txt"], "f": ["", "f"], "b.txt": ["", "f", "g", "b.txt"]}
    assert names(world, *expected) == expected
    assert whereabouts(world.space, []) == {}
    root = world.space.root_id or 0
    assert [step.id for step in whereabouts(world.space, [root, 1])[root]] == [root]
    with django_assert_max_num_queries(4):
        whereabouts(world.space, [root, world.node("f").pk])


def test_of_what_was_deleted_out_of_what_was_deleted(world: Restricted) -> None:
    for name in ("e.txt", "d", "f"):
        trash_nodes(world.manager, node_ids=[world.node(name).pk])
    assert names(world, "e.txt", "c.txt") == {
        "e.txt": ["", "f", "closed", "d", "e.txt"],
        "c.txt": ["", "f", "closed", "c.txt"],
    }


def test_not_of_what_is_gone_or_elsewhere(world: Restricted) -> None:
    other = create_team_space(world.manager, name="Other")
    g, f = world.node("g").pk, world.node("f").pk
    move_node(world.manager, node_id=g, target=Target("g", space_id=other.pk))
    trash_nodes(world.manager, node_ids=[f])
    c = world.node("c.txt").pk
    empty_trash(world.manager, space_id=world.space.pk)
    assert whereabouts(world.space, [g, f, c]) == {}
    remove_purged_rows()
    assert whereabouts(world.space, [g, f, c]) == {}
