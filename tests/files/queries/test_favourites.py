"""files.queries.favourites: what one person has marked, and nobody else."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.actions.annotations import set_favourite
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.queries import favourites
from files.queries.favourites import favourites_among, favourites_in, list_favourites
from files.queries.tree import locate_path
from tests.support.people import actor_of, make_member
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def mark(actor: Actor, *paths: str, space_id: int | None = None) -> list[int]:
    ids = [locate_path(actor, path, space_id=space_id).node.pk for path in paths]
    for node_id in ids:
        set_favourite(actor, node_id=node_id, wanted=True)
    return ids


def paths_of(actor: Actor, below: str = "", space_id: int | None = None) -> list[str]:
    places = list_favourites(actor, below=locate_path(actor, below, space_id=space_id))
    return [place.path for place in places]


def test_of_a_folder_only_what_lies_directly_in_it(actor: Actor, django_assert_num_queries: Any) -> None:
    for path in ("d/a", "d/b", "d/e/c", "f"):
        put(actor, path)
    a, e, *_ = mark(actor, "d/a", "d/e", "d/e/c", "f")
    folder = locate_path(actor, "d").node.pk
    with django_assert_num_queries(1):
        assert favourites_in(actor, folder) == {a, e}


def test_of_a_team_space_each_person_sees_their_own(user: User, actor: Actor) -> None:
    colleague = actor_of(make_member(user))
    space = create_team_space(actor, name="team")
    mine, theirs = (put(actor, name, space_id=space.pk).node.pk for name in ("mine", "theirs"))
    mark(actor, "mine", space_id=space.pk)
    mark(colleague, "theirs", space_id=space.pk)
    assert favourites_in(actor, space.root_id or 0) == {mine}
    assert favourites_among(colleague, [mine, theirs]) == {theirs}
    assert paths_of(actor, space_id=space.pk) == ["/mine"]
    assert paths_of(actor) == []


def test_among_so_many_nodes_as_one_query_may_hold(
    actor: Actor, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    ids = [put(actor, name).node.pk for name in "abcd"]
    mark(actor, "a", "c", "d")
    with django_assert_num_queries(1):
        assert favourites_among(actor, ids) == {ids[0], ids[2], ids[3]}
    monkeypatch.setattr(favourites, "MAXIMUM", 3)
    assert favourites_among(actor, ids) == {ids[0], ids[2]}


def test_the_list_is_by_path_and_of_what_is_live_below_the_folder(actor: Actor, django_assert_num_queries: Any) -> None:
    for path in ("d/z", "d/e/a", "d/gone", "dd/x", "top"):
        put(actor, path)
    mark(actor, "top", "d/z", "dd/x", "d/gone", "d/e/a", "d")
    trash_nodes(actor, node_ids=[locate_path(actor, "d/gone").node.pk])
    assert paths_of(actor) == ["/d", "/d/e/a", "/d/z", "/dd/x", "/top"]
    below = locate_path(actor, "d")
    with django_assert_num_queries(2):
        assert [place.path for place in list_favourites(actor, below=below)] == ["/d/e/a", "/d/z"]


def test_of_too_many_the_latest_are_listed(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        put(actor, name)
    mark(actor, "b", "c", "a")
    monkeypatch.setattr(favourites, "MAXIMUM", 2)
    assert paths_of(actor) == ["/a", "/c"]


def test_an_outsider_learns_nothing(actor: Actor, outsider: Actor) -> None:
    node_id = put(actor, "a").node.pk
    mark(actor, "a")
    root = locate_path(actor, "")
    with pytest.raises(errors.NotFound):
        list_favourites(outsider, below=root)
    assert favourites_in(outsider, root.node.pk) == favourites_among(outsider, [node_id]) == frozenset()
