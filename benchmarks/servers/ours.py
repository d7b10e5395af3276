"""The product: gunicorn with two workers and the job worker, on SQLite and a local folder, as `make run` starts it."""

import json
import os

from benchmarks.client import Client
from benchmarks.door import RestDoor
from benchmarks.servers.base import Server
from benchmarks.sizes import SMALL, tree_files
from tests.servers.product import Product, start_product

AT_ONCE = 500  # files of one bulk request


class Ours(Server):
    name = "ours"
    door: RestDoor
    product: Product | None = None

    def start(self) -> None:
        self.product = start_product(self.folder, with_worker=True, WEB_WORKERS="2", LOG_LEVEL="WARNING")
        self.port = self.product.port
        account = self.product.create_account("bench@example.com")
        self.door = RestDoor(account.email, account.token, self.base_url)
        self._seed(Client(self.port))

    def _seed(self, client: Client) -> None:
        client.send(self.door.put("/small.bin", os.urandom(SMALL)))
        for name in ("/work", "/list", "/tree"):
            client.send(self.door.make_folder(name))
        listed = {f"file-{number:06}.bin": b"%06d" % number for number in range(self.sizes.listed)}
        self._bulk(client, "/list", listed)
        tree = {
            f"{folder}/{number:03}.bin": os.urandom(SMALL)
            for folder, count in tree_files(self.sizes.tree).items()
            for number in range(count)
        }
        self._bulk(client, "/tree", tree)
        client.close()

    def _bulk(self, client: Client, folder: str, files: dict[str, bytes]) -> None:
        names = list(files)
        for start in range(0, len(names), AT_ONCE):
            client.send(self.door.bulk(folder, {name: files[name] for name in names[start : start + AT_ONCE]}))

    def stop(self) -> None:
        if self.product is not None:
            self.product.stop()

    @property
    def pids(self) -> list[int]:
        if self.product is None:
            return []
        return [process.pid for process in (self.product.web, self.product.worker) if process is not None]

    @staticmethod
    def trashed(answer: bytes) -> str:
        """The id of the trash item that a deletion made."""
        item_id: str = json.loads(answer)["items"][0]["id"]
        return item_id
