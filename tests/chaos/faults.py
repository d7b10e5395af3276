"""What can go wrong in a cluster, as pairs of a beginning and an end."""

import os
import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.cluster import RunningCluster, RunningPart
from tests.chaos.passage import Passage

LIST, READ, WRITE = "list", "read", "write"
ALL = frozenset({LIST, READ, WRITE})
# What goes on without each of them. (A listing needs the database only.)
WITHOUT = {
    "postgresql": frozenset[str](),
    "object-store": frozenset({LIST}),
    "redis": ALL,
    "rabbitmq": ALL,
    "web": ALL,
    "worker": ALL,
    "beat": ALL,
}
# Seconds until the others know: HAProxy asks a replica every second, and gives it two to answer, twice.
NOTICED = {"web": 7.0}


@dataclass(frozen=True, slots=True)
class Fault:
    """`goes_on` are the acts that have to work from `grace` seconds after its beginning until its end."""

    name: str
    kind: str
    seconds: float
    begin: Callable[[], None]
    end: Callable[[], None]

    @property
    def goes_on(self) -> frozenset[str]:
        return frozenset({LIST, READ}) if self.name.startswith("fill") else WITHOUT[self.kind]

    @property
    def grace(self) -> float:
        return NOTICED.get(self.kind, 3.0)


class Disk:
    """The disk of the object store: a tmpfs, which can be made as small as what is on it.

    `size` is in bytes, and more than ten minutes of load write: when it is really full, the product says so as it
    should, and no fault ends any more.
    """

    def __init__(self, folder: Path, size: int = 10 << 30) -> None:
        self.folder, self.size = folder, size

    def mount(self) -> bool:
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={self.size}", "tmpfs", str(self.folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False)

    def fill(self) -> None:
        """The system refuses a size below what is on it, and more may have come since one looked."""
        for _ in range(50):
            found = os.statvfs(self.folder)
            if self._resize((found.f_blocks - found.f_bfree) * found.f_frsize + (64 << 10)):
                return
        raise RuntimeError("the disk cannot be filled")

    def empty(self) -> None:
        if not self._resize(self.size):
            raise RuntimeError("the disk cannot be emptied")

    def _resize(self, size: int) -> bool:
        command = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Faults:
    """Drawn from a shuffled deck that has each fault of each kind of part once: none is left out for long.

    `only` are words of which a fault's name must begin with one (`freeze redis`, `kill`); empty: all.
    """

    def __init__(
        self,
        cluster: RunningCluster,
        passages: dict[str, Passage],
        disk: Disk | None,
        seed: int,
        only: tuple[str, ...] = (),
    ) -> None:
        self.cluster, self.passages, self.disk = cluster, passages, disk
        self.random = random.Random(f"faults/{seed}")
        servers = sorted({part.kind for part in cluster.parts.values()} & WITHOUT.keys())
        draws: dict[str, tuple[Callable[[str], Fault], list[str]]] = {
            "kill": (self.kill, servers),
            "freeze": (self.freeze, servers),
            "cut": (self.cut, sorted(passages)),
            "silence": (self.silence, sorted(passages)),
            "slow": (self.slow, sorted(passages)),
            "fill": (self.fill, ["object-store"] if disk else []),
        }
        self.cards = {f"{act} {kind}": (make, kind) for act, (make, kinds) in draws.items() for kind in kinds}
        self.cards = {name: card for name, card in self.cards.items() if not only or name.startswith(only)}
        self.deck: list[str] = []

    def next(self) -> Fault:
        if not self.deck:
            self.deck = self.random.sample(sorted(self.cards), len(self.cards))
        make, kind = self.cards[self.deck.pop()]
        return make(kind)

    def kill(self, kind: str) -> Fault:
        name = self._one_of(kind)
        return Fault(f"kill {name}", kind, 3.0, lambda: self._now(name).kill(), lambda: None)

    def freeze(self, kind: str) -> Fault:
        name = self._one_of(kind)
        seconds = self.random.uniform(4, 10) + NOTICED.get(kind, 0)
        return Fault(f"freeze {name}", kind, seconds, lambda: self._now(name).freeze(), lambda: self._now(name).thaw())

    def cut(self, kind: str) -> Fault:
        passage = self.passages[kind]
        return Fault(f"cut off {kind}", kind, self.random.uniform(2, 6), passage.cut, passage.mend)

    def silence(self, kind: str) -> Fault:
        passage = self.passages[kind]
        seconds = self.random.uniform(4, 8)
        return Fault(f"silence on the way to {kind}", kind, seconds, passage.silence, passage.mend)

    def slow(self, kind: str) -> Fault:
        """Slow, but nothing fails by it."""
        passage, delay = self.passages[kind], self.random.uniform(0.002, 0.02)

        def begin() -> None:
            passage.delay = delay

        return Fault(f"{delay * 1000:.0f} ms more on the way to {kind}", "beat", 5.0, begin, passage.mend)

    def fill(self, kind: str) -> Fault:
        assert self.disk is not None
        return Fault(f"fill the disk of {kind}", kind, self.random.uniform(3, 6), self.disk.fill, self.disk.empty)

    def _one_of(self, kind: str) -> str:
        return self.random.choice(sorted(part.name for part in self.cluster.of(kind)))

    def _now(self, name: str) -> RunningPart:
        return self.cluster.parts[name]
