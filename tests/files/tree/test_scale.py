"""What must cost the same for two nodes and for many: moving, deleting, restoring, a page of a listing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node
from files.actions.move import move_node
from files.actions.trash import purge_items, restore_items, trash_nodes
from files.actions.write_file import WriteOptions
from files.models import BrakeCounter, Node, TrashItem
from files.queries.listing import list_folder
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def fill(actor: Actor, name: str, *, files: int, copies: int) -> int:
    """A folder `name` with `copies` folders of `files` files each; returns its id."""
    put(actor, f"{name}/0/first", b"not empty: an empty tree is not charged")
    folder = locate_path(actor, f"{name}/0").node.pk
    small = [SmallFile(f"file {number}", b"%d" % number, WriteOptions()) for number in range(files - 1)]
    if small:
        bulk_write(actor, folder=Target(parent_id=folder), files=small)
    for number in range(1, copies):
        copy_node(actor, node_id=folder, target=Target(f"{name}/{number}"))
    return locate_path(actor, name).node.pk


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_acts_on_a_tree_take_the_same_statements_whatever_its_size() -> None:
    actor = actor_of(make_user())
    small = fill(actor, "small", files=1, copies=1)
    large = fill(actor, "large", files=500, copies=40)
    assert Node.objects.get(pk=large).descendants == 20_040
    # A client that somebody has allowed to go on (files/tree/brake.py): it is counted like any other.
    moments = {"began_at": now(), "free_until": now() + timedelta(days=1)}
    BrakeCounter.objects.create(space=home_of(User.objects.get()), client=actor.credential, **moments)
    counts = []
    for pk in (small, large):
        moved = statements(lambda pk=pk: move_node(actor, node_id=pk, target=Target(f"elsewhere/{pk}")))  # type: ignore[misc]
        trashed = statements(lambda pk=pk: trash_nodes(actor, node_ids=[pk]))  # type: ignore[misc]
        item = TrashItem.objects.get(node_id=pk).pk
        restored = statements(lambda item=item: restore_items(actor, item_ids=[item]))  # type: ignore[misc]
        trash_nodes(actor, node_ids=[pk])
        item = TrashItem.objects.get(node_id=pk).pk
        purged = statements(lambda item=item: purge_items(actor, item_ids=[item]))  # type: ignore[misc]
        counts.append((moved, trashed, restored, purged))
    # the first move makes the folder it goes to, and that is all the difference there may be
    assert counts[0][1:] == counts[1][1:]
    assert counts[1][0] <= counts[0][0]


def test_copying_takes_the_same_statements_whatever_the_size() -> None:
    actor = actor_of(make_user())
    small = fill(actor, "small", files=1, copies=1)
    large = fill(actor, "large", files=500, copies=4)
    first = statements(lambda: copy_node(actor, node_id=small, target=Target("copy of small")))
    second = statements(lambda: copy_node(actor, node_id=large, target=Target("copy of large")))
    assert first == second
    assert locate_path(actor, "copy of large").node.descendants == 2_004


@pytest.mark.parametrize("order", ["name", "-size", "modified"])
def test_a_page_of_a_large_folder_is_one_query(order: str) -> None:
    actor = actor_of(make_user())
    put(actor, "d/first")
    place = locate_path(actor, "d")
    small = [SmallFile(f"file {number}", b"%d" % number, WriteOptions()) for number in range(900)]
    bulk_write(actor, folder=Target(parent_id=place.node.pk), files=small)
    seen: list[int] = []
    after = None
    while True:
        with CaptureQueriesContext(connection) as queries:
            page = list_folder(actor, place, order=order, after=after, limit=100)
        assert len(queries) == 1
        seen += [node.pk for node in page.entries]
        after = page.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 901
