"""Locks stand against every action, whatever the endpoint: the core's own tests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import Role, User
from common.clock import now
from files import errors
from files.actions.annotations import PropertyChange, set_properties
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.finish_upload import finish_upload
from files.actions.lock import MAXIMUM_TIMEOUT, LockOptions, lock_node, refresh_lock, sweep_locks, unlock_node
from files.actions.move import move_node, move_nodes, rename_node
from files.actions.rewind import rewind
from files.actions.spaces import create_team_space
from files.actions.trash import empty_trash, remove_purged_rows, restore_items, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.versions import restore_version
from files.actions.write_file import write_node
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Node, NodeLock, NodeProperty, Space, Version
from files.queries.locks import lock_on
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from files.tree.writing import Mode, WriteOptions
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


def node_id(actor: Actor, path: str) -> int:
    return locate_path(actor, path).node.pk


def lock(actor: Actor, path: str, **options: Any) -> NodeLock:
    return lock_node(actor, node_id=node_id(actor, path), options=LockOptions(**options))


def holding(actor: Actor, *locks: NodeLock) -> Actor:
    return replace(actor, lock_tokens=frozenset(lock.token for lock in locks))


Act = Callable[[Actor], Any]
FILE = "f/a.txt"
# Each changes /f/a.txt, or the list of what is in /f; with what it must meet a lock of.
ACTS: dict[str, tuple[Act, set[str]]] = {
    "write": (lambda a: put(a, FILE, b"new"), {"file", "deep"}),
    "write large": (lambda a: put(a, FILE, b"x" * 100_000), {"file", "deep"}),
    "write by id": (
        lambda a: write_node(a, node_id=node_id(a, FILE), chunks=[b"new"], length=3),
        {"file", "deep"},
    ),
    "new file": (lambda a: put(a, "f/new.txt"), {"folder", "deep"}),
    "new file below": (lambda a: put(a, "f/new/new.txt"), {"folder", "deep"}),
    "new folder": (lambda a: create_folder(a, target=Target("f/new")), {"folder", "deep"}),
    "rename": (lambda a: rename_node(a, node_id=node_id(a, FILE), name="b.txt"), {"file", "folder", "deep"}),
    "move out": (lambda a: move_node(a, node_id=node_id(a, FILE), target=Target("b")), {"file", "folder", "deep"}),
    "move in": (lambda a: move_node(a, node_id=node_id(a, "g/c.txt"), target=Target("f/c")), {"folder", "deep"}),
    "move many": (
        lambda a: move_nodes(a, node_ids=[node_id(a, FILE)], parent_id=node_id(a, "g")),
        {"file", "folder", "deep"},
    ),
    "move over": (
        lambda a: move_node(a, node_id=node_id(a, "g/c.txt"), target=Target(FILE), overwrite=True),
        {"file", "folder", "deep"},
    ),
    "move the folder": (lambda a: rename_node(a, node_id=node_id(a, "f"), name="h"), {"file", "folder", "deep"}),
    "copy in": (lambda a: copy_node(a, node_id=node_id(a, "g/c.txt"), target=Target("f/c")), {"folder", "deep"}),
    "trash": (lambda a: trash_nodes(a, node_ids=[node_id(a, FILE)]), {"file", "folder", "deep"}),
    "trash the folder": (lambda a: trash_nodes(a, node_ids=[node_id(a, "f")]), {"file", "folder", "deep"}),
    "restore": (lambda a: restore_items(a, item_ids=[_trashed(a)]), {"folder", "deep"}),
    "restore version": (
        lambda a: restore_version(
            a, node_id=node_id(a, FILE), version_id=Version.objects.filter(node_id=node_id(a, FILE)).earliest("pk").pk
        ),
        {"file", "deep"},
    ),
    "upload": (lambda a: _upload(a, FILE), {"file", "deep"}),
    "upload new": (lambda a: _upload(a, "f/new.bin"), {"folder", "deep"}),
    "properties": (
        lambda a: set_properties(a, node_id=node_id(a, FILE), changes=[PropertyChange("", "x", "1")]),
        {"file", "deep"},
    ),
    "time": (lambda a: set_properties(a, node_id=node_id(a, FILE), modified_at=now()), {"file", "deep"}),
    "rewind": (
        lambda a: rewind(a, node_id=node_id(a, "f"), moment=Version.objects.earliest("pk").created_at),
        {"file", "deep"},
    ),
}


def _trashed(actor: Actor) -> int:
    from files.queries.trash import list_trash

    item = list_trash(actor).first()
    assert item is not None
    return item.pk


def _upload(actor: Actor, path: str) -> None:
    upload = open_upload(actor, wanted=UploadOptions(target=Target(path), length=3, mode=Mode.OVERWRITE))
    write_piece(actor, upload_id=upload.pk, chunks=[b"new"], piece=PieceOptions(0, 3))
    finish_upload(actor, upload_id=upload.pk)


def world(actor: Actor) -> None:
    put(actor, FILE, b"one")
    put(actor, FILE, b"two")
    put(actor, "g/c.txt")
    put(actor, "f/gone.txt")
    trash_nodes(actor, node_ids=[node_id(actor, "f/gone.txt")])


@pytest.mark.parametrize("where", ["file", "folder", "deep"])
@pytest.mark.parametrize("name", ACTS)
def test_every_action_honours_locks(actor: Actor, name: str, where: str) -> None:
    world(actor)
    act, meets = ACTS[name]
    taken = lock(actor, FILE if where == "file" else "f", is_deep=where == "deep")
    if where in meets:
        before = home_of_actor(actor).seq
        with pytest.raises(errors.Locked) as refused:
            act(actor)
        assert refused.value.detail["path"] == ("/" + FILE if where == "file" else "/f")
        assert refused.value.detail["holder"] == "ada@example.com"
        assert home_of_actor(actor).seq == before
    act(holding(actor, taken))


def home_of_actor(actor: Actor) -> Space:
    return Space.objects.get(owner_id=actor.user_id)


def test_bulk_refuses_what_is_locked_alone(actor: Actor) -> None:
    world(actor)
    lock(actor, FILE)
    files = [SmallFile(path, b"new", WriteOptions()) for path in (FILE, "f/b.txt", "g/c.txt")]
    _, puts = bulk_write(actor, folder=Target(), files=files)
    assert [type(put.error) for put in puts] == [errors.Locked, type(None), type(None)]


def test_purge_takes_properties_along(actor: Actor) -> None:
    put(actor, FILE)
    set_properties(actor, node_id=node_id(actor, FILE), changes=[PropertyChange("", "x", "1")])
    trash_nodes(actor, node_ids=[node_id(actor, "f")])
    empty_trash(actor)
    remove_purged_rows()
    assert not NodeProperty.objects.exists()
    assert Node.objects.count() == 1


def test_moving_between_spaces(user: User, actor: Actor) -> None:
    space = create_team_space(actor, name="team")
    put(actor, FILE)
    put(actor, "t.txt", space_id=space.pk)
    taken = lock(actor, FILE)
    move = lambda a: move_node(a, node_id=node_id(actor, "f"), target=Target("f", space_id=space.pk))  # noqa: E731
    with pytest.raises(errors.Locked):
        move(actor)
    there = lock_node(actor, node_id=space.root_id or 0, options=LockOptions())
    with pytest.raises(errors.Locked):
        move(holding(actor, taken))
    move(holding(actor, taken, there))
    assert list(NodeLock.objects.values_list("pk", flat=True)) == [there.pk]


def test_a_lock_ends(actor: Actor) -> None:
    put(actor, FILE)
    taken = lock(actor, FILE, timeout=timedelta(days=400))
    assert taken.expires_at - taken.created_at == MAXIMUM_TIMEOUT
    assert home_of_actor(actor).locked_until == taken.expires_at
    past = now() - timedelta(seconds=1)
    NodeLock.objects.update(expires_at=past)
    put(actor, FILE, b"new")
    assert lock_on(locate(actor, node_id(actor, FILE))) is None
    assert sweep_locks() == 1
    assert not NodeLock.objects.exists()


def test_refresh_and_unlock(user: User, actor: Actor) -> None:
    put(actor, FILE)
    taken = lock(actor, FILE, timeout=timedelta(seconds=60))
    with pytest.raises(errors.PreconditionFailed):
        refresh_lock(actor, node_id=taken.node_id)
    longer = refresh_lock(holding(actor, taken), node_id=taken.node_id, timeout=timedelta(hours=1))
    assert longer.expires_at > taken.expires_at + timedelta(minutes=30)
    with pytest.raises(errors.LockTokenMismatch):
        unlock_node(actor, node_id=taken.node_id, token="urn:uuid:no")
    assert unlock_node(actor, node_id=taken.node_id) == 1
    assert home_of_actor(actor).locked_until is None
    with pytest.raises(errors.LockTokenMismatch):
        unlock_node(actor, node_id=taken.node_id)


def test_who_may_unlock(user: User, actor: Actor) -> None:
    bob = actor_of(make_user("bob@example.com", team=user.membership.team))
    space = create_team_space(actor, name="team")
    put(actor, "a.txt", space_id=space.pk)
    node = locate_path(actor, "a.txt", space_id=space.pk).node.pk
    lock_node(actor, node_id=node, options=LockOptions())
    with pytest.raises(errors.Forbidden):
        unlock_node(bob, node_id=node)
    assert unlock_node(actor, node_id=node) == 1
    lock_node(bob, node_id=node, options=LockOptions())
    assert unlock_node(replace(actor, role=Role.ADMIN), node_id=node) == 1
    with pytest.raises(errors.NotFound):
        unlock_node(actor_of(make_user("eve@example.com")), node_id=node)


def test_no_query_without_locks(actor: Actor) -> None:
    put(actor, FILE, b"one")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            put(actor, FILE, now().isoformat().encode())
        assert not [query for query in captured if "files_nodelock" in query["sql"]]
        return len(captured)

    before = queries()
    taken = lock(actor, FILE)
    unlock_node(actor, node_id=taken.node_id)
    assert queries() == before


def test_a_lock_elsewhere_costs_one_query(user: User, actor: Actor) -> None:
    put(actor, "f/a.txt")
    lock(actor, "f")
    with CaptureQueriesContext(connection) as captured:
        put(actor, "g.txt", b"x")
    assert len([query for query in captured if "files_nodelock" in query["sql"]]) <= 2
    assert home_of(user).locked_until is not None
