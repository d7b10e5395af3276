"""What a measurement has at hand: one server that runs, a client, and a place of its own in it."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import wrk
from benchmarks.client import Client
from benchmarks.dialects import Dialect
from benchmarks.processes import memory, settle
from benchmarks.servers.base import Server
from benchmarks.sizes import Sizes

ENOUGH = 25.0  # seconds after which a row is not run again: some peers take a minute for one


@dataclass
class World:
    server: Server
    client: Client
    sizes: Sizes
    large_file: Path  # `sizes.large` random bytes, in the page cache
    memory: float = 0.0  # MiB, the most that was seen after a row
    restless: bool = False  # it never came to rest within two minutes
    has_huge: bool = False  # the folder /huge is there
    kept: dict[str, Any] = field(default_factory=dict)  # what the rows of one topic keep for each other
    _names: int = field(default=0, repr=False)

    @property
    def dialect(self) -> Dialect:
        return self.server.dialect

    def new_name(self) -> str:
        """A path that nothing has yet."""
        self._names += 1
        return f"/work/{self._names}"

    def runs(self, measure: Callable[[], float]) -> list[float]:
        """The samples of one row; before each, the server and the disk come to rest."""
        samples, started = list[float](), time.monotonic()
        while len(samples) < self.sizes.runs and (not samples or time.monotonic() - started < ENOUGH):
            self.rest()
            samples.append(measure())
        return samples

    def rest(self) -> None:
        self.restless = not settle(self.server.pids) or self.restless
        self.memory = max(self.memory, memory(self.server.pids))

    def load(self, load: wrk.Load) -> float:
        return wrk.run(self.server.base_url, load)

    def touch_memory(self) -> None:
        """A virtual machine gives free memory back to its host, and the first GiB of page cache is slow then."""
        path = self.server.folder / "touched"
        block = bytes(1024 * 1024)
        with path.open("wb") as file:
            for _ in range(self.sizes.large // len(block)):
                file.write(block)
        path.unlink()

    def upload(self, path: str) -> float:
        """Seconds. Nobody has these bytes: they begin with random ones."""
        return self.client.upload(self.dialect.put(path), os.urandom(4096), self.large_file, self.sizes.large)
