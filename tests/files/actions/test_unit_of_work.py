"""files.actions.unit_of_work: what was found without a lock is found again under it."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.access.rights import Right
from files.actions.create_folder import create_folder
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.unit_of_work import (
    SpaceChanged,
    destination,
    folder_of,
    involved,
    require_conditions,
    without_nested,
    work_on_folder,
    work_on_nodes,
    work_on_target,
)
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.unit_of_work import space_unit_of_work
from tests.files.actions.rights import refuses_others
from tests.support.trees import home_of, put


def test_a_folder_that_went_to_another_space_in_between(user: User, actor: Actor) -> None:
    home, folder = home_of(user), create_folder(actor, target=Target("f"))[0].node
    space = create_team_space(actor, name="team")
    move_node(actor, node_id=folder.pk, target=Target("f", space_id=space.pk))
    target = Target("x", parent_id=folder.pk)
    with pytest.raises(SpaceChanged), work_on_target(actor, target, space_id=home.pk):
        pass
    with pytest.raises(SpaceChanged), work_on_folder(actor, Target(parent_id=folder.pk), home.pk):
        pass
    with pytest.raises(SpaceChanged) as raised, space_unit_of_work(actor, home.pk) as unit:
        destination(actor, Target(parent_id=folder.pk), unit[home.pk])
    assert raised.value.code == "busy", "it is there still, and found when it is asked for again"


def test_who_may(user: User, actor: Actor) -> None:
    node, home = put(actor, "a").node, home_of(user).pk

    def target(a: Actor) -> None:
        with work_on_target(a, Target("x", space_id=home)):
            pass

    def base(a: Actor) -> None:
        with work_on_folder(a, Target(space_id=home), home):
            pass

    def nodes(a: Actor) -> None:
        with work_on_nodes(a, [node.pk], right=Right.EDIT):
            pass

    for act in (target, base, nodes):
        act(actor)
        refuses_others(actor, act)


def test_a_destination_is_made_or_not(user: User, actor: Actor) -> None:
    home = home_of(user).pk
    with space_unit_of_work(actor, home) as unit:
        with pytest.raises(errors.ParentNotFound):
            destination(actor, Target("a/b", make_folders=False), unit[home])
        made = destination(actor, Target("a/b"), unit[home])
        assert [step.id for step in made.chain] == [step.id for step in locate_path(actor, "a/b").chain]
        assert len(destination(actor, Target("/"), unit[home]).chain) == 1


def test_the_last_name_and_its_folder() -> None:
    assert folder_of(Target("a/b/c", parent_id=1)) == (Target("a/b", parent_id=1), "c")
    assert folder_of(Target("a/b/")) == (Target("a"), "b")
    assert folder_of(Target("c", space_id=2)) == (Target("", space_id=2), "c")


def test_what_lies_below_another_named_one(actor: Actor) -> None:
    put(actor, "d/e/a")
    top, inner, deepest = (locate_path(actor, path) for path in ("d", "d/e", "d/e/a"))
    assert without_nested([deepest, top, inner]) == [top]
    assert without_nested([deepest]) == [deepest]
    assert involved([inner]) == {inner.node.pk, top.node.pk, *top.ancestor_ids}


def test_conditions(actor: Actor) -> None:
    put(actor, "a")
    place = locate_path(actor, "a")
    require_conditions(place, {}, "MOVE")
    require_conditions(place, {"if-match": place.node.etag}, "MOVE")
    for conditions in ({"if-match": '"other"'}, {"if-none-match": "*"}):
        with pytest.raises(errors.PreconditionFailed):
            require_conditions(place, conditions, "MOVE")
