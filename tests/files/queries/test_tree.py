"""files.queries.tree: places by path and by id, with a number of queries that does not grow with depth or number."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.actor import WRITE, Actor
from accounts.models import User
from files import errors
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.queries.tree import (
    ancestors_of,
    clean_name,
    find,
    get_space,
    list_spaces,
    locate,
    locate_folder,
    locate_many,
    locate_path,
    split_path,
    walk,
)
from tests.support.people import SYSTEM, actor_of, make_member, make_user
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def test_by_path_and_by_id_it_is_the_same_place(user: User, actor: Actor, django_assert_num_queries: Any) -> None:
    file = put(actor, "a/b/c.txt").node
    for path, queries in (("a/b/c.txt", 3), ("/a/b/", 2), ("", 2)):
        with django_assert_num_queries(queries):
            by_path = locate_path(actor, path)
        with django_assert_num_queries(2):
            by_id = locate(actor, by_path.node.pk)
        assert (by_id.node, by_id.ancestors, by_id.space) == (by_path.node, by_path.ancestors, home_of(user))
        assert by_id.path == by_path.path == f"/{path.strip('/')}"
        assert by_id.is_root is (path == "")
    place = locate(actor, file.pk)
    assert [step.name for step in place.ancestors][1:] == ["a", "b"]
    assert place.ancestor_ids == [step.id for step in ancestors_of([file.pk])[file.pk]]
    assert [step.id for step in place.chain] == [*place.ancestor_ids, file.pk]
    with django_assert_num_queries(0):
        version = place.node.version
        assert version is not None
        assert (version.content.size, version.author, place.space.team.pk) == (5, user, actor.team_id)


def test_many_in_the_order_asked_for_and_once(actor: Actor, django_assert_num_queries: Any) -> None:
    a, b, c = (put(actor, path).node.pk for path in ("d/a", "b", "e/f/c"))
    with django_assert_num_queries(2):
        assert [place.path for place in locate_many(actor, [c, a, c, b])] == ["/e/f/c", "/d/a", "/b"]
    for asked, missing in (([a, 10**9, -1], 10**9), ([0, a], 0), ([2**63], 2**63)):
        with pytest.raises(errors.NotFound) as refused:
            locate_many(actor, asked)
        assert refused.value.detail == {"id": missing}
    assert locate_many(actor, []) == []


def test_what_was_deleted_is_nowhere(actor: Actor) -> None:
    file = put(actor, "d/e/a").node.pk
    folder = locate_path(actor, "d/e").node.pk
    trash_nodes(actor, node_ids=[locate_path(actor, "d").node.pk])
    for ask in (lambda: locate(actor, file), lambda: locate(actor, folder), lambda: locate_folder(actor, folder)):
        with pytest.raises(errors.NotFound):
            ask()
    assert [step.name for step in ancestors_of([file])[file]] == ["d", "e"]


def test_a_folder_for_an_upload(actor: Actor, outsider: Actor, django_assert_num_queries: Any) -> None:
    file = put(actor, "d/e/a").node.pk
    place = locate_path(actor, "d/e")
    with django_assert_num_queries(3):
        assert locate_folder(actor, place.node.pk) == place
    with pytest.raises(errors.NotAFolder):
        locate_folder(actor, file)
    for node_id in (0, -1, 2**63, 10**9):
        with pytest.raises(errors.NotFound):
            locate_folder(actor, node_id)
    for node_id in (place.node.pk, file):  # not even whether it is a folder
        with pytest.raises(errors.NotFound):
            locate_folder(outsider, node_id)


def test_what_is_missing_of_a_path(user: User, actor: Actor, django_assert_num_queries: Any) -> None:
    put(actor, "d/a")
    home = home_of(user)
    for path, error in (("d/x", errors.NotFound), ("x/a", errors.ParentNotFound), ("d/a/x", errors.NotFound)):
        with django_assert_num_queries(1), pytest.raises(errors.NotFound) as refused:
            find(actor, home, path.split("/"))
        assert type(refused.value) is error, path
    assert [node.name for node in walk(home, ["d", "x", "y"])] == ["", "d"]
    start = locate_path(actor, "d").node.pk
    assert [node.name for node in walk(home, ["a"], start_id=start)] == ["d", "a"]
    assert (split_path("/a//b/"), clean_name("a")) == (["a", "b"], "a")
    too_long = {"reason": "too_long", "limit": 255, "length": 256}
    for odd, detail in (("..", {"reason": "dot"}), ("x" * 256, too_long), ("\0", {"reason": "control"})):
        for check in (split_path, clean_name):
            with pytest.raises(errors.InvalidName) as invalid:
                check(odd)
            assert invalid.value.detail == detail


def test_spaces_that_an_actor_sees(user: User, actor: Actor, outsider: Actor, django_assert_num_queries: Any) -> None:
    home = home_of(user)
    zoo, ape = (create_team_space(actor, name=name) for name in ("zoo", "ape"))
    colleague = actor_of(make_member(user))
    with django_assert_num_queries(1):
        assert [(space.pk, bool(space.root)) for space in list_spaces(actor)] == [
            (home.pk, True), (ape.pk, True), (zoo.pk, True),
        ]  # fmt: skip
    assert set(list_spaces(colleague)) == {get_space(colleague, None), zoo, ape}
    assert [space.owner_id for space in list_spaces(outsider)] == [outsider.user_id]
    with django_assert_num_queries(1):
        assert get_space(actor, None) == home
    with django_assert_num_queries(2):  # and what is granted in it
        assert get_space(colleague, zoo.pk) == zoo
    assert get_space(SYSTEM, home.pk) == home


def test_spaces_that_do_not_exist_for_somebody(user: User, actor: Actor, outsider: Actor) -> None:
    home, space = home_of(user), create_team_space(actor, name="team")
    colleague, other = actor_of(make_member(user)), actor_of(make_user())
    for somebody, space_id in (
        (outsider, home.pk), (outsider, space.pk), (other, space.pk), (colleague, home.pk), (actor, 0), (actor, -1),
        (actor, 2**63), (actor, 10**9), (SYSTEM, None),
    ):  # fmt: skip
        with pytest.raises(errors.NotFound):
            get_space(somebody, space_id)
    node = put(actor, "a", space_id=space.pk).node.pk
    assert locate(colleague, node).path == "/a"
    with pytest.raises(errors.NotFound):
        locate(outsider, node)
    narrow = replace(actor, scopes=frozenset({WRITE}))
    for ask in (lambda: get_space(narrow, None), lambda: locate(narrow, node), lambda: list_spaces(narrow)):
        with pytest.raises(errors.ScopeMissing):
            ask()
