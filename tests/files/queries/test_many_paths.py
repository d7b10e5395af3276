"""files.queries.many_paths: ids of many paths by as many queries as the deepest of them has names."""

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.queries import many_paths
from files.queries.many_paths import ids_of_paths
from files.queries.tree import locate_path
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
PATHS = ["a/b/c", "x", "a", "a/b", "d/e", ""]


@pytest.fixture
def ids(actor: Actor) -> list[int]:
    for path in ("a/b/c", "x", "d/e"):
        put(actor, path)
    return [locate_path(actor, path).node.pk for path in PATHS]


def test_in_the_order_asked_for(actor: Actor, ids: list[int]) -> None:
    assert ids_of_paths(actor, PATHS) == ids
    assert ids_of_paths(actor, ["x", "/a/b/", "x"]) == [ids[1], ids[3], ids[1]]
    assert [ids_of_paths(actor, [path]) for path in PATHS] == [[pk] for pk in ids]
    assert ids_of_paths(actor, []) == []


def test_a_query_for_each_level(
    actor: Actor, ids: list[int], monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1 + 3):
        ids_of_paths(actor, PATHS * 20)
    with django_assert_num_queries(1 + 1):
        ids_of_paths(actor, ["a/b/c"])
    monkeypatch.setattr(many_paths, "PARENTS", 2)
    with django_assert_num_queries(1 + 2 + 1 + 1):  # the three names of the first level are two queries now
        assert ids_of_paths(actor, PATHS) == ids


def test_the_first_that_is_missing_is_named(actor: Actor, ids: list[int]) -> None:
    for paths, missing in (
        (["a", "a/x", "b"], "a/x"),
        (["b/b/c", "a"], "b/b/c"),
        (["x/y", "a"], "x/y"),  # through a file
        (["no"], "no"),
        (["no/no"], "no/no"),
    ):
        with pytest.raises(errors.NotFound) as refused:
            ids_of_paths(actor, paths)
        assert refused.value.detail == {"path": missing}
    for paths in (["a", "a/.."], ["a/.."]):
        with pytest.raises(errors.InvalidName):
            ids_of_paths(actor, paths)


def test_an_outsider_finds_nothing(user: User, actor: Actor, outsider: Actor, ids: list[int]) -> None:
    home = home_of(user).pk
    assert ids_of_paths(actor, ["a", "x"], space_id=home) == [ids[2], ids[1]]
    for paths in (["a"], ["a", "x"]):
        with pytest.raises(errors.NotFound):
            ids_of_paths(outsider, paths, space_id=home)
        with pytest.raises(errors.NotFound):
            ids_of_paths(outsider, paths)
