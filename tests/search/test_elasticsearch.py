"""The same jobs and the same queries with haystack's Elasticsearch 7 backend."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from haystack import connections

from accounts.actor import Actor
from dropbox_clone.backends import search_settings
from files import errors
from files.actions.move import rename_node
from files.actions.trash import trash_nodes
from files.models import Node
from files.queries.tree import locate_path
from search.indexing import following
from search.indexing.sweeping import forget
from search.models import SearchCursor
from search.queries import Wanted, search
from tests.search.conftest import index
from tests.search.elasticsearch_stub import ElasticsearchStub
from tests.support.trees import put


@pytest.fixture
def elasticsearch(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ElasticsearchStub]:
    with ElasticsearchStub().serve() as stub:
        options = search_settings(urlsplit(f"elasticsearch7://{stub.url.removeprefix('http://')}files"))
        assert (options["URL"], options["INDEX_NAME"]) == (stub.url, "files")
        settings.HAYSTACK_CONNECTIONS = {"default": options | {"KWARGS": {"max_retries": 0}}}
        with monkeypatch.context() as patch:
            patch.setitem(connections.connections_info, "default", options)
            connections.reload("default")
            yield stub
        connections.reload("default")


def test_documents_follow_the_tree(ada: Actor, elasticsearch: ElasticsearchStub) -> None:
    put(ada, "docs/Müller.txt", b"Hello os.path.join")
    put(ada, "old.md", b"old")
    index()
    documents = {source["name"]: source for source in elasticsearch.documents.values()}
    assert set(documents) == {"docs", "muller txt", "old md"}
    assert documents["muller txt"]["text"] == "hello os path join"
    assert documents["muller txt"]["extension"] == "txt"
    assert elasticsearch.mapping["extension"] == {"type": "keyword"}
    assert elasticsearch.mapping["space_id"] == {"type": "long"}
    rename_node(ada, node_id=locate_path(ada, "old.md").node.pk, name="new.md")
    trash_nodes(ada, node_ids=[locate_path(ada, "docs").node.pk])
    index()
    assert [source["name"] for source in elasticsearch.documents.values()] == ["new md"]
    forget()
    assert elasticsearch.documents == {}
    index()
    assert len(elasticsearch.documents) == 1


def test_queries(ada: Actor, elasticsearch: ElasticsearchStub) -> None:
    put(ada, "a.txt", b"The quick brown fox")
    index()
    space = Node.objects.get(name="a.txt").space_id
    (hit,) = search(ada, 'quick "brown fox" -lazy ext:txt os.pa', wanted=Wanted(kind=1, minimum_size=3)).hits
    assert hit.path == "/a.txt"
    assert ("quick", True) in hit.snippet
    sent = elasticsearch.queries[-1]["query"]["bool"]
    query = sent["must"]["query_string"]["query"]
    assert f'space_id:("{space}")' in query
    assert '("quick" OR name:"quick"^8) AND ("brown fox" OR name:"brown fox"^8)' in query
    assert 'NOT ("lazy" OR name:"lazy"^8)' in query
    assert '"quick brown fox os pa"^20' in query
    assert 'extension:("txt")' in query
    assert 'size:(["3" TO *])' in query
    assert sent["filter"] == {"terms": {"django_ct": ["files.node"]}}
    search(ada, "quick", order="-name")
    assert elasticsearch.queries[-1]["sort"] == [{"name_key": {"order": "desc"}}, {"django_id": {"order": "desc"}}]


def test_scores_count_nobody_elses_documents(ada: Actor, elasticsearch: ElasticsearchStub) -> None:
    put(ada, "a.txt", b"The quick brown fox")
    index()
    texts = {name: field for name, field in elasticsearch.mapping.items() if field["type"] == "text"}
    assert {"text", "name"} <= set(texts)
    assert {field["similarity"] for field in texts.values()} == {"boolean"}
    search(ada, "quick")
    sent = elasticsearch.queries[-1]
    assert [next(iter(key)) for key in sent["sort"]] == ["_score", "modified_at", "django_id"], (
        "no order of the engine's"
    )
    assert sent["track_scores"]


def test_an_index_of_an_earlier_release_does_not_rank(ada: Actor, elasticsearch: ElasticsearchStub) -> None:
    elasticsearch.is_old = True
    put(ada, "a.txt", b"The quick brown fox")
    index()
    assert [hit.path for hit in search(ada, "quick").hits] == ["/a.txt"]
    assert list(elasticsearch.queries[-1]["query"]) == ["constant_score"]
    forget()
    index()
    search(ada, "quick")
    assert list(elasticsearch.queries[-1]["query"]) == ["bool"]


def test_nothing_it_answers_is_taken_on_trust(ada: Actor, eve: Actor, elasticsearch: ElasticsearchStub) -> None:
    """The stub answers with every document it has: only what the tree confirms is shown."""
    put(ada, "docs/secret.txt", b"words")
    put(eve, "mine.txt", b"words")
    index()
    assert [hit.path for hit in search(eve, "words").hits] == ["/mine.txt"]
    docs = locate_path(ada, "docs").node.pk
    assert [hit.path for hit in search(ada, "words", wanted=Wanted(under=docs)).hits] == ["/docs/secret.txt"]
    trash_nodes(ada, node_ids=[docs])
    assert search(ada, "words").hits == []


def test_when_it_is_down(ada: Actor, elasticsearch: ElasticsearchStub) -> None:
    put(ada, "a.txt", b"words")
    index()
    elasticsearch.is_broken = True
    with pytest.raises(errors.Busy):
        search(ada, "words")
    put(ada, "b.txt", b"words")
    before = SearchCursor.objects.get().seq
    with pytest.raises(Exception, match="503"):
        following.INDEX.follow_all(seconds=10)
    assert SearchCursor.objects.get().seq == before
    elasticsearch.is_broken = False
    index()
    assert len(search(ada, "words").hits) == 2
