"""Undoing all that a held client did: byte for byte, and without what others did meanwhile."""

import os
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.actor import Actor, system
from accounts.errors import QuotaExceeded
from accounts.models import AuditEvent, QuotaAccount, User
from common.clock import now
from files import errors
from files.access.rights import Role
from files.actions import brake_revert as module
from files.actions.brake import accept
from files.actions.brake_revert import revert, run_reverts
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.lock import LockOptions, lock_node
from files.actions.move import move_node, rename_node
from files.actions.trash import empty_trash, purge_items, restore_items, trash_nodes
from files.models import Brake, BrakeState, Favourite, Grant, Node, Space, TrashItem, Version
from files.queries.target import Target
from files.queries.tree import locate, locate_path
from files.tree import brake as brake_of_trees
from tests.files.actions.test_rewind import tree_of
from tests.support.people import actor_of, make_member, make_token
from tests.support.shared_folders import grant_on
from tests.support.trees import bytes_at, home_of, put

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is."""
    monkeypatch.setattr(module, "AT_ONCE", 600.0)


@pytest.fixture
def program(user: User) -> Actor:
    """A client with a token, which runs amok."""
    return actor_of(user, token_id=make_token(user)[0].pk)


def hold(program: Actor, settings: Settings) -> Brake:
    """Stops it with its next act, which is refused."""
    settings.BRAKE_FLOOR = settings.BRAKE_MOST = settings.BRAKE_STRICT = 20
    settings.BRAKE_SHARE = 1
    put(program, "the last", b"")
    with pytest.MonkeyPatch.context() as patch, suppress(errors.ChangesHeld):
        patch.setattr(brake_of_trees, "_count_repeats", lambda *_: 0)  # one file is enough here
        for number in range(50):
            put(program, "the last", b"%d" % number)
    return Brake.objects.get(released_at=None)


def state_of(space: Space) -> dict[str, tuple[int, bytes]]:
    """Ids and bytes of what is live, by path."""
    ids = live_nodes(space)
    return {path: (ids[path.rstrip("/")], data) for path, data in tree_of(space).items()}


def live_nodes(space: Space) -> dict[str, int]:
    """Ids by path."""
    found, level = dict[str, int](), [("", space.root_id or 0)]
    while level:
        path, parent_id = level.pop()
        below = [(f"{path}/{node.name}", node.pk) for node in Node.objects.filter(parent_id=parent_id)]
        found.update(below)
        level += below
    return found


def test_ransomware(program: Actor, actor: Actor, user: User, settings: Settings) -> None:
    ids = [put(actor, f"d/{number % 3}/{number:02}.txt", b"text %d" % number).node.pk for number in range(30)]
    Favourite.objects.create(user=user, node_id=ids[0])
    before, space = state_of(home_of(user)), home_of(user)
    times = dict(Version.objects.filter(node__in=ids).values_list("node_id", "modified_at"))
    for number, node_id in enumerate(ids[:8]):
        put(program, f"d/{number % 3}/{number:02}.txt", os.urandom(500))
        rename_node(program, node_id=node_id, name=f"{number:02}.txt.locked")
    for number in range(8, 14):
        put(program, f"d/{number % 3}/{number:02}.txt.locked", os.urandom(500))
        trash_nodes(program, node_ids=[ids[number]])
    put(program, "d/HOW_TO_DECRYPT.txt", b"pay")
    brake = hold(program, settings)
    found = revert(actor, brake_id=brake.pk)
    assert (found.state, found.error_code) == (BrakeState.REVERTED, "")
    assert found.result["lost"] == found.result["kept"] == []
    assert state_of(space) == before
    assert {node.pk: node.modified_at for node in Node.objects.filter(pk__in=ids)} == times
    assert Favourite.objects.filter(node_id=ids[0]).exists()
    assert Version.objects.filter(node_id=ids[0]).count() == 3  # what it was, the noise, what it was
    assert AuditEvent.objects.get(kind="brake.revert").actor_id == actor.user_id
    with pytest.raises(errors.ChangesHeld):
        put(program, "more")  # it is still held
    accept(actor, brake_id=brake.pk)
    put(program, "more")


def test_folders_moved_renamed_deleted_and_made(program: Actor, actor: Actor, user: User, settings: Settings) -> None:
    for path in ("a/b/1", "a/b/2", "a/c/3", "e/4", "f/5", "g/h/6"):
        put(actor, path, path.encode())
    before, space = state_of(home_of(user)), home_of(user)
    folder = {name: locate_path(actor, name).node.pk for name in ("a", "a/b", "a/c", "e", "f", "g", "g/h")}
    move_node(program, node_id=folder["a/b"], target=Target("b2"))
    rename_node(program, node_id=folder["a"], name="a2")
    create_folder(program, target=Target("a"))
    create_folder(program, target=Target("a/b"))
    move_node(program, node_id=locate_path(actor, "b2/1").node.pk, target=Target("a/b/1"))
    copy_node(program, node_id=folder["e"], target=Target("copy"))
    trash_nodes(program, node_ids=[locate_path(actor, "f/5").node.pk])
    trash_nodes(program, node_ids=[folder["f"]])
    put(program, "g/h/6", b"other")
    put(program, "g/h/new", b"new")
    trash_nodes(program, node_ids=[folder["g"]])
    put(program, "f", b"a file with the name of a folder")
    move_node(program, node_id=folder["e"], target=Target("a/e"))
    found = revert(actor, brake_id=hold(program, settings).pk)
    assert found.result["lost"] == []
    assert state_of(space) == before


def test_two_that_swap_their_names(program: Actor, actor: Actor, user: User, settings: Settings) -> None:
    one, two = (put(actor, name, name.encode()).node.pk for name in ("one", "two"))
    before = state_of(home_of(user))
    rename_node(program, node_id=one, name="x")
    rename_node(program, node_id=two, name="one")
    rename_node(program, node_id=one, name="two")
    revert(actor, brake_id=hold(program, settings).pk)
    assert state_of(home_of(user)) == before


def test_what_others_did_meanwhile_stays(program: Actor, actor: Actor, user: User, settings: Settings) -> None:
    ids = {name: put(actor, f"d/{name}", name.encode()).node.pk for name in ("1.txt", "2.txt", "3.txt", "4.txt")}
    put(program, "d/1.txt", b"noise")
    put(actor, "d/1.txt", b"mine over it")
    put(program, "d/2.txt", b"noise")
    rename_node(actor, node_id=ids["2.txt"], name="my name.txt")
    trash_nodes(program, node_ids=[ids["3.txt"]])
    put(actor, "d/3.txt", b"a new third")
    create_folder(program, target=Target("made"))
    put(program, "made/by it", b"x")
    put(actor, "made/by me", b"mine")
    put(program, "shared.txt", b"by it")
    put(actor, "shared.txt", b"then by me")
    rename_node(program, node_id=ids["4.txt"], name="four.txt")
    move_node(actor, node_id=ids["4.txt"], target=Target("kept/4.txt"))
    put(actor, "d/new.txt", b"new")
    found = revert(actor, brake_id=hold(program, settings).pk)
    assert tree_of(home_of(user)) == {
        "/d/": b"",
        "/d/1.txt": b"1.txt",
        "/d/1 (conflict copy).txt": b"mine over it",
        "/d/my name.txt": b"2.txt",
        "/d/3.txt": b"a new third",
        "/d/3 (2).txt": b"3.txt",
        "/d/new.txt": b"new",
        "/kept/": b"",
        "/kept/4.txt": b"4.txt",
        "/made/": b"",
        "/made/by me": b"mine",
        "/shared.txt": b"then by me",
    }
    assert found.result["copies"] == 1
    assert sorted(found.result["kept"]) == ["/made", "/shared.txt"]


def test_since_another_moment(program: Actor, actor: Actor, user: User, settings: Settings) -> None:
    put(actor, "a", b"1")
    put(program, "new before", b"x")
    middle = now()
    put(program, "new after", b"x")
    put(program, "a", b"2")
    brake = hold(program, settings)
    with pytest.raises(errors.InvalidRequest):
        revert(actor, brake_id=brake.pk, since=now() + timedelta(hours=1))
    revert(actor, brake_id=brake.pk, since=middle)
    assert tree_of(home_of(user)) == {"/a": b"1", "/new before": b"x"}
    revert(actor, brake_id=brake.pk, since=middle - timedelta(hours=1))
    assert tree_of(home_of(user)) == {"/a": b"1"}


def test_what_was_purged_is_named(program: Actor, actor: Actor, settings: Settings) -> None:
    node_id = put(actor, "d/a", b"1").node.pk
    trash_nodes(program, node_ids=[node_id])
    purge_items(program, item_ids=[TrashItem.objects.get().pk])
    found = revert(actor, brake_id=hold(program, settings).pk)
    assert found.result["lost"] == ["/d/a"]


def test_what_it_had_restored_goes_to_the_trash_again(
    program: Actor, actor: Actor, user: User, settings: Settings
) -> None:
    trash_nodes(actor, node_ids=[put(actor, "d/a", b"1").node.pk])
    restore_items(program, item_ids=[TrashItem.objects.get().pk])
    put(program, "d/a", b"2")
    revert(actor, brake_id=hold(program, settings).pk, since=now() - timedelta(hours=1))
    assert tree_of(home_of(user)) == {"/d/": b""}


def test_locks_and_grants(program: Actor, actor: Actor, user: User, settings: Settings) -> None:
    user.membership.team.seats = 5
    user.membership.team.save()
    node = put(actor, "a", b"1").node
    grant = grant_on(actor, node, make_member(user), Role.EDITOR)
    put(program, "a", b"2")
    lock_node(program, node_id=node.pk, options=LockOptions())
    lock_node(program, node_id=put(program, "new", b"2").node.pk, options=LockOptions())
    revert(actor, brake_id=hold(program, settings).pk)
    assert bytes_at(actor, "a") == b"1"
    assert Grant.objects.get(node=node).pk == grant.pk


def test_large_ones_are_finished_by_the_job(
    program: Actor, actor: Actor, user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [put(actor, f"d/{number:02}", b"%d" % number).node.pk for number in range(12)]
    before = state_of(home_of(user))
    for node_id in ids:
        rename_node(program, node_id=node_id, name=f"x{node_id}")
    brake = hold(program, settings)
    monkeypatch.setattr(module, "AT_ONCE", 0.0)
    monkeypatch.setattr(module, "TIME", 0.0)
    found = revert(actor, brake_id=brake.pk)
    assert (found.state, found.done) == (BrakeState.REVERTING, 1)
    with pytest.raises(errors.Busy):
        accept(actor, brake_id=brake.pk)
    assert revert(actor, brake_id=brake.pk).done == 2  # goes on, and does not begin again
    assert AuditEvent.objects.filter(kind="brake.revert").count() == 1
    assert run_reverts(seconds=60) == len(found.plan) - 2
    assert state_of(home_of(user)) == before
    assert run_reverts(seconds=60) == 0


def test_a_full_quota_ends_it_and_it_begins_again(program: Actor, actor: Actor, user: User, settings: Settings) -> None:
    put(actor, "a", bytes(1000))
    put(program, "a", bytes(10))
    brake = hold(program, settings)
    quota = QuotaAccount.objects.get(user=user)
    QuotaAccount.objects.filter(pk=quota.pk).update(limit_bytes=quota.used_bytes + 10)
    found = revert(actor, brake_id=brake.pk)
    assert (found.state, found.error_code) == (BrakeState.FAILED, QuotaExceeded.code)
    with pytest.raises(errors.ChangesHeld):
        put(program, "x")
    QuotaAccount.objects.filter(pk=quota.pk).update(limit_bytes=None)
    assert revert(actor, brake_id=brake.pk).state == BrakeState.REVERTED
    assert bytes_at(actor, "a") == bytes(1000)


def test_what_goes_back_over_too_much(
    program: Actor, actor: Actor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    brake = hold(program, settings)
    monkeypatch.setattr(module, "MAXIMUM_CHANGES", 10)
    with pytest.raises(errors.TooMany):
        revert(actor, brake_id=brake.pk)


@pytest.mark.parametrize("seed", range(8))
def test_anything_it_does_is_undone(seed: int, program: Actor, actor: Actor, user: User, settings: Settings) -> None:
    """Random acts of a program that is alone: afterwards every node is where it was, with its bytes."""
    chance = random.Random(seed)
    for number in range(12):
        put(actor, "/".join(chance.choices("abc", k=chance.randint(1, 3))) + f"/{number}", b"%d" % number)
    before, space = state_of(home_of(user)), home_of(user)
    settings.BRAKE = False
    for step in range(40):
        there = sorted(live_nodes(space).values())
        _act(chance, program, chance.choice(there) if there else 0, step)
    settings.BRAKE = True
    found = revert(actor, brake_id=hold(program, settings).pk, since=now() - timedelta(hours=1))
    assert found.state == BrakeState.REVERTED
    assert state_of(space) == before
    empty_trash(system("tests"), space_id=space.pk)


def _act(chance: random.Random, program: Actor, node_id: int, step: int) -> None:
    try:
        act = chance.choice(["write", "write", "new", "rename", "move", "trash", "restore", "folder", "copy"])
        place = locate(program, node_id) if node_id else None
        name = chance.choice(["a", "b", "c", f"n{step}"])
        if act == "new" or place is None:
            put(program, f"{name}/{step}", os.urandom(80))
        elif act == "write" and not place.node.is_folder:
            put(program, place.path, os.urandom(80))
        elif act == "rename":
            rename_node(program, node_id=node_id, name=name)
        elif act == "move":
            move_node(program, node_id=node_id, target=Target(f"{chance.choice('abc')}/{name}"))
        elif act == "copy":
            copy_node(program, node_id=node_id, target=Target(f"k{step}"))
        elif act == "folder":
            create_folder(program, target=Target(f"{name}{step}"))
        elif act == "trash":
            trash_nodes(program, node_ids=[node_id])
        elif act == "restore" and (item := TrashItem.objects.filter(purging=False).order_by("?").first()):
            restore_items(program, item_ids=[item.pk])
    except errors.FileError:
        return
