"""A team's space in the folders that nextcloudcmd syncs: what others got wrong with mounts, each with the real client.

The numbers are those of the reports: nextcloud/server#16458, #17819, #21407, #44668, owncloud/client#9441, #1932,
#1257, nextcloud/desktop#1743.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.clients.mounts.conftest import FILES, NAME, World
from tests.clients.mounts.team import Member, below, files_in, wait_until
from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.request_log import RequestLog
from tests.servers.product import Product

pytestmark = pytest.mark.timeout(300)


def test_all_members_get_it_and_a_quiet_run_is_one_propfind(world: World, team_log: RequestLog) -> None:
    device = world.device(world.viewer)
    assert below(device.tree(), NAME) == world.contents()
    assert len(files_in(below(device.tree(), NAME))) == len(FILES)
    assert (device.folder / "own.txt").exists()
    device.sync()
    team_log.clear()
    device.sync()
    assert team_log.methods["PROPFIND"] == 1, [str(one) for one in team_log.requests]
    assert team_log.failures == []


def test_a_change_deep_in_a_mount_reaches_a_member(world: World, team_log: RequestLog) -> None:
    """The entity tags of the mount and of everything above it climb, and nothing else is looked at."""
    device = world.device(world.viewer)
    world.viewer.remote.make_folder("/elsewhere")
    device.sync()
    writer = world.device(world.editor)
    writer.write(f"{NAME}/notes/deep/new.txt", b"by the editor")
    (writer.folder / NAME / "budget.txt").unlink()
    writer.sync()
    team_log.clear()
    device.sync()
    assert below(device.tree(), NAME) == below(writer.tree(), NAME) == world.contents()
    asked = [one.path for one in team_log.of("PROPFIND")]
    assert [path for path in asked if "elsewhere" in path] == []
    # The home, the mount and the two folders on the way.
    assert len(asked) == 4, asked


@pytest.mark.parametrize("how", ["person", "group"])
def test_a_viewer_renames_and_moves_the_mount(world: World, team_log: RequestLog, how: str) -> None:
    """It is theirs (#16458, #17819), and does not go away by that, nor for members of a group (#21407, #44668)."""
    if how == "group":
        _by_group_instead(world)
    viewer, before = world.viewer, world.contents()
    device = world.device(viewer)
    viewer.remote.make_folder("/work")
    device.sync()
    team_log.clear()
    for name in ("Our plans", "work/Our plans"):
        (device.folder / _mounted_at(device)).rename(device.folder / name)
        device.sync()
        device.sync()
        assert below(device.tree(), name) == before == viewer.remote.tree(f"/{name}")
        assert not (device.folder / NAME).exists()
    assert [str(one) for one in team_log.of("PUT")] == []
    assert [str(one) for one in team_log.of("DELETE")] == []
    assert len(team_log.of("MOVE")) == 2
    assert world.contents() == before, "nobody else sees it"
    assert NAME in world.editor.names()
    world.space.rename("Renamed by the manager")
    world.owner.remote.write(f"/{NAME}/later.txt", b"later")
    device.sync()
    assert (device.folder / "work/Our plans/later.txt").read_bytes() == b"later"
    assert viewer.names() == {"own.txt", "work"}
    second = world.device(viewer, "phone")
    assert second.tree() == device.tree()


def test_a_client_that_deletes_the_folder_hides_it(world: World, team_log: RequestLog) -> None:
    """And deletes nothing (owncloud/client#9441); brought back, it syncs again."""
    editor, before = world.editor, world.contents()
    device = world.device(editor)
    shutil.rmtree(device.folder / NAME)
    device.sync()
    assert [one.path.rpartition("/")[2] for one in team_log.of("DELETE")] == [NAME]
    assert world.contents() == before, "nothing of the space is deleted"
    assert editor.names() == {"own.txt"}
    world.space.add(world.viewer, "commenter")  # whatever brings homes in line leaves it hidden
    world.owner.remote.write(f"/{NAME}/later.txt", b"later")
    device.sync()
    assert set(device.tree()) == {"own.txt"}
    _bring_back(editor)
    device.sync()
    assert below(device.tree(), NAME) == world.contents()
    assert (device.folder / NAME / "later.txt").read_bytes() == b"later"


def test_what_a_viewer_deletes_comes_back(world: World) -> None:
    """owncloud/client#1932: it is refused, and synced again."""
    before = world.contents()
    device = world.device(world.viewer)
    (device.folder / NAME / "budget.txt").unlink()
    shutil.rmtree(device.folder / NAME / "notes")
    _settle(device)
    assert below(device.tree(), NAME) == before == world.contents()
    world.owner.remote.write(f"/{NAME}/notes/deep/later.txt", b"later")
    _settle(device)
    assert below(device.tree(), NAME) == world.contents()


def test_a_viewer_who_deletes_the_whole_mount_loses_nothing(world: World) -> None:
    """The client restores what it may not delete. Whether or not it deletes the mount, the space is as it was."""
    before = world.contents()
    device = world.device(world.viewer)
    shutil.rmtree(device.folder / NAME)
    _settle(device)
    assert world.contents() == before
    if NAME in world.viewer.names():
        assert below(device.tree(), NAME) == before
    else:
        _bring_back(world.viewer)
        device.sync()
        assert below(device.tree(), NAME) == before


def test_a_viewers_edit_becomes_a_conflict_copy(world: World) -> None:
    before = world.contents()
    device = world.device(world.viewer)
    device.write(f"{NAME}/budget.txt", b"a thousand, says the viewer")
    device.write(f"{NAME}/notes/mine.txt", b"new, by the viewer")
    _settle(device)
    assert world.contents() == before
    assert (device.folder / NAME / "budget.txt").read_bytes() == FILES["budget.txt"]
    (copy,) = device.conflicts()
    assert (device.folder / copy).read_bytes() == b"a thousand, says the viewer"
    assert (device.folder / NAME / "notes" / "mine.txt").read_bytes() == b"new, by the viewer"
    world.owner.remote.write(f"/{NAME}/budget.txt", b"two hundred")
    _settle(device)
    assert (device.folder / NAME / "budget.txt").read_bytes() == b"two hundred"
    assert (device.folder / copy).read_bytes() == b"a thousand, says the viewer"


def test_removed_and_added_again_syncs_again(world: World) -> None:
    """owncloud/client#1257: twice, and nothing of it is deleted by the client."""
    editor, before = world.editor, world.contents()
    device = world.device(editor)
    for _ in range(2):
        world.space.remove(editor)
        editor.wait_for(NAME, there=False)
        device.sync()
        assert set(device.tree()) == {"own.txt"}
        world.space.add(editor, "editor")
        editor.wait_for(NAME)
        device.sync()
        device.sync()
        assert below(device.tree(), NAME) == before == world.contents()
    device.write(f"{NAME}/again.txt", b"again")
    device.sync()
    assert world.owner.remote.read(f"/{NAME}/again.txt") == b"again"


def test_the_rights_that_somebody_gets_reach_their_client(world: World) -> None:
    """From viewer to editor and back: the client learns it by the entity tag, and does what it may."""
    viewer = world.viewer
    device = world.device(viewer)
    world.space.add(viewer, "editor")
    device.sync()
    device.write(f"{NAME}/notes/by them.txt", b"now they may")
    _settle(device)
    assert world.owner.remote.read(f"/{NAME}/notes/by them.txt") == b"now they may"


def test_a_mount_that_cannot_be_resolved_is_503_and_local_copies_stay(world: World, team_log: RequestLog) -> None:
    """nextcloud/desktop#1743: a listing is never partial."""
    device = world.device(world.editor)
    before = device.tree()
    with _unresolvable(world.product, world.space.root_id):
        team_log.clear()
        done = device.try_sync(retries=1)
        assert done.code != 0
        assert device.tree() == before
        assert {one.status for one in team_log.of("PROPFIND")} == {503}
        answer = world.editor.remote.session.get(f"{world.editor.remote.url}/folders", params={"path": "/"}, timeout=30)
        assert answer.status_code == 503
        assert answer.json()["code"] == "mount_unavailable"
    device.sync()
    assert device.tree() == before
    assert [str(one) for one in team_log.of("DELETE")] == []


def test_moves_between_home_and_mount(world: World, team_log: RequestLog) -> None:
    """By the client, as one MOVE: into the space, and out of it."""
    editor = world.editor
    device = world.device(editor)
    device.write("mine/a.txt", b"mine")
    device.sync()
    team_log.clear()
    (device.folder / "mine").rename(device.folder / NAME / "given")
    (device.folder / NAME / "notes").rename(device.folder / "taken")
    _settle(device)
    assert device.tree() == editor.remote.tree()
    assert world.owner.remote.read(f"/{NAME}/given/a.txt") == b"mine"
    assert (device.folder / "taken/deep/er.txt").read_bytes() == FILES["notes/deep/er.txt"]
    assert "notes" not in world.owner.names(f"/{NAME}")
    assert team_log.failures == []


def _mounted_at(device: NextcloudCmd) -> str:
    (found,) = (path for path in device.tree() if path.endswith("/budget.txt"))
    return found.removesuffix("/budget.txt")


def _settle(device: NextcloudCmd) -> None:
    """What is refused makes a run fail, and the next one restores it."""
    for _ in range(3):
        device.try_sync(environment={"OWNCLOUD_BLACKLIST_TIME_MIN": "1"})


def _by_group_instead(world: World) -> None:
    """The viewer is one by a group, and by nothing else."""
    script = (
        "import sys; from accounts.models import Group, GroupMember, User; "
        "user = User.objects.get(email=sys.stdin.read().strip()); "
        "group = Group.objects.create(team=user.membership.team, name='Readers'); "
        "GroupMember.objects.create(group=group, user=user); print('GROUP', group.pk)"
    )
    printed = world.product.manage("shell", "-c", script, input_text=world.viewer.email)
    group_id = next(line.split()[1] for line in printed.splitlines() if line.startswith("GROUP"))
    given = {"group_id": group_id, "role": "viewer"}
    world.owner.ask("POST", f"nodes/{world.space.root_id}/grants", json=given)
    world.space.remove(world.viewer)
    wait_until(lambda: NAME in world.viewer.names(), "the group gives it")


def _bring_back(member: Member) -> None:
    """The one that is hidden, as the page does."""
    (hidden,) = (mount for mount in member.ask("GET", "mounts")["items"] if mount["hidden_at"])
    member.ask("POST", f"mounts/{hidden['id']}/bring-back")
    member.wait_for(NAME)


@contextmanager
def _unresolvable(product: Product, root_id: str) -> Iterator[None]:
    """As long as the space of the mount's target has lost its root."""

    def set_root(value: str) -> None:
        with sqlite3.connect(product.data_dir / "db.sqlite3", timeout=30) as database:
            database.execute(f"UPDATE files_space SET root_id = {value} WHERE id = ?", [space_id])
        database.close()

    with sqlite3.connect(product.data_dir / "db.sqlite3", timeout=30) as database:
        ((space_id,),) = database.execute("SELECT id FROM files_space WHERE root_id = ?", [int(root_id)]).fetchall()
    database.close()
    set_root("NULL")
    try:
        yield
    finally:
        set_root(root_id)
