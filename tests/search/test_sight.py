"""search.sight: what is restricted is not found, and a search by size tells nothing of it."""

import pytest

from files.access.rights import Role
from files.actions.restrictions import restrict
from files.models import Grant, Node, NodeKind, Restriction
from search.queries import Wanted, search
from tests.files.queries.restricted import Restricted, restricted_world
from tests.search.conftest import find, index
from tests.search.elasticsearch_stub import ElasticsearchStub
from tests.search.test_elasticsearch import elasticsearch

__all__ = ["elasticsearch"]


@pytest.fixture
def world(db: None) -> Restricted:
    """For the member `f` has 7 bytes, and 107 in truth."""
    made = restricted_world()
    made.put("words/f of other.txt", 50)
    index()
    return made


def folders(**sizes: int) -> Wanted:
    return Wanted(kind=NodeKind.FOLDER, **sizes)


def test_sizes_are_those_that_are_shown(world: Restricted) -> None:
    for wanted, shown, true in (
        (folders(minimum_size=7, maximum_size=7), ["/f"], []),
        (folders(minimum_size=8), [], ["/f"]),
        (folders(minimum_size=107, maximum_size=107), [], ["/f"]),
    ):
        assert find(world.actor, "name:f", wanted) == shown
        assert find(world.manager, "name:f", wanted) == true


def test_the_order_is_that_of_what_is_shown(world: Restricted) -> None:
    world.put("f2/x.txt", 50)
    index()
    for actor, names in ((world.actor, ["f", "f2"]), (world.manager, ["f2", "f"])):
        for order, expected in (("size", names), ("-size", names[::-1])):
            hits = search(actor, "name:f", wanted=folders(), order=order, limit=10).hits
            assert [hit.node.name for hit in hits] == expected


def test_many_restricted_folders_are_one_condition(world: Restricted) -> None:
    """More of them, and of what is let in, than SQLite takes as conditions of one statement."""
    parent, names = world.node("g"), [f"many{number}" for number in range(1_100)]
    rows = [Node(space=world.space, parent=parent, kind=NodeKind.FOLDER, name=name, name_key=name) for name in names]
    ids = [node.pk for node in Node.objects.bulk_create(rows)]
    Restriction.objects.bulk_create([Restriction(node_id=pk, space=world.space) for pk in ids])
    assert find(world.actor, "name:b.txt") == ["/f/g/b.txt"]
    Grant.objects.bulk_create(
        [Grant(node_id=pk, space=world.space, user=world.member, role=Role.VIEWER) for pk in ids[:1_050]]
    )
    assert find(world.actor, "name:b.txt") == ["/f/g/b.txt"]


def test_inside_of_what_is_hidden_only_what_was_let_in(world: Restricted) -> None:
    for name in ("e.txt", "c.txt", "b.txt"):
        assert find(world.actor, f"name:{name}") == ([f"/f/g/{name}"] if name == "b.txt" else [])
    Grant.objects.create(node=world.node("d"), space=world.space, user=world.member, role=Role.VIEWER)
    assert find(world.actor, "name:e.txt") == ["/e.txt"]
    assert find(world.actor, "name:c.txt") == []
    restrict(world.manager, node_id=world.node("g").pk)
    assert find(world.actor, "name:b.txt") == []


def test_another_index_finds_files_alone_by_size(world: Restricted, elasticsearch: ElasticsearchStub) -> None:
    """It has the sizes of whole folders."""
    search(world.actor, "f", wanted=Wanted(minimum_size=100))
    assert "kind:(1)" in elasticsearch.queries[-1]["query"]["bool"]["must"]["query_string"]["query"]
    search(world.actor, "f", order="size")
    assert "kind:(1)" in elasticsearch.queries[-1]["query"]["bool"]["must"]["query_string"]["query"]
    for actor, wanted in ((world.actor, Wanted()), (world.manager, Wanted(minimum_size=100))):
        search(actor, "f", wanted=wanted)
        assert "kind:" not in elasticsearch.queries[-1]["query"]["bool"]["must"]["query_string"]["query"]
