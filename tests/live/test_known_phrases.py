"""Search finds each of 200 known phrases of a real tree, typed as a person would, in the running product: uploaded,
indexed and asked for from outside. And nobody else finds any of them, whatever happens to the tree.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.search.library import ENOUGH, LibraryFile, library
from tests.search.phrases import Phrase, known_phrases, made_files
from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import Account, Product, start_product

pytestmark = pytest.mark.timeout(600)
PHRASES = 200
SEED = 20261122
PATIENCE = 180  # seconds for the index to catch up
LARGEST = 100_000  # bytes of a file: the whole library takes the index twice as long and proves no more
TOGETHER, BYTES = 500, 20_000_000


@pytest.fixture
def product(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[Product]:
    environment = {}
    if database == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        environment["DATABASE_URL"] = server.create_migrated_database(f"phrases_{uuid4().hex}")
    # The whole library is deleted by one program.
    with start_product(tmp_path, with_worker=True, BRAKE="off", **environment) as product:
        yield product


class Person:
    def __init__(self, product: Product, account: Account) -> None:
        self.api = f"{product.base_url}/api/v1"
        self.session = requests.Session()
        self.session.headers.update(account.headers)

    def post(self, path: str, **arguments: Any) -> Any:
        answer = self.session.post(f"{self.api}/{path}", timeout=60, **arguments)
        assert answer.ok, answer.text
        return answer.json()

    def upload(self, files: list[LibraryFile], folder: str) -> None:
        batch: list[LibraryFile] = []
        self.post("folders", json={"path": folder})
        for number, file in enumerate(files):
            batch.append(file)
            if number == len(files) - 1 or len(batch) == TOGETHER or sum(len(f.data) for f in batch) > BYTES:
                parts = {file.path: (None, file.data) for file in batch}
                items = self.post("bulk", params={"path": folder}, files=parts)["items"]
                assert [item for item in items if item.get("error")] == []
                batch = []

    def find(self, text: str) -> list[str]:
        """The first page."""
        answer = self.session.get(f"{self.api}/search", params={"q": text}, timeout=30)
        assert answer.ok, answer.text
        return [item["path"] for item in answer.json()["items"]]

    def not_found(self, phrases: list[Phrase], folder: str) -> list[Phrase]:
        return [phrase for phrase in phrases if f"{folder}/{phrase.path}" not in self.find(phrase.text)]


def still_missed(ada: Person, phrases: list[Phrase], folder: str) -> list[Phrase]:
    """What the index does not have although it had time."""
    deadline = time.monotonic() + PATIENCE
    missed = ada.not_found(phrases, folder)
    while missed and time.monotonic() < deadline:
        time.sleep(0.5)
        missed = ada.not_found(missed, folder)
    return ada.not_found(phrases, folder)


@pytest.mark.long  # tests/search/test_known_phrases.py is its part in the gate
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_known_phrases(product: Product) -> None:
    files = [*library(most=ENOUGH + 200, largest=LARGEST), *made_files()]
    assert len(files) > ENOUGH
    phrases = known_phrases(files, PHRASES, seed=SEED)
    ada = Person(product, product.create_account("ada@example.com"))
    eve = Person(product, product.create_account("eve@example.org"))

    def nobody_else_finds_any() -> bool:
        return not any(eve.find(phrase.text) for phrase in phrases)

    started = time.monotonic()
    ada.upload(files, "/library")
    print(f"\n{len(files)} files uploaded in {time.monotonic() - started:.1f} s")
    assert still_missed(ada, phrases, "/library") == []
    print(f"all {PHRASES} phrases found {time.monotonic() - started:.1f} s after the start")
    started = time.monotonic()
    assert nobody_else_finds_any()
    print(f"{(time.monotonic() - started) / PHRASES * 1000:.1f} ms a request")

    ada.post("move", json={"from_path": "/library", "to_path": "/a/moved one"})
    assert ada.not_found(phrases, "/a/moved one") == []  # at once
    items = ada.post("trash", json={"paths": ["/a/moved one"]})["items"]
    assert not any(ada.find(phrase.text) for phrase in phrases)  # at once
    assert nobody_else_finds_any()
    ada.post("trash/restore", json={"ids": [item["id"] for item in items]})
    assert still_missed(ada, phrases, "/a/moved one") == []
    assert nobody_else_finds_any()
