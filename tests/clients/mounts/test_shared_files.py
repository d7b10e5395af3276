"""A file that a person shares alone, in the folders that nextcloudcmd syncs."""

import pytest

from tests.clients.mounts.conftest import World
from tests.clients.mounts.team import wait_until
from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.request_log import RequestLog

pytestmark = pytest.mark.timeout(600)
ABOVE, NAME, TEXT = "/private/deeper", "report.txt", b"the first report"


class Shared:
    """The file, and the grants on it by the names of the roles."""

    def __init__(self, world: World) -> None:
        self.world, self.owner = world, world.owner
        self.owner.remote.write(f"{ABOVE}/{NAME}", TEXT)
        self.owner.remote.write(f"{ABOVE}/secret.txt", b"for nobody else")
        self.id = self.owner.ask("GET", "metadata", params={"path": f"{ABOVE}/{NAME}"})["id"]
        self.grants: dict[str, str] = {}
        for role in ("editor", "viewer"):
            self.share(role)

    def share(self, role: str) -> None:
        member = getattr(self.world, role)
        given = {"user_id": str(member.user_id), "role": role}
        self.grants[role] = self.owner.ask("POST", f"nodes/{self.id}/grants", json=given)["id"]
        member.wait_for(NAME)

    def end(self, role: str) -> None:
        self.owner.ask("DELETE", f"grants/{self.grants.pop(role)}")

    @property
    def bytes(self) -> bytes:
        answer = self.owner.remote.session.get(f"{self.owner.remote.url}/content{ABOVE}/{NAME}", timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.content

    @property
    def versions(self) -> int:
        return len(self.owner.ask("GET", f"nodes/{self.id}/versions")["items"])


@pytest.fixture
def shared(world: World) -> Shared:
    return Shared(world)


def held(device: NextcloudCmd, name: str = NAME) -> bytes:
    return (device.folder / name).read_bytes()


def test_an_editor_and_a_viewer_sync_it(world: World, shared: Shared, team_log: RequestLog) -> None:
    editor, viewer = world.device(world.editor), world.device(world.viewer)
    assert held(editor) == held(viewer) == TEXT
    assert "secret.txt" not in str(viewer.tree())
    editor.write(NAME, b"by the editor")
    editor.sync()
    viewer.sync()
    assert held(viewer) == shared.bytes == b"by the editor"
    assert shared.versions == 2
    team_log.clear()
    editor.sync()
    viewer.sync()
    assert [str(one) for method in ("GET", "PUT") for one in team_log.of(method) if NAME in str(one)] == []
    shared.owner.remote.write(f"{ABOVE}/{NAME}", b"by its owner")
    for device in (editor, viewer):
        device.sync()
        assert held(device) == b"by its owner"
    large = b"0123456789" * 1_500_000
    editor.write(NAME, large)
    editor.sync()
    assert shared.bytes == large, "in chunks"


def test_a_viewers_edit_stays_beside_it(world: World, shared: Shared) -> None:
    device = world.device(world.viewer)
    device.write(NAME, b"what the viewer thinks")
    device.try_sync()
    device.try_sync()
    assert (shared.bytes, shared.versions) == (TEXT, 1)
    assert held(device) == TEXT
    kept = [path.read_bytes() for path in device.folder.iterdir() if "conflicted copy" in path.name]
    assert kept == [b"what the viewer thinks"]


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_it_is_renamed_moved_and_deleted_for_oneself(
    world: World, shared: Shared, team_log: RequestLog, role: str
) -> None:
    member = getattr(world, role)
    device = world.device(member)
    member.remote.make_folder("/office")
    device.sync()
    team_log.clear()
    where = NAME
    for name in ("mine.txt", "office/mine.txt"):
        (device.folder / where).rename(device.folder / name)
        where = name
        device.sync()
        device.sync()
        assert held(device, name) == TEXT
        assert name.rpartition("/")[2] in member.names(name.rpartition("/")[0])
    assert [str(one) for one in team_log.of("PUT")] == []
    assert len(team_log.of("MOVE")) == 2
    assert (shared.bytes, shared.versions) == (TEXT, 1)
    shared.owner.remote.write(f"{ABOVE}/{NAME}", b"later")
    device.sync()
    assert held(device, where) == b"later"
    (device.folder / where).unlink()
    device.sync()
    device.sync()
    assert not (device.folder / where).exists()
    assert shared.bytes == b"later", "nothing of it is deleted"
    other = world.viewer if role == "editor" else world.editor
    assert NAME in other.names()
    (entry,) = [entry for entry in member.ask("GET", "mounts")["items"] if entry["name"] == NAME]
    assert entry["hidden_at"] is not None
    member.ask("POST", f"mounts/{entry['id']}/bring-back")
    device.sync()
    assert held(device) == b"later"


def test_saving_over_it_as_editors_do(world: World, shared: Shared) -> None:
    """A new file that is renamed over it on the device is another content of the same file to the client."""
    device = world.device(world.editor)
    device.write(".report.tmp", b"saved")
    (device.folder / ".report.tmp").replace(device.folder / NAME)
    device.sync()
    assert (shared.bytes, shared.versions) == (b"saved", 2)
    assert NAME in world.editor.names()
    viewer = world.device(world.viewer)
    assert held(viewer) == b"saved"


def test_unshared_and_shared_again(world: World, shared: Shared) -> None:
    device = world.device(world.viewer)
    shared.end("viewer")
    device.sync()
    assert not (device.folder / NAME).exists()
    assert (device.folder / "own.txt").exists()
    shared.owner.remote.write(f"{ABOVE}/{NAME}", b"meanwhile")
    shared.share("viewer")
    device.sync()
    assert held(device) == b"meanwhile"
    shared.end("viewer")
    shared.grants["viewer"] = shared.owner.ask(
        "POST", f"nodes/{shared.id}/grants", json={"user_id": str(world.viewer.user_id), "role": "editor"}
    )["id"]
    world.viewer.wait_for(NAME)
    device.sync()
    device.write(NAME, b"now an editor")
    device.sync()
    wait_until(lambda: shared.bytes == b"now an editor", "what the new editor wrote")


def test_its_owner_takes_it_away_and_back(world: World, shared: Shared) -> None:
    device = world.device(world.viewer)
    item = world.owner.ask("POST", "trash", json={"paths": [f"{ABOVE}/{NAME}"]})["items"][0]["id"]
    device.sync()
    assert not (device.folder / NAME).exists()
    world.owner.ask("POST", "trash/restore", json={"ids": [item]})
    world.viewer.wait_for(NAME)
    device.sync()
    assert held(device) == TEXT
