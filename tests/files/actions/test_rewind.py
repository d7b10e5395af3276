"""Rewinding a folder to a time, and undoing it."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files import errors
from files.access.rights import Role
from files.actions import rewind as module
from files.actions.copy import copy_node
from files.actions.move import move_node, rename_node
from files.actions.rewind import rewind
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.blobs import reader
from files.models import Change, ChangeKind, Grant, Node, Space
from files.queries import journal
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from tests.files.actions.rights import refuses_others
from tests.support.people import actor_of, make_user
from tests.support.shared_folders import FOLDER, shared_folder
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put

pytestmark = pytest.mark.django_db


def tree_of(space: Space) -> dict[str, bytes]:
    """Every live file's bytes by path; folders with None."""
    result: dict[str, bytes] = {}

    def visit(parent: int, path: str) -> None:
        for node in Node.objects.select_related("version__content__pool").filter(parent_id=parent):
            if node.is_folder:
                result[f"{path}/{node.name}/"] = b""
                visit(node.pk, f"{path}/{node.name}")
            else:
                assert node.version is not None
                result[f"{path}/{node.name}"] = reader.read_bytes(node.version.content)

    visit(space.root_id or 0, "")
    return result


def test_what_came_out_of_a_deleted_folder_is_found_where_it_was_at_each_time() -> None:
    """The folder around it was deleted as a whole: the journal has a line of that folder, none of what was in it."""
    user = make_user()
    actor, space = actor_of(user), home_of(user)
    times, trees = [], []

    def remember() -> None:
        space.refresh_from_db()
        times.append(space.seq)
        trees.append(tree_of(space))

    put(actor, "plan/1.txt", b"1")
    remember()
    move_node(actor, node_id=locate_path(actor, "plan").node.pk, target=Target("b/a/plan"))
    remember()
    trash_nodes(actor, node_ids=[locate_path(actor, "b").node.pk])
    remember()
    rewind(actor, node_id=space.root_id or 0, seq=times[0])  # out of the deleted folder
    assert tree_of(space) == trees[0]
    line = Change.objects.get(space=space, kind=ChangeKind.RESTORE)
    assert (line.before_path, line.after_path) == ("/b/a/plan", "/plan")
    folder = journal.children_at(space, line.before_parent_id or 0, times[1])
    assert [past.name for past in folder] == ["plan"]
    for turn in (1, 0, 2, 1, 2, 0):
        assert rewind(actor, node_id=space.root_id or 0, seq=times[turn]).lost == []
        assert tree_of(space) == trees[turn], turn


def test_everything_comes_back_and_the_rewind_can_be_undone() -> None:
    user = make_user()
    actor, space = actor_of(user), home_of(user)
    for path in ("w/a/1.txt", "w/a/2.txt", "w/b/3.txt", "outside/4.txt"):
        put(actor, path, path.encode())
    space.refresh_from_db()
    before, seq = tree_of(space), space.seq
    w = locate_path(actor, "w").node.pk
    put(actor, "w/a/1.txt", b"changed")
    put(actor, "w/new/5.txt", b"new")
    rename_node(actor, node_id=locate_path(actor, "w/a/2.txt").node.pk, name="two.txt")
    move_node(actor, node_id=locate_path(actor, "w/b").node.pk, target=Target("outside/b"))
    move_node(actor, node_id=locate_path(actor, "outside/4.txt").node.pk, target=Target("w/4.txt"))
    copy_node(actor, node_id=locate_path(actor, "w/a").node.pk, target=Target("w/a copy"))
    trash_nodes(actor, node_ids=[locate_path(actor, "w/a").node.pk])
    after = tree_of(space)
    result = rewind(actor, node_id=w, seq=seq)
    assert tree_of(space) == before
    assert not result.lost
    rewind(actor, node_id=w, seq=result.undo_seq)
    undone = tree_of(space)
    assert {k: v for k, v in undone.items() if k.startswith("/w/")} == {
        k: v for k, v in after.items() if k.startswith("/w/")
    }


def test_swapped_names_are_swapped_back() -> None:
    actor = actor_of(make_user())
    first, second = put(actor, "d/a", b"A").node.pk, put(actor, "d/b", b"B").node.pk
    place = locate_path(actor, "d")
    seq = place.node.seq
    rename_node(actor, node_id=first, name="tmp")
    rename_node(actor, node_id=second, name="a")
    rename_node(actor, node_id=first, name="b")
    rewind(actor, node_id=place.node.pk, seq=seq)
    assert locate(actor, first).path == "/d/a"
    assert locate(actor, second).path == "/d/b"


