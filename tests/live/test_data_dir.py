"""A running product keeps all that it has below DATA_DIR, whatever the name of that holds."""

import os
import sqlite3
import time
from pathlib import Path

import pytest
import requests

from tests.servers.product import start_product
from tests.servers.supervised import Supervised

pytestmark = pytest.mark.timeout(600)


def wait_until_ready(url: str) -> None:
    """A check that takes long on a busy machine is `timeout`, and asked again."""
    for _ in range(60):
        checks = requests.get(f"{url}/readyz", timeout=30).json()["checks"]
        failed = {name: check for name, check in checks.items() if not check["ok"]}
        if not failed:
            return
        assert {check["error"] for check in failed.values()} == {"timeout"}, failed
        time.sleep(1)
    raise AssertionError(failed)


@pytest.mark.parametrize("name", ["100%41 #1 done?x", pytest.param(" line\nbreak Grüße ", marks=pytest.mark.long)])
def test_a_started_product_keeps_all_of_it_there(name: str, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    data_dir = beside / name
    with start_product(tmp_path, with_worker=True, DATA_DIR=str(data_dir), SECRET_KEY="") as product:
        account = product.create_account("ada@example.com")
        url = f"{product.base_url}/api/v1/content/a.txt"
        body = os.urandom(300_000)
        assert requests.put(url, data=body, headers=account.headers, timeout=30).status_code == 201
        assert requests.get(url, headers=account.headers, timeout=30).content == body
        wait_until_ready(product.base_url)
        product.manage("fsck")
    assert [path.name for path in beside.iterdir()] == [name]
    assert {"db.sqlite3", "blobs", "broker", "secret_key"} <= {path.name for path in data_dir.iterdir()}
    assert any(path.stat().st_size == len(body) for path in (data_dir / "blobs").rglob("*") if path.is_file())
    opened = sqlite3.connect(data_dir / "db.sqlite3")
    assert opened.execute("SELECT count(*) FROM files_node WHERE name = 'a.txt'").fetchone() == (1,)
    opened.close()


def test_the_whole_of_make_run(tmp_path: Path) -> None:
    """The first start of all, from nothing, with a name of every kind."""
    beside = tmp_path / "beside"
    beside.mkdir()
    product = Supervised(tmp_path, DATA_DIR=str(beside / "50%41 #1 ?\nü"))
    product.run()
    try:
        wait_until_ready(product.url)
    finally:
        product.stop()
    assert [path.name for path in beside.iterdir()] == ["50%41 #1 ?\nü"]
    assert "Traceback" not in product.log()
