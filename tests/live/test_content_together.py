"""Many small files written at the same moment by one person: they share transactions, and nothing is mixed up."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import Account, Product, start_product

pytestmark = pytest.mark.timeout(240)
WRITERS, EACH = 8, 30


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    settings = {"WEB_WORKERS": "1"}
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        settings["DATABASE_URL"] = f"{server.create_migrated_database('together')}?pool_size=6"
    with start_product(tmp_path_factory.mktemp("product"), **settings) as product:
        yield product


@pytest.fixture(scope="module")
def account(product: Product) -> Account:
    return product.create_account("ada@example.com")


def put(product: Product, account: Account, path: str, data: bytes, **parameters: str) -> requests.Response:
    address = f"{product.base_url}/api/v1/content/{path}"
    return requests.put(address, data=data, params=parameters, headers=account.headers, timeout=60)


def at_once(
    product: Product, account: Account, jobs: list[tuple[str, bytes, dict[str, str]]]
) -> list[requests.Response]:
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(lambda job: put(product, account, job[0], job[1], **job[2]), jobs))


def folder(product: Product, account: Account, path: str) -> dict[str, str]:
    """Name to content hash."""
    answer = requests.get(
        f"{product.base_url}/api/v1/folders", params={"path": path, "limit": 1000}, headers=account.headers, timeout=60
    )
    return {item["name"]: item["content_hash"] for item in answer.json()["items"]}


def content_hash(data: bytes) -> str:
    return hashlib.sha256(hashlib.sha256(data).digest() if data else b"").hexdigest()


def test_each_gets_its_own_bytes_and_answer(product: Product, account: Account) -> None:
    sizes = [0, 1, 100, 4096, 65_536]
    jobs = [(f"each/{n % 7}/f{n}", os.urandom(sizes[n % 5]), dict[str, str]()) for n in range(WRITERS * EACH)]
    answers = at_once(product, account, jobs)
    assert Counter(answer.status_code for answer in answers) == {201: len(jobs)}
    for (path, data, _), answer in zip(jobs, answers, strict=True):
        assert answer.json()["path"] == f"/{path}"
        assert answer.json()["content_hash"] == content_hash(data)
        got = requests.get(f"{product.base_url}/api/v1/content/{path}", headers=account.headers, timeout=60)
        assert got.content == data
        assert got.headers["ETag"] == answer.headers["ETag"]
    assert sum(len(folder(product, account, f"/each/{n}")) for n in range(7)) == len(jobs)
    report = product.manage("fsck", "--hash")
    assert "clean" in report
    blobs = int(report.split(" blobs")[0].rsplit(" ", 1)[1])
    assert blobs < len(jobs) * 0.8, "none were written together"


def test_one_of_many_creates_a_name(product: Product, account: Account) -> None:
    jobs = [(f"race/n{n // WRITERS}", b"%d" % n, {"mode": "create"}) for n in range(WRITERS * 12)]
    answers = at_once(product, account, jobs)
    assert Counter(answer.status_code for answer in answers) == {201: 12, 409: len(jobs) - 12}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"name_taken"}
    for (path, data, _), answer in zip(jobs, answers, strict=True):
        if answer.status_code == 201:
            assert folder(product, account, "/race")[path.removeprefix("race/")] == content_hash(data)


def test_one_refusal_holds_up_nobody(product: Product, account: Account) -> None:
    assert put(product, account, "mixed/file", b"x").ok
    jobs = [(f"mixed/file/{n}" if n % 3 == 0 else f"mixed/ok{n}", b"y%d" % n, dict[str, str]()) for n in range(60)]
    for n, answer in enumerate(at_once(product, account, jobs)):
        assert (answer.status_code == 201) == (n % 3 != 0), answer.text
        assert n % 3 or answer.json()["code"] == "not_a_folder"


def test_the_last_write_of_a_name_stays(product: Product, account: Account) -> None:
    jobs = [("last/one", b"%d" % n, dict[str, str]()) for n in range(WRITERS * 4)]
    versions = [answer.json()["version_id"] for answer in at_once(product, account, jobs)]
    assert len(set(versions)) == len(jobs)
    got = requests.get(f"{product.base_url}/api/v1/content/last/one", headers=account.headers, timeout=60)
    assert got.content == jobs[versions.index(max(versions, key=int))][1]


def test_the_quota_is_never_passed(product: Product) -> None:
    small = product.create_account("bob@example.com", quota="100KB")
    jobs = [(f"q/{n}", os.urandom(3000), dict[str, str]()) for n in range(WRITERS * 10)]
    answers = at_once(product, small, jobs)
    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) == {201, 507}, codes
    assert codes[201] == 100_000 // 3000
    assert {answer.json()["code"] for answer in answers if not answer.ok} == {"quota_exceeded"}
    assert len(folder(product, small, "/q")) == codes[201]
    assert "clean" in product.manage("fsck", "--hash")
