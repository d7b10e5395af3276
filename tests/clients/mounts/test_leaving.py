"""Somebody is removed from the team while two others sync what they had shared: nothing is lost, nobody's work stops,
and after an owner has decided it everything has an owner.
"""

import threading

import pytest

from tests.clients.mounts.conftest import World
from tests.clients.mounts.team import Member, below, wait_until
from tests.clients.nextcloud.client import NextcloudCmd

pytestmark = pytest.mark.timeout(600)
NAME = "Trip"
FILES = 30


class Synced(threading.Thread):
    """A device that writes and syncs until `stop` is called; `written` is what it has put into the shared folder.

    An upload that is under way while a home is handed over is ended: the client says so, and its next run sends it.
    """

    def __init__(self, device: NextcloudCmd, name: str) -> None:
        super().__init__(daemon=True)
        self.device, self.who = device, name
        self.written: dict[str, bytes] = {}
        self.runs = 0
        self._over = threading.Event()
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._over.is_set():
                name, data = f"{self.who} {self.runs}.txt", f"{self.who} writes {self.runs}".encode()
                self.device.write(f"{NAME}/{name}", data)
                self.written[name] = data
                if self.device.try_sync().code:
                    self.device.sync()
                self.runs += 1
        except BaseException as fault:
            self.fault = fault

    def stop(self) -> None:
        self._over.set()
        self.join(200)
        assert self.fault is None, self.fault


def share(world: World, by: Member, *members: tuple[Member, str]) -> None:
    for number in range(FILES):
        by.remote.write(f"/{NAME}/day {number % 3}/{number}.txt", f"day {number}".encode())
    for member, role in members:
        given = {"grantee": {"user_id": str(member.user_id)}, "role": role, "path": f"/{NAME}"}
        by.ask("POST", "shares", json=given)
        member.wait_for(NAME)


def goes_on(devices: list[Synced], what: str) -> None:
    """Each has two runs more."""
    before = [device.runs for device in devices]
    wait_until(lambda: all(one.runs >= was + 2 or one.fault for one, was in zip(devices, before, strict=True)), what)


def test_nothing_is_lost_when_somebody_leaves(world: World) -> None:
    leaving, owner, other = world.editor, world.owner, world.viewer
    leaving.remote.write("/alone.txt", b"shared with nobody")
    share(world, leaving, (owner, "editor"), (other, "editor"))
    of_owner, of_other = devices = [Synced(world.device(owner), "owner"), Synced(world.device(other), "other")]
    for device in devices:
        device.start()
    goes_on(devices, "both sync")
    owner.ask("DELETE", f"team/members/{leaving.user_id}")
    goes_on(devices, "both go on after it")
    assert leaving.remote.session.get(f"{leaving.remote.url}/account", timeout=30).status_code == 401
    of_owner.stop()  # for whom the folder comes to another place now
    of_owner.device.sync()
    owner.ask("POST", f"team/members/{leaving.user_id}/handover", json={"to_user_id": str(owner.user_id)})
    goes_on([of_other], "who it was shared with goes on")
    of_other.stop()
    of_other.device.sync()
    of_owner.device.sync()
    (home,) = [name for name in owner.names() if leaving.email.partition("@")[0] in name]
    held = below(of_other.device.tree(), NAME)
    assert held == other.remote.tree(f"/{NAME}") == owner.remote.tree(f"/{home}/{NAME}")
    assert held == below(of_owner.device.tree(), f"{home}/{NAME}")
    assert {*of_owner.written, *of_other.written} <= held.keys(), "all that was written meanwhile"
    assert sum(path.startswith("day ") and path.endswith(".txt") for path in held) == FILES
    assert owner.remote.hash(f"/{home}/alone.txt"), "what was shared with nobody is the owner's"
    assert [device.device.conflicts() for device in devices] == [[], []]
    world.product.manage("fsck", "--hash")
