"""The action by itself, the query by itself, then both over REST."""

from http import HTTPStatus
from typing import Any

import pytest

from accounts.actor import Actor
from files.errors import RootIsFixed
from files.queries.tree import locate_path
from http_kit.problem_table import TABLE
from tests.contributing.feature.errors import AlreadyLowerCase
from tests.contributing.feature.loud_names import loud_names
from tests.contributing.feature.lower_name import lower_name
from tests.files.actions.conftest import _books_are_right  # noqa: F401  (fsck after each test)
from tests.files.actions.rights import refuses_others
from tests.files.conftest import pool  # noqa: F401
from tests.support.clients import Api, items, problem
from tests.support.trees import journal_of, put

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.contributing.feature.urls")]


def test_lower_name(actor: Actor) -> None:
    node_id = put(actor, "Photos/SEA.jpg").node.pk
    place = lower_name(actor, node_id=node_id)
    assert (place.path, place.node.pk) == ("/Photos/sea.jpg", node_id)
    assert journal_of(actor)[-1] == ("move", "/Photos/sea.jpg")


def test_what_lower_name_refuses(actor: Actor) -> None:
    node_id = put(actor, "SEA.jpg").node.pk
    refuses_others(actor, lambda other: lower_name(other, node_id=node_id))
    lower_name(actor, node_id=node_id)
    with pytest.raises(AlreadyLowerCase):
        lower_name(actor, node_id=node_id)
    with pytest.raises(RootIsFixed):
        lower_name(actor, node_id=locate_path(actor, "/").node.pk)


def test_nothing_is_written_over(actor: Actor) -> None:
    put(actor, "sea.jpg", b"the one that is there")
    loud = put(actor, "SEA.jpg", b"the loud one").node.pk
    assert lower_name(actor, node_id=loud).node.name == "sea (2).jpg"


def test_loud_names_costs_the_same_for_any_folder(actor: Actor, django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        put(actor, f"d/{'Loud' if number % 2 else 'quiet'} {number:02}")
    folder = locate_path(actor, "d").node.pk
    with django_assert_max_num_queries(6):
        assert len(loud_names(actor, folder_id=folder)) == 10


def test_over_rest(api: Api, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the product, the line of the table is in http_kit/problem_table.py."""
    monkeypatch.setitem(TABLE, "already_lower_case", (HTTPStatus.CONFLICT, "Already lower case"))
    written = put(actor, "d/SEA.jpg")
    folder = f"/nodes/{written.node.parent_id}/loud_names"
    assert [item["name"] for item in items(api.get(folder))] == ["SEA.jpg"]
    answer = api.post(f"/nodes/{written.node.pk}/lower_name")
    assert (answer.status_code, answer.json()["path"]) == (200, "/d/sea.jpg")
    assert items(api.get(folder)) == []
    assert problem(api.post(f"/nodes/{written.node.pk}/lower_name")) == (409, "already_lower_case")
