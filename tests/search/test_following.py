"""Every kind of change reaches the index, whatever lies below what changed."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from common.clock import now
from files import journal_follower
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.move import move_node, rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.actions.versions import restore_version
from files.models import Change, Node, Space, TrashItem
from files.queries.target import Target
from files.queries.tree import locate_path
from search.indexing import folder_queue, following, sweeping
from search.indexing.sweeping import forget, rebuild
from search.models import ContentText, Document, FolderVisit, SearchCursor
from tests.search.conftest import find, index
from tests.support.trees import put


def node_id(actor: Actor, path: str) -> int:
    return locate_path(actor, path).node.pk


def same_as_rebuilt() -> None:
    """The index is what it would be if it were built from nothing."""
    columns = ("node_id", "space_id", "content_id", "name_words", "extension", "media_type", "has_text", "awaits_text")
    followed = sorted(Document.objects.values_list(*columns))
    forget()
    rebuild()
    assert followed == sorted(Document.objects.values_list(*columns))


def test_create_and_write(ada: Actor) -> None:
    create_folder(ada, target=Target("Holiday pictures"))
    put(ada, "a/notes.txt", b"first words")
    index()
    assert find(ada, "holiday") == ["/Holiday pictures"]
    assert find(ada, "first words") == find(ada, "notes") == ["/a/notes.txt"]
    put(ada, "a/notes.txt", b"second words")
    index()
    assert find(ada, "first") == []
    assert find(ada, "second") == ["/a/notes.txt"]
    same_as_rebuilt()


def test_earlier_version_back(ada: Actor) -> None:
    first = put(ada, "f.txt", b"first")
    put(ada, "f.txt", b"second")
    restore_version(ada, node_id=first.node.pk, version_id=first.version.pk)
    index()
    assert find(ada, "first") == ["/f.txt"]
    assert find(ada, "second") == []


def test_rename_and_move_within_the_space(ada: Actor) -> None:
    put(ada, "old/deep/f.txt", b"content")
    index()
    rename_node(ada, node_id=node_id(ada, "old/deep/f.txt"), name="renamed.md")
    move_node(ada, node_id=node_id(ada, "old"), target=Target("new"))
    assert index() <= 3  # one row moves, and so one document
    assert find(ada, "content") == ["/new/deep/renamed.md"]
    assert find(ada, "ext:txt") == []
    assert find(ada, "name:new") == ["/new"]
    assert find(ada, "name:old") == []
    same_as_rebuilt()


def test_copy_of_a_tree(ada: Actor) -> None:
    for number in range(5):
        put(ada, f"tree/d{number}/f{number}.txt", b"shared words %d" % number)
    index()
    copy_node(ada, node_id=node_id(ada, "tree"), target=Target("copy"))
    index()
    assert sorted(find(ada, "shared")) == sorted(f"/{top}/d{n}/f{n}.txt" for n in range(5) for top in ("tree", "copy"))
    assert ContentText.objects.count() == 5
    same_as_rebuilt()


def test_trash_restore_purge_of_a_tree(ada: Actor) -> None:
    put(ada, "tree/a/f.txt", b"words")
    put(ada, "tree/g.txt", b"words")
    index()
    (item,) = trash_nodes(ada, node_ids=[node_id(ada, "tree")])
    index()
    assert find(ada, "words") == find(ada, "tree") == []
    assert Document.objects.count() == 0
    restore_items(ada, item_ids=[item.pk])
    index()
    assert sorted(find(ada, "words")) == ["/tree/a/f.txt", "/tree/g.txt"]
    trash_nodes(ada, node_ids=[node_id(ada, "tree")])
    empty_trash(ada)
    remove_purged_rows()
    index()
    sweeping.remove_orphans()
    assert find(ada, "words") == []
    assert Document.objects.count() == 0
    same_as_rebuilt()


def test_rows_that_went_before_the_index_looked(ada: Actor) -> None:
    put(ada, "tree/a/f.txt", b"words")
    index()
    trash_nodes(ada, node_ids=[node_id(ada, "tree")])
    empty_trash(ada)
    remove_purged_rows()
    assert find(ada, "words") == []
    index()
    assert find(ada, "words") == []
    sweeping.remove_orphans()
    assert Document.objects.count() == 0


@pytest.mark.parametrize("follower", ["source", "target", "both"])
def test_move_of_a_tree_to_another_space(ada: Actor, follower: str) -> None:
    """Either journal alone brings it over: whoever is later must find it done, not undo it."""
    space = create_team_space(ada, name="Team")
    put(ada, "tree/a/f.txt", b"words")
    index()
    assert space.root_id is not None
    move_node(ada, node_id=node_id(ada, "tree"), target=Target("tree", parent_id=space.root_id))
    assert find(ada, "words") == []  # not yet there, and no longer here
    if follower != "both":
        home = Space.objects.get(owner_id=ada.user_id)
        following.INDEX.follow(home.pk if follower == "source" else space.pk)
        assert find(ada, "words") == ["/tree/a/f.txt"]
    index()
    assert find(ada, "words") == ["/tree/a/f.txt"]
    assert set(Document.objects.values_list("space_id", flat=True)) == {space.pk}
    same_as_rebuilt()


def test_folder_that_moves_while_its_tree_is_being_walked(ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its new place may have been visited already, so its own line of the journal must make up for it."""
    monkeypatch.setattr(following, "STEP", 1)
    for number in range(4):
        put(ada, f"tree/a{number}/below/f{number}.txt", b"words")
    index()
    copied = copy_node(ada, node_id=node_id(ada, "tree"), target=Target("copy"))
    following.INDEX.step(copied.space.pk)
    following.INDEX.step(copied.space.pk)
    for number in range(4):
        move_node(ada, node_id=node_id(ada, f"copy/a{number}"), target=Target(f"moved{number}"))
    trash_nodes(ada, node_ids=[node_id(ada, "moved0/below")])
    index()
    moved = [f"/moved{n}/below/f{n}.txt" for n in (1, 2, 3)]
    assert sorted(find(ada, "words")) == sorted(moved + [f"/tree/a{n}/below/f{n}.txt" for n in range(4)])
    same_as_rebuilt()


