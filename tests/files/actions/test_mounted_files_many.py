"""More files, folders and spaces than one home has mounts for: files give way, whatever came first."""

from typing import Any

import pytest

from accounts.actor import Actor
from files.access.rights import Role
from files.actions.create_folder import create_folder
from files.actions.mounts import bring_back, reconcile_all
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import Grant, Mount
from files.queries.listing import list_folder
from files.queries.mount_list import list_mounts, users_to_reconcile
from files.queries.target import Target
from files.queries.tree import locate_path
from tests.support.people import actor_of, make_member
from tests.support.shared_files import NAME, SharedFile, shared_file
from tests.support.shared_folders import grant_on
from tests.support.trees import put


@pytest.fixture
def world(pool: Any, monkeypatch: pytest.MonkeyPatch) -> SharedFile:
    for module in ("files.actions.mounts", "files.queries.mount_list"):
        monkeypatch.setattr(f"{module}.MAXIMUM_MOUNTS", 3)
    return shared_file()


@pytest.fixture
def viewer(world: SharedFile) -> Actor:
    """Whose home is full of files."""
    for number in range(2):
        world.share(world.viewer, Role.VIEWER, put(world.actor, f"/f{number}.txt").node)
    return actor_of(world.viewer)


def names(actor: Actor) -> list[str]:
    return [node.name for node in list_folder(actor, locate_path(actor, "/")).entries]


def test_a_space_and_a_folder_come_all_the_same(world: SharedFile, viewer: Actor) -> None:
    assert names(viewer) == ["f0.txt", "f1.txt", NAME]
    create_team_space(world.actor, name="Plans")
    assert world.viewer.pk in users_to_reconcile()
    reconcile_all()
    assert (names(viewer), users_to_reconcile()) == (["Plans", "f0.txt", NAME], [])
    folder, _ = create_folder(world.actor, target=Target("/Photos"))
    grant_on(world.actor, folder.node, world.viewer)
    reconcile_all()
    assert (names(viewer), users_to_reconcile()) == (["Photos", "Plans", NAME], [])
    Grant.objects.filter(node=folder.node).delete()
    reconcile_all()
    assert (names(viewer), users_to_reconcile()) == (["Plans", "f0.txt", NAME], [])


def test_no_more_files_give_way_than_there_is_need_of(world: SharedFile, viewer: Actor) -> None:
    for number in range(5):
        folder, _ = create_folder(world.actor, target=Target(f"/d{number}"))
        grant_on(world.actor, folder.node, world.viewer)
    reconcile_all()
    assert (names(viewer), users_to_reconcile()) == (["d0", "d1", "d2"], [])
    world.share(world.viewer, Role.VIEWER, put(world.actor, "/last.txt").node)
    assert (names(viewer), users_to_reconcile()) == (["d0", "d1", "d2"], [])


def test_what_is_hidden_is_remembered(world: SharedFile, viewer: Actor) -> None:
    """It takes its place in the count, and does not come again by itself."""
    for name in ("f0.txt", "f1.txt"):
        trash_nodes(viewer, node_ids=[locate_path(viewer, f"/{name}").node.pk])
    for name in ("Plans", "Others"):
        create_team_space(world.actor, name=name)
        reconcile_all()
    assert (names(viewer), users_to_reconcile()) == (["Plans"], [])
    assert Mount.objects.filter(user=world.viewer).count() == 3
    entry = next(entry for entry in list_mounts(viewer) if entry.name == "f0.txt")
    assert bring_back(viewer, mount_id=entry.row.pk).path == "/f0.txt"
    reconcile_all()
    assert (names(viewer), users_to_reconcile()) == (["Others", "Plans"], [])


def test_room_that_is_made_is_taken_at_once(world: SharedFile, viewer: Actor) -> None:
    member = make_member(world.owner)
    nodes = [put(world.actor, f"/g{number}.txt").node for number in range(4)]
    for node in nodes:
        grant_on(world.actor, node, member)
    reconcile_all()
    Grant.objects.filter(node=nodes[0]).delete()
    reconcile_all()
    assert (names(actor_of(member)), users_to_reconcile()) == (["g1.txt", "g2.txt", "g3.txt"], [])
