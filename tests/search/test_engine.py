"""The engine as django-haystack knows it."""

import pytest
from django.core.management import call_command
from haystack import connections
from haystack.management.commands import clear_index, update_index
from haystack.query import SQ, SearchQuerySet

from accounts.actor import Actor
from files.actions.trash import trash_nodes
from files.models import Node
from files.queries.tree import locate_path
from search.engine import SqlEngine
from search.engine.selection import UnknownField
from search.models import Document
from tests.search.conftest import find, index
from tests.support.trees import put


@pytest.fixture
def files(ada: Actor) -> Actor:
    put(ada, "a.txt", b"red green")
    put(ada, "b.md", b"green blue")
    put(ada, "c.txt", b"blue")
    index()
    return ada


def names(query: SearchQuerySet) -> list[str]:
    found = Node.objects.in_bulk([int(result.pk) for result in query])
    return sorted(node.name for node in found.values())


def test_it_is_the_engine() -> None:
    assert isinstance(connections["default"], SqlEngine)


def test_conditions_combine(files: Actor) -> None:
    query = SearchQuerySet().models(Node)
    assert names(query) == ["a.txt", "b.md", "c.txt"]
    assert names(query.filter(content="green")) == ["a.txt", "b.md"]
    assert names(query.filter(content="green").filter(content="blue")) == ["b.md"]
    assert names(query.filter(SQ(content="red") | SQ(content="blue"))) == ["a.txt", "b.md", "c.txt"]
    assert names(query.exclude(content="green")) == ["c.txt"]
    assert names(query.filter(extension="txt").exclude(content="red")) == ["c.txt"]
    assert names(query.filter(SQ(extension="md") | SQ(content="red"))) == ["a.txt", "b.md"]
    assert names(query.filter(~(SQ(extension="md") | SQ(content="red")))) == ["c.txt"]
    assert names(query.filter(extension__in=["md", "pdf"])) == ["b.md"]
    assert names(query.filter(extension__in=[])) == []
    assert names(query.filter(size__range=(5, 10))) == ["a.txt", "b.md"]
    assert names(query.filter(name__startswith="a.")) == ["a.txt"]
    assert names(query.filter(name__startswith="_")) == []
    assert names(query.auto_query("green -red")) == ["b.md"]
    assert names(query.raw_search('"green blue"')) == ["b.md"]


def test_counts_slices_and_results(files: Actor) -> None:
    query = SearchQuerySet().models(Node).filter(content="green").order_by("-name_key")
    assert query.count() == len(query) == 2
    (first,) = query[:1]
    assert first.object.name == "b.md"
    assert first.model is Node
    assert [result.object.name for result in query[1:2]] == ["a.txt"]
    assert [result.object.name for result in query.load_all()] == ["b.md", "a.txt"]


def test_unknown_fields_are_told(files: Actor) -> None:
    with pytest.raises(UnknownField):
        list(SearchQuerySet().filter(colour="red"))
    with pytest.raises(UnknownField):
        list(SearchQuerySet().filter(name__fuzzy="red"))


def test_haystacks_own_commands_drive_the_backend(files: Actor) -> None:
    """By their classes: under their names they are refused, since they empty the index of everybody at once."""
    trash_nodes(files, node_ids=[locate_path(files, "c.txt").node.pk])
    call_command(clear_index.Command(), interactive=False, verbosity=0)
    assert find(files, "green") == []
    call_command(update_index.Command(), verbosity=0)
    assert sorted(find(files, "ext:txt")) == ["/a.txt"]
    assert find(files, "green blue") == ["/b.md"]


@pytest.mark.parametrize("texts", [False, True])
def test_reindex(files: Actor, texts: bool) -> None:
    before = list(Document.objects.order_by("pk").values())
    call_command("reindex", texts=texts, verbosity=0)
    assert list(Document.objects.order_by("pk").values()) == before
    assert find(files, "green blue") == ["/b.md"]
    call_command("reindex", background=True, verbosity=0)
    assert find(files, "green") == []
    index()
    assert len(find(files, "green")) == 2


def test_update_and_remove_one(files: Actor) -> None:
    engine = connections["default"].get_backend()
    node = Node.objects.get(name="a.txt")
    engine.remove(node)
    engine.remove(node)
    assert find(files, "red") == []
    node_index = connections["default"].get_unified_index().get_index(Node)
    node_index.update_object(Node.objects.get(name="a.txt"))
    assert find(files, "red") == ["/a.txt"]
    node_index.remove_object(node)
    assert find(files, "red") == []
