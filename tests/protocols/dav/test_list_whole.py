"""A folder of several pages that changes while it is listed: what is there all the time is told exactly once."""

import pytest

from accounts.models import User
from files.actions.move import rename_node
from files.actions.trash import trash_nodes
from files.queries.listing import Row, list_rows, list_whole
from files.queries.tree import LocatedNode, locate
from tests.protocols.dav.test_propfind import fill
from tests.support.clients import Dav
from tests.support.people import actor_of
from tests.support.trees import home_of

pytestmark = pytest.mark.django_db


def root_of(user: User) -> LocatedNode:
    return locate(actor_of(user), home_of(user).root_id)


def by_name(entries: list[Row]) -> dict[str, int]:
    return {entry[2]: entry[0] for entry in entries}


def test_what_is_renamed_across_pages_is_told_once(dav: Dav, ada: User) -> None:
    for number in range(10):
        dav.send("MKCOL", f"n{number:05}")
    ids = by_name(list_rows(actor_of(ada), root_of(ada), limit=10).entries)
    pages = list_whole(actor_of(ada), root_of(ada), limit=3)
    told = next(pages)
    rename_node(actor_of(ada), node_id=ids["n00009"], name="a")  # before what has been told
    rename_node(actor_of(ada), node_id=ids["n00000"], name="z")  # it has been told
    told += next(pages)
    rename_node(actor_of(ada), node_id=ids["n00008"], name="b")
    rename_node(actor_of(ada), node_id=ids["n00003"], name="y")  # it has been told
    trash_nodes(actor_of(ada), node_ids=[ids["n00007"]])
    for page in pages:
        told += page
    names = [entry[2] for entry in told]
    assert sorted(names) == ["a", "b", *(f"n0000{number}" for number in range(7))]
    assert len({entry[0] for entry in told}) == len(told) == 9


@pytest.mark.parametrize("count", [0, 2, 3, 4, 6, 7])
def test_pages_are_as_by_name(ada: User, count: int) -> None:
    fill(ada, count)
    pages = list(list_whole(actor_of(ada), root_of(ada), limit=3))
    assert [entry for page in pages for entry in page] == list_rows(actor_of(ada), root_of(ada), limit=10).entries
    assert [len(page) for page in pages] == ([3] * (count // 3) + [count % 3] * (count % 3 > 0) or [0])
