"""Stopped at any statement, the index is as it was before the step, and the next run goes on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.actor import Actor
from files.actions.copy import copy_node
from files.actions.trash import trash_nodes
from files.blobs import reader
from files.errors import StorageUnavailable
from files.models import Content
from files.models.content import TextState
from files.queries.target import Target
from files.queries.tree import locate_path
from search.indexing import folder_queue, following, sweeping
from search.models import Document
from search.tasks import index_spaces, sweep_index
from tests.search.conftest import find, index
from tests.search.test_following import same_as_rebuilt
from tests.support.trees import put


class Killed(BaseException):
    """What a process that is killed does not get to handle."""


def killing_at(statement: int) -> Callable[..., Any]:
    """Lets so many writing statements pass."""
    left = statement

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if not sql.lstrip().upper().startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            left -= 1
            if left < 0:
                raise Killed
        return execute(sql, params, many, context)

    return wrapper


@pytest.mark.parametrize("statement", range(0, 24, 2))
def test_killed_at_any_statement(ada: Actor, statement: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 3)
    monkeypatch.setattr(folder_queue, "FOLDERS", 2)
    for number in range(6):
        put(ada, f"tree/d{number % 2}/f{number}.txt", b"same words %d" % number)
    index()
    copy_node(ada, node_id=locate_path(ada, "tree").node.pk, target=Target("copy"))
    put(ada, "tree/d0/f0.txt", b"new words")
    trash_nodes(ada, node_ids=[locate_path(ada, "tree/d1").node.pk])
    with pytest.raises(Killed), connection.execute_wrapper(killing_at(statement)):
        following.INDEX.follow_all(seconds=60)
    index()
    # The copy has all six, the tree lost one to a new text and three to the trash.
    assert len(find(ada, "same words")) == 6 + 2
    assert find(ada, "new words") == ["/tree/d0/f0.txt"]
    same_as_rebuilt()


def test_storage_that_does_not_answer(ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are found meanwhile; the text comes when the storage is back."""

    def broken(*_: Any) -> Any:
        raise StorageUnavailable

    put(ada, "notes.txt", b"words")
    with monkeypatch.context() as patch:
        patch.setattr(reader, "read_slices", broken)
        index()
        sweep_index()
        assert find(ada, "notes") == ["/notes.txt"]
        assert find(ada, "words") == []
        assert Document.objects.filter(awaits_text=True).count() == 1
    sweep_index()
    assert find(ada, "words") == ["/notes.txt"]
    assert sweeping.fill_texts() == 0
    same_as_rebuilt()


def test_a_content_that_came_in_between(ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written after the texts were read and before the step: nothing is lost, it only comes a little later."""
    put(ada, "f.txt", b"before")
    index()
    put(ada, "f.txt", b"middle")
    real, done = following.extraction.extract, []

    def extract(ids: Any) -> int:
        result = real(ids)
        if not done:
            done.append(True)
            put(ada, "f.txt", b"after")
        return result

    monkeypatch.setattr(following.extraction, "extract", extract)
    index()
    assert find(ada, "after") == ["/f.txt"]
    assert find(ada, "middle") == find(ada, "before") == []


def test_two_at_once_do_the_work_once(ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one sees that its plan is out of date."""
    put(ada, "f.txt", b"words")
    index()
    put(ada, "g.txt", b"words")
    space_id = Document.objects.values_list("space_id", flat=True)[0]
    real, nested = following.extraction.extract, []

    def extract(ids: Any) -> int:
        result = real(ids)
        if not nested:
            nested.append(True)
            nested.append(following.INDEX.step(space_id))
        return result

    monkeypatch.setattr(following.extraction, "extract", extract)
    assert following.INDEX.step(space_id) is None
    assert nested[1] == 1
    assert sorted(find(ada, "words")) == ["/f.txt", "/g.txt"]


def test_jobs(ada: Actor) -> None:
    put(ada, "f.txt", b"words")
    put(ada, "empty.txt", b"")
    put(ada, "binary.png", bytes(range(256)))
    assert index_spaces.delay(only_calm=False).get() == 3
    assert find(ada, "words") == ["/f.txt"]
    assert index_spaces.delay(only_calm=False).get() == 0
    assert sweep_index.delay().get() == 0
    states = sorted(Content.objects.values_list("text_state", flat=True))
    assert states == [TextState.DONE, TextState.NONE, TextState.NONE]