def test_many_small_steps_come_to_the_same(ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 2)
    monkeypatch.setattr(folder_queue, "FOLDERS", 1)
    for number in range(7):
        put(ada, f"t/{number % 3}/f{number}.txt", b"w%d same" % number)
    copy_node(ada, node_id=node_id(ada, "t"), target=Target("u"))
    index()
    assert len(find(ada, "same")) == 14
    assert FolderVisit.objects.count() == 0
    same_as_rebuilt()


def test_large_files_go_one_by_one(ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP_BYTES", 10)
    for number in range(3):
        put(ada, f"f{number}.txt", b"more than ten bytes %d" % number)
    index()
    assert len(find(ada, "more than")) == 3


def test_nothing_to_do_costs_little(ada: Actor, django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    put(ada, "f.txt", b"words")
    index()
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        assert following.INDEX.follow_all(seconds=5).count == 0


def test_settled_says_what_is_done(ada: Actor) -> None:
    put(ada, "tree/a/f.txt", b"words")
    index()
    cursor = SearchCursor.objects.get()
    assert cursor.seq == cursor.settled > 0
    (item,) = trash_nodes(ada, node_ids=[node_id(ada, "tree")])
    following.INDEX.step(cursor.space_id)
    cursor.refresh_from_db()
    assert cursor.seq == item.seq > cursor.settled
    index()
    cursor.refresh_from_db()
    assert cursor.settled == item.seq


def test_orphans_of_texts(ada: Actor) -> None:
    put(ada, "f.txt", b"words")
    index()
    text = ContentText.objects.get()
    ContentText.objects.create(content_id=text.pk + 1000, text=text.text, words=text.words)
    sweeping.remove_orphans()
    assert list(ContentText.objects.values_list("pk", flat=True)) == [text.pk]
    assert find(ada, "words") == ["/f.txt"]


def test_everything_goes_from_the_index_with_its_words(ada: Actor) -> None:
    """An index entry that is taken out otherwise than it was put in would leave words behind."""
    put(ada, "f.txt", b"before")
    index()
    put(ada, "f.txt", b"after")
    index()
    (item,) = trash_nodes(ada, node_ids=[node_id(ada, "f.txt")])
    index()
    restore_items(ada, item_ids=[item.pk])
    rename_node(ada, node_id=node_id(ada, "f.txt"), name="g.txt")
    index()
    assert find(ada, "before") == []
    assert find(ada, "name:f") == []
    assert find(ada, "after") == find(ada, "name:g") == ["/g.txt"]
    assert TrashItem.objects.count() == 0
    assert Node.objects.filter(parent__isnull=False).count() == Document.objects.count() == 1


def test_a_space_that_is_written_to_is_left_alone_for_a_while(ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    index()
    start = now()
    put(ada, "one.txt", b"x")
    put(ada, "two.txt", b"y")

    def seconds_later(seconds: float) -> list[int]:
        monkeypatch.setattr(journal_follower, "now", lambda: start + timedelta(seconds=seconds))
        return following.INDEX.calm(following.INDEX.spaces_behind())

    assert seconds_later(0) == []
    assert seconds_later(4) == following.INDEX.spaces_behind() != []
    Change.objects.filter(seq=Space.objects.get(owner=ada.user_id).seq).update(
        at=start + timedelta(seconds=14)
    )  # still busy then
    assert seconds_later(15) == []
    assert seconds_later(17) == following.INDEX.spaces_behind()
    assert following.INDEX.follow_all(seconds=10, only_calm=True).count == 2
