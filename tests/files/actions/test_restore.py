"""files.actions.trash.restore: back from the trash."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files import errors
from files.actions.move import rename_node
from files.actions.spaces import create_team_space
from files.actions.trash import restore_items, trash_nodes
from files.models import TrashItem
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import bytes_at, journal_of, ledger, put


def trashed(actor: Actor, path: str) -> int:
    (item,) = trash_nodes(actor, node_ids=[locate_path(actor, path).node.pk])
    return item.pk


def test_where_it_was_with_all_versions(user: User, actor: Actor) -> None:
    put(actor, "d/a", b"one")
    put(actor, "d/a", b"three")
    item = trashed(actor, "d")
    (place,) = restore_items(actor, item_ids=[item])
    assert place.path == "/d"
    assert bytes_at(actor, "d/a") == b"three"
    assert journal_of(actor)[-1] == ("restore", "/d")
    assert ledger(user) == Charge(live=5, versions=3)
    assert not TrashItem.objects.exists()
    with pytest.raises(errors.NotFound):
        restore_items(actor, item_ids=[item])


def test_a_taken_name_is_left_alone(actor: Actor) -> None:
    put(actor, "a.txt", b"old")
    item = trashed(actor, "a.txt")
    put(actor, "a.txt", b"new")
    (place,) = restore_items(actor, item_ids=[item])
    assert place.path == "/a (2).txt"
    assert (bytes_at(actor, "a.txt"), bytes_at(actor, "a (2).txt")) == (b"new", b"old")


def test_its_folder_wherever_that_is_now(actor: Actor) -> None:
    put(actor, "d/a")
    item = trashed(actor, "d/a")
    rename_node(actor, node_id=locate_path(actor, "d").node.pk, name="renamed")
    (place,) = restore_items(actor, item_ids=[item])
    assert place.path == "/renamed/a"


def test_its_folder_is_made_again(actor: Actor) -> None:
    put(actor, "d/e/a")
    item = trashed(actor, "d/e/a")
    trashed(actor, "d")
    (place,) = restore_items(actor, item_ids=[item])
    assert place.path == "/d/e/a"
    assert journal_of(actor)[-3:] == [("create", "/d"), ("create", "/d/e"), ("restore", "/d/e/a")]


def test_into_another_folder_of_the_space(actor: Actor) -> None:
    put(actor, "a")
    folder = put(actor, "f/x").place.ancestors[-1].id
    item = trashed(actor, "a")
    shared = create_team_space(actor, name="team")
    with pytest.raises(errors.InvalidRequest):
        restore_items(actor, item_ids=[item], parent_id=shared.root_id)
    (place,) = restore_items(actor, item_ids=[item], parent_id=folder)
    assert place.path == "/f/a"


def test_who_may_and_all_or_none(actor: Actor) -> None:
    put(actor, "a")
    item = trashed(actor, "a")
    refuses_others(actor, lambda a: restore_items(a, item_ids=[item]))
    with pytest.raises(errors.NotFound):
        restore_items(actor, item_ids=[item, 10**9])
    with pytest.raises(errors.InvalidRequest):
        restore_items(actor, item_ids=[])
    assert TrashItem.objects.count() == 1
