"""A real PostgreSQL and a real object store that hang, die and come back, under the product: whoever needs them gets
503 with Retry-After within two seconds, whoever does not goes on, and nothing has to be started again.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from deploy.cluster.load_generator import Connection, LoadGenerator
from tests.servers import seaweedfs
from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import Account, Product, start_product
from tests.servers.s3 import S3Server

pytestmark = pytest.mark.timeout(240)
FIRST = 2.5  # seconds in which whoever waits already hears of it (1.6 s, and a busy machine)
LATER = 0.8  # in which everybody hears of it from then on
LARGE = 300_000  # bytes: an object of its own
AT_ONCE = 12  # requests, more than the pool has connections

Answer = tuple[int, str | None, float]


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process and all below it stand still, as in a machine that swaps or a paused virtual one."""
    root = psutil.Process(pid)
    family = [root, *root.children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(family):
            process.send_signal(signal.SIGCONT)


class Client:
    def __init__(self, product: Product, account: Account) -> None:
        self.base_url, self.headers = product.base_url, account.headers
        self.count = 0

    def put(self, data: bytes = b"x" * 1000) -> requests.Response:
        self.count += 1
        url = f"{self.base_url}/api/v1/content/{self.count}-{time.monotonic_ns()}.bin"
        return requests.put(url, data=data, headers=self.headers, timeout=30)

    def put_large(self, size: int = LARGE) -> requests.Response:
        return self.put(os.urandom(size))  # bytes that the store has already need no store

    def put_in_pieces(self, path: str, data: bytes, piece: int) -> None:
        """Each piece is an object of its own."""
        load = LoadGenerator(self.base_url, self.headers["Authorization"].removeprefix("Bearer "))
        assert Connection(load).put_in_pieces(path, data, piece) is not None, load.failures

    def get(self, path: str) -> requests.Response:
        return requests.get(self.base_url + path, headers=self.headers, timeout=30, allow_redirects=False)

    def page(self) -> requests.Response:
        return requests.get(f"{self.base_url}/", cookies={"session": "s" * 32}, timeout=30, allow_redirects=False)


def timed(request: Callable[[], requests.Response]) -> Answer:
    started = time.monotonic()
    answer = request()
    return answer.status_code, answer.headers.get("Retry-After"), time.monotonic() - started


def all_refused(requests_: list[Callable[[], requests.Response]], seconds: float) -> None:
    with ThreadPoolExecutor(len(requests_)) as threads:
        answers = list(threads.map(timed, requests_))
    assert all(status == 503 and retry for status, retry, _ in answers), answers
    assert max(answer[2] for answer in answers) < seconds, answers


def works_again(request: Callable[[], requests.Response], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not request().ok:
        assert time.monotonic() < deadline, "it does not come back"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def with_postgresql(
    postgresql_server: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Product, Client]]:
    url = f"{postgresql_server.create_migrated_database('away')}?pool_size=5"
    folder = tmp_path_factory.mktemp("away")
    with start_product(folder, DATABASE_URL=url, METRICS_ALLOW="127.0.0.1") as product:
        client = Client(product, product.create_account("ada@example.com"))
        assert client.put().status_code == 201
        yield product, client


def test_a_frozen_database(with_postgresql: tuple[Product, Client], postgresql_server: PostgresqlServer) -> None:
    product, client = with_postgresql
    assert postgresql_server.process is not None
    with frozen(postgresql_server.process.pid):
        all_refused([client.put] * AT_ONCE, FIRST)
        all_refused([client.put, lambda: client.get("/api/v1/spaces"), client.page], LATER)
        assert client.get("/healthz").ok
        assert client.get("/readyz").status_code == 503
        started = time.monotonic()
        assert client.get("/metrics").ok
        assert time.monotonic() - started < FIRST
    works_again(client.put)
    assert "the database server does not answer" in product.log


def test_a_dead_database(with_postgresql: tuple[Product, Client], postgresql_server: PostgresqlServer) -> None:
    _, client = with_postgresql
    postgresql_server.kill()
    try:
        all_refused([client.put] * AT_ONCE, FIRST)
        all_refused([client.put, lambda: client.get("/api/v1/spaces"), client.page], LATER)
    finally:
        postgresql_server.run()
    works_again(client.put)


def test_a_slow_statement_is_not_a_dead_server(postgresql_server: PostgresqlServer, tmp_path: Path) -> None:
    """Whoever waits for a lock goes on waiting: the server answers, though not to this statement."""
    import psycopg2

    url = postgresql_server.create_migrated_database("slow")
    with start_product(tmp_path, DATABASE_URL=url) as product:
        client = Client(product, product.create_account("ada@example.com"))
        assert client.put().status_code == 201
        other = psycopg2.connect(url)
        try:
            with other.cursor() as cursor:
                cursor.execute("LOCK TABLE files_space IN ACCESS EXCLUSIVE MODE")
                with ThreadPoolExecutor(1) as threads:
                    waiting = threads.submit(timed, client.put)
                    time.sleep(3)
                    other.rollback()
                    status, _, seconds = waiting.result()
        finally:
            other.close()
    assert status == 201
    assert seconds > 2.5


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = seaweedfs.start(tmp_path_factory.mktemp("store"))
    yield server
    server.stop()


def test_a_frozen_object_store(store: S3Server, tmp_path: Path) -> None:
    with start_product(tmp_path, STORAGE_URL=store.url("away")) as product:
        client = Client(product, product.create_account("ada@example.com"))
        content = os.urandom(LARGE)
        stored = client.put(content)
        assert stored.status_code == 201
        path = stored.headers["Location"]
        large: list[Callable[[], requests.Response]] = [client.put_large] * 4 + [lambda: client.get(path)] * 2
        with frozen(store.process.pid):
            all_refused([*large, *[client.put] * 3, lambda: client.put_large(100 * LARGE)], FIRST)
            all_refused(large, LATER)
            status, _, seconds = timed(lambda: client.get("/api/v1/spaces"))  # needs no bytes
            assert (status, seconds < LATER) == (200, True)
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["degraded"]) == (200, True)
        works_again(client.put_large)
        assert client.get(path).content == content


@pytest.mark.parametrize(
    "pieces", [pytest.param(1, id="one object"), pytest.param(3, id="several objects", marks=pytest.mark.long)]
)
def test_a_download_that_has_begun_outlasts_a_frozen_object_store(store: S3Server, tmp_path: Path, pieces: int) -> None:
    """Nobody could be told 503 any more. It is frozen for longer than any single request of ours waits."""
    with start_product(tmp_path, STORAGE_URL=store.url(f"begun{pieces}")) as product:
        client = Client(product, product.create_account("ada@example.com"))
        content = os.urandom(96 * 1024 * 1024)
        client.put_in_pieces("/large.bin", content, -(-len(content) // pieces))
        url = f"{client.base_url}/api/v1/content/large.bin"
        with requests.get(url, headers=client.headers, timeout=40, stream=True) as answer:
            received = bytearray(answer.raw.read(1_000_000))
            with ThreadPoolExecutor(1) as threads:
                with frozen(store.process.pid):
                    reading = threads.submit(answer.raw.read)
                    time.sleep(10)
                    assert not reading.done(), "it was read before the store was frozen"
                received += reading.result()
        assert received == content
        assert "a read waits for its store" in product.log