def test_a_file_from_inside_a_deleted_folder_comes_back() -> None:
    actor = actor_of(make_user())
    file = put(actor, "d/sub/a", b"A").node.pk
    d = locate_path(actor, "d").node
    move_node(actor, node_id=file, target=Target("d/other/a"))
    trash_nodes(actor, node_ids=[locate_path(actor, "d/other").node.pk])
    rewind(actor, node_id=d.pk, seq=d.seq)
    assert locate(actor, file).path == "/d/sub/a"


def test_what_was_purged_is_reported_as_lost() -> None:
    actor = actor_of(make_user())
    file = put(actor, "d/a", b"A").node.pk
    d = locate_path(actor, "d").node
    trash_nodes(actor, node_ids=[file])
    empty_trash(actor)
    remove_purged_rows()
    result = rewind(actor, node_id=d.pk, seq=d.seq)
    assert result.lost == ["/d/a"]


def test_what_was_made_later_does_not_come_back_with_its_folder() -> None:
    user = make_user()
    actor, space = actor_of(user), home_of(user)
    put(actor, "d/old", b"old")
    space.refresh_from_db()
    seq, then = space.seq, tree_of(space)
    put(actor, "d/new/file", b"new")
    trash_nodes(actor, node_ids=[locate_path(actor, "d").node.pk])
    rewind(actor, node_id=space.root_id or 0, seq=seq)
    assert tree_of(space) == then


def test_limits_at_the_edge(user: User, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    put(actor, "d/a", b"one")
    folder = locate_path(actor, "d").node
    put(actor, "d/a", b"two")
    put(actor, "d/a", b"three")
    monkeypatch.setattr(module, "MAXIMUM_CHANGES", 1)
    with pytest.raises(errors.TooMany):
        rewind(actor, node_id=folder.pk, seq=folder.seq)
    monkeypatch.setattr(module, "MAXIMUM_CHANGES", 2)
    rewind(actor, node_id=folder.pk, seq=folder.seq)
    assert bytes_at(actor, "d/a") == b"one"
    assert ledger(user) == Charge(live=3, versions=3 + 3 + 5)  # the bytes of then are a new version
    assert journal_of(actor)[-1] == ("write", "/d/a")


def test_refuses(user: User, actor: Actor) -> None:
    file = put(actor, "d/a").node
    folder, seq = locate_path(actor, "d").node, home_of(user).seq
    with pytest.raises(errors.NotAFolder):
        rewind(actor, node_id=file.pk, seq=0)
    for wrong in ({}, {"seq": -1}, {"seq": seq + 1}):
        with pytest.raises(errors.InvalidRequest):
            rewind(actor, node_id=folder.pk, **wrong)
    refuses_others(actor, lambda a: rewind(a, node_id=folder.pk, seq=0))
    assert rewind(actor, node_id=folder.pk, seq=seq).undo_seq == seq
    assert home_of(user).seq == seq


def test_who_manages_one_folder_takes_nothing_from_elsewhere() -> None:
    """What its owner has taken out of it, or deleted after that, stays where it is; and nothing is put there."""
    shared = shared_folder()
    Grant.objects.filter(node=shared.folder, user=shared.viewer).update(role=Role.MANAGER)
    them, folder = actor_of(shared.viewer), shared.folder
    out, gone, back = shared.node("sea.txt"), shared.put("gone.txt"), shared.put("back.txt")
    seq = shared.home.seq
    move_node(shared.actor, node_id=out.pk, target=Target("/mine/sea.txt"))
    move_node(shared.actor, node_id=gone.pk, target=Target("/mine/gone.txt"))
    trash_nodes(shared.actor, node_ids=[gone.pk, back.pk])
    newcomer = put(shared.actor, "/mine/new.txt").node
    move_node(shared.actor, node_id=newcomer.pk, target=Target(f"{FOLDER}/new.txt"))
    result = rewind(them, node_id=folder.pk, seq=seq)
    assert (sorted(result.lost), result.restored) == (["/gone.txt", "/sea.txt"], 1)
    names = set(Node.objects.filter(parent=folder).values_list("name", flat=True))
    assert names == {"2026", "back.txt"}
    assert Node.objects.get(pk=newcomer.pk).parent_id is None, "it is in the trash, and not put into another folder"
    assert rewind(shared.actor, node_id=folder.pk, seq=seq).lost == []
    assert {"sea.txt", "gone.txt"} <= set(Node.objects.filter(parent=folder).values_list("name", flat=True))
