"""On PostgreSQL, whose connections are few: nobody keeps one while bytes pass. And writers race for one file."""

import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import Account, Product, start_product

pytestmark = pytest.mark.timeout(180)
SLOW, POOL = 30, 3


@pytest.fixture(scope="module")
def product(postgresql_server: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    url = postgresql_server.create_migrated_database("content")
    few = {"DATABASE_URL": f"{url}?pool_size={POOL}", "WEB_WORKERS": "1"}
    with start_product(tmp_path_factory.mktemp("product"), **few) as product:
        yield product


@pytest.fixture(scope="module")
def account(product: Product) -> Account:
    return product.create_account("ada@example.com")


def test_slow_clients_hold_no_database_connection(product: Product, account: Account) -> None:
    url = f"{product.base_url}/api/v1/content/large.bin"
    data = os.urandom(30_000_000)
    assert requests.put(url, data=data, headers=account.headers, timeout=60).ok
    clients = [socket.create_connection(("127.0.0.1", product.port), timeout=30) for _ in range(SLOW)]
    try:
        for number, client in enumerate(clients):
            if number % 3 == 0:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                lines = ["GET /api/v1/content/large.bin HTTP/1.1"]
            elif number % 3 == 1:
                lines = [f"PUT /api/v1/content/slow-{number} HTTP/1.1", "Content-Length: 5000000"]
            else:
                lines = [f"PUT /api/v1/content/slow-{number} HTTP/1.1", "Transfer-Encoding: chunked"]
            head = [*lines, "Host: localhost", f"Authorization: Bearer {account.token}", "", ""]
            client.sendall("\r\n".join(head).encode())
            if number % 3 == 1:
                client.sendall(b"x" * 1000)
        time.sleep(2)  # until all of them are served
        for number in range(10):
            quick = f"{product.base_url}/api/v1/content/quick-{number}"
            assert requests.put(quick, data=b"x", headers=account.headers, timeout=5).ok
            assert requests.get(quick, headers=account.headers, timeout=5).content == b"x"
        # Each goes on and finishes all the same.
        clients[1].sendall(b"x" * 4_999_000)
        clients[2].sendall(b"5\r\nhello\r\n0\r\n\r\n")
        for client in clients[1:3]:
            assert client.recv(100).startswith(b"HTTP/1.1 201")
    finally:
        for client in clients:
            client.close()


def test_one_of_many_conditional_writers_wins(product: Product, account: Account) -> None:
    """If-Match is judged under the lock: of those who saw the same version, one writes."""
    url = f"{product.base_url}/api/v1/content/raced.bin"
    etag = requests.put(url, data=b"start", headers=account.headers, timeout=30).headers["ETag"]

    def write(number: int) -> int:
        headers = {**account.headers, "If-Match": etag}
        return requests.put(url, data=b"writer %d" % number, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as executor:
        outcomes = list(executor.map(write, range(16)))
    assert sorted(outcomes) == [200] + [412] * 15
    new = f"{product.base_url}/api/v1/content/new.bin"

    def create(number: int) -> int:
        headers = {**account.headers, "If-None-Match": "*"}
        return requests.put(new, data=b"writer %d" % number, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as executor:
        outcomes = list(executor.map(create, range(16)))
    assert sorted(outcomes) == [201] + [412] * 15
