"""What a person's sync client takes: nextcloudcmd (Debian) up, with nothing to do, and down to another device."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Refused
from benchmarks.install import debian
from benchmarks.servers.ours import Ours
from benchmarks.world import World
from tests.clients.nextcloud.client import NextcloudCmd

SMALL_FILE, LARGE_FILE = 10_000, 20_000_000  # bytes
LONGEST = 300.0  # seconds


@dataclass
class Devices:
    """Those of one world: what one of them has sent is what the others fetch."""

    world: World
    made: int = 0
    sender: NextcloudCmd | None = None

    def new(self, top: str) -> NextcloudCmd:
        debian("nextcloudcmd", "nextcloud-desktop-cmd", needs=["nextcloudcmd"])
        server = self.world.server
        assert isinstance(server, Ours)
        self.made += 1
        place = server.folder / f"device-{self.made}"
        account = server.account
        return NextcloudCmd(place, server.base_url, account.email, account.token, top=top)

    def up(self) -> float:
        """Seconds; the account has a tree more afterwards."""
        top = self.world.new_name()
        self.world.client.send(self.world.dialect.make_folder(top))
        self.sender = self.new(top)
        fill(self.sender.folder, *self.world.sizes.synced)
        self.world.rest()
        return timed(self.sender)

    def sent(self) -> NextcloudCmd:
        if self.sender is None:
            self.up()
        assert self.sender is not None
        return self.sender


def devices(world: World) -> Devices:
    found: Devices = world.kept.setdefault("devices", Devices(world))
    return found


def sync_up(world: World) -> list[float]:
    return world.runs(devices(world).up)


def sync_nothing(world: World) -> list[float]:
    sender = devices(world).sent()
    timed(sender)  # it looks once more at what it has sent itself
    return world.runs(lambda: timed(sender))


def sync_down(world: World) -> list[float]:
    own = devices(world)
    sender = own.sent()

    def measure() -> float:
        device = own.new(sender.top)
        seconds = timed(device)
        found = sum(path.stat().st_size for path in device.folder.rglob("*.bin"))
        small, large = world.sizes.synced
        if found != small * SMALL_FILE + large * LARGE_FILE:
            raise Refused(f"nextcloudcmd has {found} bytes")
        return seconds

    return world.runs(measure)


def timed(device: NextcloudCmd) -> float:
    """Seconds from the start of the program to its end. Raises Refused when it fails."""
    started = time.perf_counter()
    done = device.try_sync(seconds=LONGEST, retries=0)
    seconds = time.perf_counter() - started
    if done.code:
        raise Refused(f"nextcloudcmd: {done.code}: {done.output[-500:]}")
    return seconds


def fill(folder: Path, small: int, large: int) -> None:
    """Bytes that nobody has, 100 files to a folder."""
    for number in range(small):
        path = folder / f"folder {number // 100:02}" / f"file {number:04}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(SMALL_FILE))
    for number in range(large):
        (folder / f"large {number}.bin").write_bytes(os.urandom(LARGE_FILE))
