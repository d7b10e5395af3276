"""files.queries.past: folders as they were, by id and by the path of that time, in pages."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files import errors
from files.actions.move import move_node, rename_node
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.models import Change
from files.queries.past import PastPage, past_by_id, past_by_path
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of
from tests.support.shared_folders import shared_folder
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
START = datetime(2020, 1, 1, tzinfo=UTC)


def spread(user: User) -> None:
    """Change n was n hours after START."""
    for change in Change.objects.filter(space=home_of(user)):
        Change.objects.filter(pk=change.pk).update(at=START + timedelta(hours=change.seq))


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def names(page: PastPage) -> list[str]:
    return [entry.name for entry in page.entries]


@pytest.fixture
def folder(user: User, actor: Actor) -> int:
    """d (1) with a (2) and b (3), called e since (4), without b since (5), deleted (6)."""
    put(actor, "d/a")
    b = put(actor, "d/b").node.pk
    pk = locate_path(actor, "d").node.pk
    rename_node(actor, node_id=pk, name="e")
    trash_nodes(actor, node_ids=[b])
    trash_nodes(actor, node_ids=[pk])
    spread(user)
    return pk


def test_by_id_whatever_became_of_it(actor: Actor, folder: int) -> None:
    for number, expected in ((0, []), (1, []), (2, ["a"]), (3, ["a", "b"]), (4, ["a", "b"]), (5, ["a"]), (6, ["a"])):
        page = past_by_id(actor, node_id=folder, moment=hour(number))
        assert (page.seq, names(page), page.path, page.after) == (number, expected, None, None)
    empty_trash(actor)
    remove_purged_rows()
    purged = past_by_id(actor, node_id=folder, moment=hour(3))
    assert ("b", True) in [(entry.name, entry.purged) for entry in purged.entries]


def test_by_the_path_of_that_time(actor: Actor, folder: int) -> None:
    for path, number in (("d", 3), ("/e", 4)):
        page = past_by_path(actor, path=path, moment=hour(number))
        assert (page.path, names(page)) == (f"/{path.strip('/')}", ["a", "b"])
    root = past_by_path(actor, path="/", moment=hour(4))
    assert (root.path, names(root)) == ("/", ["e"])
    for path, number in (("d", 4), ("e", 3), ("d", 0), ("e", 6), ("d/x", 3)):
        with pytest.raises(errors.NotFound):
            past_by_path(actor, path=path, moment=hour(number))
    with pytest.raises(errors.NotAFolder):
        past_by_path(actor, path="d/a", moment=hour(3))


def test_pages_are_of_one_number(user: User, actor: Actor) -> None:
    for name in "abcd":
        put(actor, name)
    root = home_of(user).root_id or 0
    now = datetime.now(UTC) + timedelta(seconds=1)
    first = past_by_id(actor, node_id=root, moment=now, limit=2)
    assert (names(first), first.after) == (["a", "b"], 2)
    trash_nodes(actor, node_ids=[locate_path(actor, "a").node.pk])
    later = {"moment": now, "seq": first.seq, "after": 2}
    for page in (
        past_by_id(actor, node_id=root, limit=2, **later),  # type: ignore[arg-type]
        past_by_path(actor, path="", limit=2, **later),  # type: ignore[arg-type]
    ):
        assert (names(page), page.seq, page.after) == (["c", "d"], first.seq, None)
    assert past_by_id(actor, node_id=root, limit=1, **later).after == 3  # type: ignore[arg-type]


def test_an_outsider_and_odd_ids(user: User, actor: Actor, outsider: Actor, folder: int) -> None:
    when = hour(3)
    file = put(actor, "file").node.pk
    with pytest.raises(errors.NotAFolder):
        past_by_id(actor, node_id=file, moment=when)
    for node_id in (0, -1, 2**63, 10**9):
        with pytest.raises(errors.NotFound):
            past_by_id(actor, node_id=node_id, moment=when)
    for node_id in (folder, file):  # what it is is said only to who sees it
        with pytest.raises(errors.NotFound):
            past_by_id(outsider, node_id=node_id, moment=when)
    with pytest.raises(errors.NotFound):
        past_by_path(outsider, path="d", moment=when, space_id=home_of(user).pk)
    empty_trash(actor)
    remove_purged_rows()
    with pytest.raises(errors.NotFound):
        past_by_id(outsider, node_id=folder, moment=when)


def test_of_a_folder_that_somebody_shares(pool: object) -> None:
    """By the mount, by its path, and by ids in it: what was in it then and is elsewhere now is not theirs to see."""
    shared = shared_folder()
    them, moment = actor_of(shared.viewer), now()
    move_node(shared.actor, node_id=shared.node("may.txt").pk, target=Target("/canary.txt"))
    folder, mount = shared.node("2026"), locate_path(them, "/Photos").node
    pages = [past_by_path(them, path="/Photos/2026", moment=moment), past_by_id(them, node_id=folder.pk, moment=moment)]
    assert [names(page) for page in pages] == [["trips"], ["trips"]]
    assert names(past_by_id(them, node_id=mount.pk, moment=moment)) == ["2026", "sea.txt"]
    assert names(past_by_id(shared.actor, node_id=folder.pk, moment=moment)) == ["trips", "may.txt"]
    for node_id in (shared.node("canary-deeper").pk, shared.home.root_id or 0):
        with pytest.raises(errors.NotFound):
            past_by_id(them, node_id=node_id, moment=moment)
