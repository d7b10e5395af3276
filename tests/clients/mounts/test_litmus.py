"""litmus inside a mount: 104 of 104 by an editor, at WebDAV's address and at Nextcloud's."""

from pathlib import Path

import pytest

from tests.clients.dav.litmus import pass_litmus
from tests.clients.mounts.conftest import NAME, World
from tests.servers.product import PASSWORD, Account


@pytest.mark.timeout(300)
@pytest.mark.parametrize("prefix", ["/dav/", "/remote.php/webdav/"])
def test_litmus_in_a_mount(world: World, tmp_path: Path, prefix: str) -> None:
    account = Account(world.editor.email, PASSWORD, world.editor.token)
    pass_litmus(world.product, account, tmp_path, f"{prefix}{NAME}/")
    assert "litmus" not in world.editor.names()
