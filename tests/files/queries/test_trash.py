"""files.queries.trash: what was deleted, latest first, until it is being purged."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.actor import WRITE, Actor
from accounts.models import User
from common.clock import now
from files import errors
from files.actions.trash import trash_nodes
from files.models import TrashItem
from files.queries.mounts import mounts_in
from files.queries.trash import list_trash, seen_through, trash_items
from tests.support.mounts import mounted_space
from tests.support.people import actor_of
from tests.support.shared_folders import shared_folder
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(actor: Actor) -> list[int]:
    """Of the items "a", "b", "c", deleted in this order."""
    return [trash_nodes(actor, node_ids=[put(actor, name).node.pk])[0].pk for name in "abc"]


def test_latest_first_and_of_one_moment_by_id(actor: Actor, ids: list[int], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        items = list(list_trash(actor))
        shown = [(item.path, item.deleted_by and item.deleted_by.email, item.node.version_id) for item in items]
    assert [path for path, *_ in shown] == ["/c", "/b", "/a"]
    TrashItem.objects.update(deleted_at=now())
    assert [item.pk for item in list_trash(actor)] == ids[::-1]
    TrashItem.objects.filter(pk=ids[0]).update(deleted_at=now())
    assert next(iter(list_trash(actor))).pk == ids[0]


def test_by_id_in_the_order_asked_for_and_once(actor: Actor, ids: list[int], django_assert_num_queries: Any) -> None:
    a, b, c = ids
    with django_assert_num_queries(1):
        assert [item.pk for item in trash_items(actor, [b, c, b, a])] == [b, c, a]
    for asked, missing in (([a, 10**9, 0], 10**9), ([0, a], 0), ([2**63], 2**63), ([-1], -1)):
        with pytest.raises(errors.NotFound) as refused:
            trash_items(actor, asked)
        assert refused.value.detail == {"id": missing}


def test_what_is_being_purged_is_gone(actor: Actor, ids: list[int]) -> None:
    TrashItem.objects.filter(pk=ids[1]).update(purging=True)
    assert [item.pk for item in list_trash(actor)] == [ids[2], ids[0]]
    with pytest.raises(errors.NotFound):
        trash_items(actor, [ids[1]])


def test_who_may_look(user: User, actor: Actor, outsider: Actor, ids: list[int]) -> None:
    assert list(list_trash(outsider)) == []
    with pytest.raises(errors.NotFound):
        list_trash(outsider, space_id=home_of(user).pk)
    with pytest.raises(errors.NotFound):
        trash_items(outsider, ids)
    narrow = replace(actor, scopes=frozenset({WRITE}))
    for ask in (lambda: list_trash(narrow), lambda: trash_items(narrow, ids)):
        with pytest.raises(errors.ScopeMissing):
            ask()


def test_where_in_ones_files_it_was(pool: Any) -> None:
    """Below what is mounted, by the path from there on; what lay elsewhere in the same home is not among it."""
    shared = shared_folder()
    them = actor_of(shared.editor)
    mounts = mounts_in(them, home_of(shared.editor))
    assert mounts is not None
    (inside,) = trash_nodes(them, node_ids=[shared.node("trips").pk])
    (deeper,) = trash_nodes(them, node_ids=[shared.put("2026/more/x.txt").pk])
    trash_nodes(them, node_ids=[shared.node("more").pk])
    (outside,) = trash_nodes(shared.actor, node_ids=[shared.node("canary-beside.txt").pk])
    found = seen_through(them, mounts.all(), [inside, deeper, outside])
    assert {pk: (one.mount.path, one.path) for pk, one in found.items()} == {
        inside.pk: ("/Photos", "/2026/trips"),
        deeper.pk: ("/Photos", "/2026/more/x.txt"),
    }
    assert seen_through(them, [], [inside]) == {}


def test_of_a_whole_space_without_a_query(actor: Actor, user: User, django_assert_num_queries: Any) -> None:
    space = mounted_space(actor)
    (item,) = trash_nodes(actor, node_ids=[put(actor, "a.txt", space_id=space.pk).node.pk])
    mounts = mounts_in(actor, home_of(user))
    assert mounts is not None
    places = mounts.all()
    with django_assert_num_queries(0):
        assert seen_through(actor, places, [item])[item.pk].path == "/a.txt"
