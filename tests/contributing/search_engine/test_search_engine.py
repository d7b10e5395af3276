"""The same jobs feed it, and the same questions find through it what they find through our own engine."""

from collections.abc import Iterator

import pytest
from haystack import connections
from pytest_django import Settings

from accounts.actor import Actor
from files.actions.move import rename_node
from files.actions.trash import trash_nodes
from files.queries.tree import locate_path
from search.indexing.sweeping import forget
from search.queries import Wanted, search
from tests.contributing.search_engine.engine import ToyBackend
from tests.search.conftest import ada, eve, find, index, no_pauses  # noqa: F401
from tests.support.trees import put


@pytest.fixture(autouse=True)
def toy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In the product, SEARCH_URL chooses it: `search_settings` in dropbox_clone/backends.py."""
    options = {"ENGINE": "tests.contributing.search_engine.engine.ToyEngine"}
    settings.HAYSTACK_CONNECTIONS = {"default": options}
    ToyBackend.documents.clear()
    with monkeypatch.context() as patch:
        patch.setitem(connections.connections_info, "default", options)
        connections.reload("default")
        yield
    connections.reload("default")


def test_documents_follow_the_tree(ada: Actor) -> None:  # noqa: F811
    put(ada, "docs/Müller.txt", b"Hello os.path.join")
    put(ada, "old.md", b"old")
    index()
    assert {document["name"] for document in ToyBackend.documents.values()} == {"docs", "muller txt", "old md"}
    rename_node(ada, node_id=locate_path(ada, "old.md").node.pk, name="new.md")
    trash_nodes(ada, node_ids=[locate_path(ada, "docs").node.pk])
    index()
    assert [document["name"] for document in ToyBackend.documents.values()] == ["new md"]
    forget()
    assert ToyBackend.documents == {}
    index()
    assert len(ToyBackend.documents) == 1


def test_questions(ada: Actor) -> None:  # noqa: F811
    put(ada, "d/fox.txt", b"The quick brown fox")
    put(ada, "dog.md", b"The lazy dog, quick to sleep")
    index()
    assert sorted(find(ada, "quick")) == ["/d/fox.txt", "/dog.md"]
    assert find(ada, '"brown fox" qui') == ["/d/fox.txt"]
    assert find(ada, "quick -lazy") == ["/d/fox.txt"]
    assert find(ada, "name:dog") == ["/dog.md"]
    assert find(ada, "quick ext:md") == ["/dog.md"]
    assert find(ada, "quick", Wanted(minimum_size=20)) == ["/dog.md"]
    assert find(ada, "quick", Wanted(media_types=("text",), kind=1, extensions=("txt",))) == ["/d/fox.txt"]
    assert [hit.path for hit in search(ada, "quick", order="-name").hits] == ["/d/fox.txt", "/dog.md"]


def test_nobody_finds_what_they_may_not_see(ada: Actor, eve: Actor) -> None:  # noqa: F811
    put(ada, "secret.txt", b"the quick brown fox")
    index()
    assert find(eve, "quick") == []
    trash_nodes(ada, node_ids=[locate_path(ada, "secret.txt").node.pk])  # which the index has not seen yet
    assert search(ada, "quick").hits == []
