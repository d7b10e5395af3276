"""litmus 0.13, the conformance suite of WebDAV, against the product on SQLite and on PostgreSQL: 104 of 104."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import Account, Product, start_product

TESTS = 104
SUMMARY = re.compile(r"summary for `(\w+)': of (\d+) tests run: (\d+) passed, (\d+) failed")
PREFIXES = ("/dav/", "/remote.php/webdav/")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    environment = {}
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        environment["DATABASE_URL"] = server.create_database("litmus")
    with start_product(tmp_path_factory.mktemp("product"), **environment) as product:
        yield product


@pytest.fixture(scope="module")
def account(product: Product) -> Account:
    return product.create_account("ada@example.com")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_litmus(product: Product, account: Account, tmp_path: Path, prefix: str) -> None:
    assert shutil.which("litmus"), "apt-get install litmus"
    done = subprocess.run(
        ["litmus", "--keep-going", f"{product.base_url}{prefix}", account.email, account.token],
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    found = SUMMARY.findall(done.stdout)
    told = "\n".join(line for line in done.stdout.splitlines() if "FAIL" in line or "WARNING" in line) + done.stderr
    assert [suite for suite, *_ in found] == ["basic", "copymove", "props", "locks", "http"], told
    assert sum(int(failed) for *_, failed in found) == 0, told
    assert sum(int(passed) for _, _, passed, _ in found) == sum(int(run) for _, run, *_ in found) == TESTS, told
    assert "WARNING" not in done.stdout, told
    assert "Traceback" not in product.log
