"""files.queries.properties: dead properties of exactly the nodes asked for, by one query."""

from typing import Any

import pytest

from accounts.actor import Actor
from files.actions.annotations import PropertyChange, set_properties
from files.queries.properties import properties_of
from tests.support.trees import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(actor: Actor) -> list[int]:
    """Of four nodes; the third has no properties."""
    ids = [put(actor, name).node.pk for name in "abcd"]
    for pk in (ids[0], ids[1], ids[3]):
        changes = [PropertyChange("n", "z", f"<b>{pk}</b>"), PropertyChange("", "a", "")]
        set_properties(actor, node_id=pk, changes=changes)
    return ids


def of(pk: int) -> dict[tuple[str, str], str]:
    return {("n", "z"): f"<b>{pk}</b>", ("", "a"): ""}


def test_of_those_asked_for_only(ids: list[int], django_assert_num_queries: Any) -> None:
    a, b, c, d = ids
    for wanted, expected in (([a], [a]), ([d, a], [a, d]), ([c], []), ([c, b], [b]), (ids, [a, b, d])):
        with django_assert_num_queries(1):
            assert properties_of(wanted) == {pk: of(pk) for pk in expected}
    with django_assert_num_queries(0):
        assert properties_of([]) == {}


def test_in_the_order_in_which_they_were_set(ids: list[int]) -> None:
    assert list(properties_of(ids[:1])[ids[0]]) == list(properties_of(ids)[ids[0]]) == [("n", "z"), ("", "a")]
