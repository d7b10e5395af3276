"""files.queries.journal: what happened to a node, and what a folder held at a number."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor, principal_of
from accounts.models import User
from files import errors
from files.actions.move import move_node, rename_node
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.models import Change
from files.queries import journal
from files.queries.journal import children_at, history, history_of, seq_at, was_moved
from files.queries.target import Target
from files.queries.tree import locate
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def test_an_outsider_has_no_journal(user: User, actor: Actor, outsider: Actor) -> None:
    put(actor, "a")
    with pytest.raises(errors.NotFound):
        history(outsider, home_of(user))


def test_history_is_latest_first_of_all_or_of_one(user: User, actor: Actor) -> None:
    a = put(actor, "a", b"1").node
    put(actor, "b")
    put(actor, "a", b"2")
    home = home_of(user)
    assert [change.seq for change in history(actor, home)] == [3, 2, 1]
    assert [change.seq for change in history_of(locate(actor, a.pk))] == [3, 1]


def test_a_repeated_move_is_known_by_the_client_that_asked(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    node = put(actor, "a").node
    move_node(actor, node_id=node.pk, target=Target("d/b"))
    place = locate(actor, node.pk)
    assert was_moved(actor, place, "/a")
    assert was_moved(actor, place, "a")
    assert not was_moved(actor, place, "/other")
    assert not was_moved(replace(actor, client="another"), place, "/a")
    assert not was_moved(replace(actor, principal=principal_of(10**9)), place, "/a")
    at = Change.objects.get(node_id=node.pk, kind="move").at
    for later, expected in ((journal.ASKED_AGAIN_WITHIN, True), (journal.ASKED_AGAIN_WITHIN * 1.01, False)):
        monkeypatch.setattr(journal, "now", lambda later=later: at + later)
        assert was_moved(actor, place, "/a") is expected
    monkeypatch.undo()
    put(actor, "d/b", b"changed since")
    assert not was_moved(actor, locate(actor, node.pk), "/a")


def test_the_number_at_a_moment_counts_the_change_of_that_moment(user: User, actor: Actor) -> None:
    home = home_of(user)
    for name in "abc":
        put(actor, name)
    at = Change.objects.get(space=home, seq=2).at
    Change.objects.filter(space=home, seq=1).update(at=at - timedelta(hours=1))
    Change.objects.filter(space=home, seq=3).update(at=at + timedelta(hours=1))
    step = timedelta(microseconds=1)
    assert [seq_at(home, at + step * n) for n in (-1, 0, 1)] == [1, 2, 2]
    assert seq_at(home, at - timedelta(hours=2)) == 0


def test_children_at_every_number(user: User, actor: Actor, django_assert_num_queries: Any) -> None:
    home = home_of(user)
    acts: list[Callable[[], Any]] = [
        lambda: put(actor, "d/a", b"1"),  # two changes: the folder, the file
        lambda: put(actor, "d/b", b"22"),
        lambda: put(actor, "d/a", b"333"),
        lambda: rename_node(actor, node_id=ids["a"], name="z"),
        lambda: move_node(actor, node_id=ids["b"], target=Target("b")),
        lambda: trash_nodes(actor, node_ids=[ids["a"]]),
    ]
    ids: dict[str, int] = {}
    for act in acts:
        done = act()
        if hasattr(done, "node"):
            ids.setdefault(done.node.name, done.node.pk)
    folder = locate(actor, ids["b"]).space.root_id or 0
    d = Change.objects.get(seq=1).node_id
    expected = {
        0: [],
        1: [],
        2: [("a", 1)],
        3: [("a", 1), ("b", 2)],
        4: [("a", 3), ("b", 2)],
        5: [("b", 2), ("z", 3)],
        6: [("z", 3)],
        7: [],
    }
    for seq, children in expected.items():
        assert [(past.name, past.size) for past in children_at(home, d, seq)] == children, seq
    assert [(past.name, past.is_folder) for past in children_at(home, folder, 6)] == [("d", True), ("b", False)]
    with django_assert_num_queries(5):
        children_at(home, d, 3)


def test_what_was_purged_is_told_and_marked(user: User, actor: Actor) -> None:
    home = home_of(user)
    kept, purged = (put(actor, name, name.encode()).node.pk for name in ("kept", "purged"))
    trash_nodes(actor, node_ids=[purged])
    empty_trash(actor)
    remove_purged_rows()
    trash_nodes(actor, node_ids=[kept])
    past = children_at(home, home.root_id or 0, 2)
    assert [(entry.name, entry.purged, entry.size) for entry in past] == [("kept", False, 4), ("purged", True, 6)]
    assert children_at(home, home.root_id or 0, home_of(user).seq) == []
