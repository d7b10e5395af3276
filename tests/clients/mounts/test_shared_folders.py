"""A folder that a person shares out of the middle of their home, in the folders that nextcloudcmd syncs."""

import pytest

from tests.clients.mounts.conftest import World
from tests.clients.mounts.team import Member, below

pytestmark = pytest.mark.timeout(600)
ABOVE, NAME = "/private/deeper", "Photos"
FILES = {"sea.txt": b"the sea", "2026/may.txt": b"in may"}


def share(world: World) -> dict[str, str]:
    """By the owner with both; the ids of the grants, by the names of who has them."""
    for path, data in FILES.items():
        world.owner.remote.write(f"{ABOVE}/{NAME}/{path}", data)
    world.owner.remote.write(f"{ABOVE}/secret.txt", b"for nobody else")
    node = world.owner.ask("GET", "metadata", params={"path": f"{ABOVE}/{NAME}"})["id"]
    grants = {}
    for role, member in (("editor", world.editor), ("viewer", world.viewer)):
        given = {"user_id": str(member.user_id), "role": role}
        grants[role] = world.owner.ask("POST", f"nodes/{node}/grants", json=given)["id"]
    for member in (world.editor, world.viewer):
        member.wait_for(NAME)
    return grants


def contents(member: Member) -> dict[str, str]:
    return below(member.remote.tree("/"), NAME)


def test_it_is_synced_both_ways_and_ends(world: World) -> None:
    grants = share(world)
    editor, viewer = world.device(world.editor), world.device(world.viewer)
    assert below(editor.tree(), NAME) == below(viewer.tree(), NAME) == contents(world.viewer) != {}
    assert "secret.txt" not in str(viewer.tree())
    editor.write(f"{NAME}/2026/new.txt", b"by the editor")
    (editor.folder / NAME / "sea.txt").unlink()
    editor.sync()
    viewer.sync()
    assert below(viewer.tree(), NAME) == below(editor.tree(), NAME)
    assert (viewer.folder / NAME / "2026/new.txt").read_bytes() == b"by the editor"
    (viewer.folder / NAME).rename(viewer.folder / "Seen")
    viewer.sync()
    viewer.sync()
    assert below(viewer.tree(), "Seen") == below(editor.tree(), NAME)
    world.owner.ask("DELETE", f"grants/{grants['viewer']}")
    viewer.sync()
    assert not (viewer.folder / "Seen").exists()
    assert (viewer.folder / "own.txt").exists()
    editor.sync()
    assert (editor.folder / NAME / "2026/new.txt").exists()


def test_what_its_owner_deletes_goes_and_comes_back(world: World) -> None:
    share(world)
    device = world.device(world.viewer)
    before = below(device.tree(), NAME)
    item = world.owner.ask("POST", "trash", json={"paths": [ABOVE]})["items"][0]["id"]
    device.sync()
    assert not (device.folder / NAME).exists()
    world.owner.ask("POST", "trash/restore", json={"ids": [item]})
    world.viewer.wait_for(NAME)
    device.sync()
    assert below(device.tree(), NAME) == before
