"""rclone in a mount: what an editor copies, checks, moves and syncs there; what a viewer may not."""

from pathlib import Path

import pytest

from tests.clients.mounts.conftest import NAME, World
from tests.clients.mounts.team import Member, below
from tests.clients.rclone.client import CHUNK, Rclone
from tests.clients.trees import local_tree, make_tree

pytestmark = pytest.mark.timeout(300)


def rclone_of(world: World, member: Member, place: Path, vendor: str) -> Rclone:
    user_id = str(member.user_id)
    return Rclone(place, world.product.base_url, member.email, member.token, vendor=vendor, user_id=user_id)


@pytest.mark.parametrize("vendor", ["nextcloud", "other"])
def test_an_editor(world: World, tmp_path: Path, vendor: str) -> None:
    rclone = rclone_of(world, world.editor, tmp_path / "rclone", vendor)
    folder = tmp_path / "tree"
    make_tree(folder, 30, seed=5, each=10)
    (folder / "film.mkv").write_bytes(b"0123456789" * (CHUNK // 10 + 1))  # goes up in chunks
    rclone.do("copy", str(folder), f"ours:{NAME}/tree")
    rclone.do("check", "--download", str(folder), f"ours:{NAME}/tree")
    assert below(world.contents(), "tree") == local_tree(folder)
    rclone.do("move", f"ours:{NAME}/tree/folder 00", "ours:mine")
    rclone.do("copy", "ours:mine", f"ours:{NAME}/back")
    assert below(world.contents(), "back") == below(local_tree(folder), "folder 00")
    assert not below(world.contents(), "tree/folder 00")
    rclone.do("purge", f"ours:{NAME}/tree")
    assert "tree" not in world.contents()


def test_a_viewer(world: World, tmp_path: Path) -> None:
    rclone = rclone_of(world, world.viewer, tmp_path / "rclone", "nextcloud")
    before = world.contents()
    rclone.do("copy", f"ours:{NAME}", str(tmp_path / "copy"))
    assert local_tree(tmp_path / "copy") == before
    (tmp_path / "copy" / "new.txt").write_bytes(b"new")
    assert rclone.attempt("copy", str(tmp_path / "copy"), f"ours:{NAME}").code != 0
    assert rclone.attempt("delete", f"ours:{NAME}/notes").code != 0
    assert world.contents() == before
