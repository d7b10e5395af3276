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
    """The disk of the object store: a tmpfs, which can be made as small as what is on it."""

    def __init__(self, folder: Path, size: int = 4 << 30) -> None:
        self.folder, self.size = folder, size

    def mount(self) -> bool:
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={self.size}", "tmpfs", str(self.folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False)

    def fill(self) -> None:
        found = os.statvfs(self.folder)
        self._resize((found.f_blocks - found.f_bfree) * found.f_frsize + (64 << 10))

    def empty(self) -> None:
        self._resize(self.size)

    def _resize(self, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.folder)], check=True)


class Faults:
    def __init__(self, cluster: RunningCluster, passages: dict[str, Passage], disk: Disk | None, seed: int) -> None:
        self.cluster, self.passages, self.disk = cluster, passages, disk
        self.random = random.Random(f"faults/{seed}")
        self.kinds = [self.kill, self.freeze, self.cut, self.silence, self.slow, *([self.fill] if disk else [])]

    def next(self) -> Fault:
        return self.random.choice(self.kinds)()

    def kill(self) -> Fault:
        part = self._part("web", "worker", "beat", "postgresql", "redis", "rabbitmq", "object-store")
        name, kind = self._named(part)
        return Fault(f"kill {name}", kind, 3.0, lambda: self._now(name).kill(), lambda: None)

    def freeze(self) -> Fault:
        name, kind = self._named(self._part("web", "worker", "postgresql", "redis", "rabbitmq", "object-store"))
        seconds = self.random.uniform(4, 10) + NOTICED.get(kind, 0)
        return Fault(f"freeze {name}", kind, seconds, lambda: self._now(name).freeze(), lambda: self._now(name).thaw())

    def cut(self) -> Fault:
        kind, passage = self._passage()
        return Fault(f"cut off {kind}", kind, self.random.uniform(2, 6), passage.cut, passage.mend)

    def silence(self) -> Fault:
        kind, passage = self._passage()
        return Fault(f"silence on the way to {kind}", kind, self.random.uniform(4, 8), passage.silence, passage.mend)

    def slow(self) -> Fault:
        """Slow, but nothing fails by it."""
        kind, passage = self._passage()
        delay = self.random.uniform(0.002, 0.02)

        def begin() -> None:
            passage.delay = delay

        return Fault(f"{delay * 1000:.0f} ms more on the way to {kind}", "beat", 5.0, begin, passage.mend)

    def fill(self) -> Fault:
        assert self.disk is not None
        return Fault(
            "fill the disk of object-store", "object-store", self.random.uniform(3, 6), self.disk.fill, self.disk.empty
        )

    def _passage(self) -> tuple[str, Passage]:
        kind = self.random.choice(sorted(self.passages))
        return kind, self.passages[kind]

    def _part(self, *kinds: str) -> str:
        kind = self.random.choice(kinds)
        return self.random.choice(sorted(part.name for part in self.cluster.of(kind)))

    def _named(self, name: str) -> tuple[str, str]:
        return name, self._now(name).kind

    def _now(self, name: str) -> RunningPart:
        return self.cluster.parts[name]
