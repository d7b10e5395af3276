"""Chunking version 1 against two started replicas, and with pyocclient, the client library that still sends it."""

import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.servers.product import Account, Product, start_product

pytestmark = pytest.mark.timeout(600)  # real processes; the machine of the tests may be busy
DATA = random.Random(5).randbytes(25 * 1024 * 1024)
NAME = "/remote.php/webdav/big%20file.bin"


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, Product, Account]]:
    """Two web servers, several processes each, over one database and one storage."""
    folder = tmp_path_factory.mktemp("one")
    with (
        start_product(folder) as one,
        start_product(tmp_path_factory.mktemp("two"), DATA_DIR=str(folder / "data")) as two,
    ):
        yield one, two, one.create_account("ada@example.com")


def send(product: Product, account: Account, index: int, count: int, data: bytes, transfer: str) -> requests.Response:
    url = f"{product.base_url}{NAME}-chunking-{transfer}-{count}-{index}"
    headers = {"OC-Chunked": "1", "OC-Total-Length": str(len(DATA)), "X-OC-Mtime": "1500000000"}
    return requests.put(url, data, headers=headers, auth=(account.email, account.token), timeout=120)


def pieces(count: int) -> list[bytes]:
    size = -(-len(DATA) // count)
    return [DATA[start : start + size] for start in range(0, len(DATA), size)]


def fetched(product: Product, account: Account) -> bytes:
    return requests.get(f"{product.base_url}{NAME}", auth=(account.email, account.token), timeout=120).content


def test_over_two_replicas_in_any_order(replicas: tuple[Product, Product, Account]) -> None:
    one, two, account = replicas
    for number, index in enumerate([2, 0, 4, 4, 1, 3]):
        answer = send((one, two)[number % 2], account, index, 5, pieces(5)[index], "1")
        assert answer.status_code == 201
        assert ("ETag" in answer.headers) is (number == 5)
    assert answer.headers["X-OC-MTime"] == "accepted"
    assert fetched(two, account) == DATA


def test_all_at_once(replicas: tuple[Product, Product, Account]) -> None:
    """Twelve threads over two replicas: exactly the file comes out, and at least one of them is told so."""
    one, two, account = replicas
    answers: list[requests.Response] = []
    parts = pieces(12)

    def run(index: int) -> None:
        while True:
            answer = send((one, two)[index % 2], account, index, 12, parts[index], "2")
            if answer.status_code != 503:
                answers.append(answer)
                return

    threads = [threading.Thread(target=run, args=(index,)) for index in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert {answer.status_code for answer in answers} <= {201, 204}
    assert len(answers) == 12
    assert any("ETag" in answer.headers for answer in answers)
    assert fetched(one, account) == DATA
    assert '"items":[]' in requests.get(
        f"{one.base_url}/api/v1/uploads", headers=account.headers, timeout=30
    ).text.replace(" ", "")


def test_pyocclient(replicas: tuple[Product, Product, Account], tmp_path: Path) -> None:
    owncloud = pytest.importorskip("owncloud", reason="pyocclient is not installed: pip install pyocclient==0.6")
    one, _, account = replicas
    file = tmp_path / "file"
    file.write_bytes(DATA)
    os.utime(file, (1_400_000_000, 1_400_000_000))
    client = owncloud.Client(one.base_url)
    client.login(account.email, account.token)
    for name in ("of pyocclient.bin", "Grüße-chunking-1-2-0"):
        assert client.put_file(name, str(file)) is True
        assert client.get_file_contents(name) == DATA
        assert client.file_info(name).get_last_modified().year == 2014
    file.write_bytes(DATA[::-1])
    assert client.put_file("of pyocclient.bin", str(file)) is True
    assert client.get_file_contents("of pyocclient.bin") == DATA[::-1]
