"""What the measurements need of a server."""

import os
from abc import ABC, abstractmethod
from pathlib import Path

from benchmarks.client import Client
from benchmarks.dialects import DavDialect, Dialect
from benchmarks.sizes import SMALL, Sizes, tree_files
from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess


class Missing(Exception):
    """This server cannot be had on this machine; the text says why."""


class Server(ABC):
    """Started in `folder`, which is empty and goes afterwards, with a seed that no clock sees:

    /small.bin (4 KiB), /list (`listed` files), /tree (`tree` nodes in folders of 99 files) and an empty /work.
    """

    name: str
    dialect: Dialect
    port: int

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        self.folder = folder
        self.sizes = sizes

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...

    @property
    @abstractmethod
    def pids(self) -> list[int]: ...

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def version(self) -> str:
        return ""


class Peer(Server):
    """Serves the folder `root` by WebDAV."""

    user, password = "bench", "correct-horse-battery-staple"
    process: ServerProcess | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """What to run; writes its configuration first."""

    def start(self) -> None:
        self.port = free_ports(1)[0]
        self.root = self.folder / "root"
        self._seed()
        self.dialect = DavDialect(self.user, self.password, self.base_url)
        environment = {**os.environ, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        self.process = ServerProcess(self.command(), self.folder, environment)
        self.process.wait_until(self._answers)

    def _answers(self) -> bool:
        client = Client(self.port)
        try:
            client.send(self.dialect.get("/small.bin"))
        except Exception:
            return False
        finally:
            client.close()
        return True

    def _seed(self) -> None:
        (self.root / "work").mkdir(parents=True)
        (self.root / "small.bin").write_bytes(os.urandom(SMALL))
        (self.root / "list").mkdir()
        for number in range(self.sizes.listed):
            (self.root / "list" / f"file-{number:06}.bin").write_bytes(b"%06d" % number)
        for name, count in tree_files(self.sizes.tree).items():
            (self.root / "tree" / name).mkdir(parents=True)
            for number in range(count):
                (self.root / "tree" / name / f"{number:03}.bin").write_bytes(os.urandom(SMALL))

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()

    @property
    def pids(self) -> list[int]:
        return [self.process.pid] if self.process else []
