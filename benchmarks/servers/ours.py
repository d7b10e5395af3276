"""The product: gunicorn with two workers and the job worker, on SQLite and a local folder, as `make run` starts it.

`Ours` is asked by WebDAV, as its peers are; `OursByRest` by its own API.
"""

import json
import os

from benchmarks.client import Client
from benchmarks.dialects import NextcloudDialect, RestDialect
from benchmarks.servers.base import Server
from benchmarks.sizes import SMALL, tree_files
from tests.servers.product import Product, start_product

AT_ONCE = 500  # files of one bulk request


class Ours(Server):
    """`rest` is for what WebDAV does not have."""

    name = "ours"
    dialect: NextcloudDialect | RestDialect
    rest: RestDialect
    product: Product | None = None

    def start(self) -> None:
        self.product = start_product(
            self.folder,
            with_worker=True,
            WEB_WORKERS="2",
            LOG_LEVEL="WARNING",
            WEB_CPU_PINNING="on",
            BRAKE_FLOOR="1000000000",  # it counts, as it does by default, and holds nobody
            BRAKE_MOST="1000000000",
        )
        self.port = self.product.port
        self.account = self.product.create_account("bench@example.com")
        self.rest = RestDialect(self.account.email, self.account.token, self.base_url)
        self.dialect = self._make_endpoint()
        self._seed(Client(self.port))

    def _make_endpoint(self) -> NextcloudDialect | RestDialect:
        return NextcloudDialect(self.account.email, self.account.token, self.base_url, "/dav")

    def _seed(self, client: Client) -> None:
        client.send(self.rest.put("/small.bin", os.urandom(SMALL)))
        for name in ("/work", "/list", "/tree"):
            client.send(self.rest.make_folder(name))
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
            client.send(self.rest.bulk(folder, {name: files[name] for name in names[start : start + AT_ONCE]}))

    def stop(self) -> None:
        if self.product is not None:
            self.product.stop()

    @property
    def pids(self) -> list[int]:
        if self.product is None:
            return []
        return [process.pid for process in (self.product.web, self.product.worker) if process is not None]

    def restore(self, client: Client, name: str) -> None:
        """Out of the trash, to where it was."""
        _, answer = client.send(self.rest.trash())
        item_id: str = next(item["id"] for item in json.loads(answer)["items"] if item["path"] == f"/{name}")
        client.send(self.rest.restore(item_id))


class OursByRest(Ours):
    name = "ours-rest"

    def _make_endpoint(self) -> RestDialect:
        return self.rest
