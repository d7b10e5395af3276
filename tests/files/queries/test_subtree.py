"""files.queries.subtree: everything below some places once, a folder before what is in it, by few queries."""

from typing import Any

import pytest

from accounts.actor import Actor
from files import errors
from files.access.rights import Role
from files.actions.create_folder import create_folder
from files.actions.trash import trash_nodes
from files.models import Grant
from files.queries import subtree
from files.queries.file_content import file_of_node
from files.queries.subtree import walk
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of
from tests.support.shared_files import shared_file
from tests.support.trees import put

pytestmark = pytest.mark.django_db
FILES = ["a", "d/a", "d/b", "d/c", "d/e/a", "d/e/f/g", "h/a", "h/b", "h/c", "h/d", "i/x"]
FOLDERS = ["d", "d/e", "d/e/f", "empty", "h", "i"]


@pytest.fixture
def tree(actor: Actor) -> None:
    for path in FILES:
        put(actor, path, path.encode())
    create_folder(actor, target=Target("empty"))
    trash_nodes(actor, node_ids=[put(actor, "d/gone").node.pk])


@pytest.mark.parametrize(("page", "batch"), [(500, 200), (1, 1), (1, 200), (2, 3), (3, 2), (4, 200)])
def test_everything_once_wherever_a_page_ends(
    actor: Actor, tree: None, monkeypatch: pytest.MonkeyPatch, page: int, batch: int
) -> None:
    monkeypatch.setattr(subtree, "PAGE", page)
    monkeypatch.setattr(subtree, "BATCH", batch)
    items = list(walk(actor, [((), locate_path(actor, ""))]))
    paths = ["/".join(item.names) for item in items]
    assert sorted(paths) == sorted(FILES + FOLDERS)
    assert sorted(path for path, item in zip(paths, items, strict=True) if item.file) == FILES
    for path in paths:
        parent = path.rpartition("/")[0]
        assert not parent or paths.index(parent) < paths.index(path)


def test_files_come_as_for_a_download(actor: Actor, tree: None) -> None:
    node = locate_path(actor, "d/e").node
    folder, a, f, g = walk(actor, [(("top",), locate_path(actor, "d/e"))])
    assert (folder.names, folder.file, folder.modified_at) == (("top",), None, node.modified_at)
    assert sorted([a.names, f.names, g.names]) == [("top", "a"), ("top", "f"), ("top", "f", "g")]
    for item in (a, f, g):
        if item.file is not None:
            assert item.file == file_of_node(actor, item.file.node_id)
            assert item.modified_at == item.file.modified_at


def test_places_have_the_names_given(actor: Actor, tree: None) -> None:
    places = [
        (("one",), locate_path(actor, "a")),
        (("two", "x"), locate_path(actor, "i")),
        ((), locate_path(actor, "h")),
    ]
    found = ["/".join(item.names) for item in walk(actor, places)]
    assert found[:2] == ["one", "two/x"]
    assert sorted(found[2:]) == ["a", "b", "c", "d", "two/x/x"]


def test_a_query_for_each_level_and_not_for_each_folder(
    actor: Actor, tree: None, django_assert_num_queries: Any
) -> None:
    root = locate_path(actor, "")
    with django_assert_num_queries(4):  # the root, then what is one, two, three levels down
        assert len(list(walk(actor, [((), root)]))) == len(FILES + FOLDERS)


def test_an_outsider_gets_nothing(actor: Actor, outsider: Actor, tree: None) -> None:
    for path in ("a", "d", ""):
        with pytest.raises(errors.NotFound):
            next(walk(outsider, [(("x",), locate_path(actor, path))]))


def test_a_mounted_file_that_goes_meanwhile_is_left_out(pool: Any) -> None:
    """By then its mount has been read: what comes after it is not lost."""
    world = shared_file()
    for name in ("second.txt", "third.txt"):
        world.share(world.viewer, Role.VIEWER, put(world.actor, name, name.encode()).node)
    viewer = actor_of(world.viewer)
    put(viewer, "zuletzt.txt")
    items = walk(viewer, [((), locate_path(viewer, ""))])
    assert next(items).names == ("report.txt",)
    trash_nodes(world.actor, node_ids=[locate_path(world.actor, "second.txt").node.pk])
    Grant.objects.filter(node__name="third.txt").delete()
    assert [item.names for item in items] == [("zuletzt.txt",)]
