"""A newcomer's first ten minutes: a clean clone, `make run`, one upload, one download, stop."""

import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.servers.supervised import ROOT, Supervised, is_running, wait_until_gone

pytestmark = pytest.mark.timeout(1200)

START_TIMEOUT = 900  # seconds: packages are downloaded, or taken from pip's and npm's caches


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a newcomer gets: the committed files and nothing else."""
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    return folder


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_first_start(clone: Path, tmp_path: Path) -> None:
    product = Supervised(tmp_path, command=["make", "run"], cwd=clone)
    product.run(START_TIMEOUT)
    pids = list(product.pids())
    try:
        assert product.lines[-1] == f"dropbox_clone is running at http://localhost:{product.port}/"
        assert "/setup/" in product.wait_for_line("There is no account yet", 5)
        pids = list(product.pids())

        product.manage("createaccount", "ada@example.com", "--password-stdin", stdin="correct horse battery staple\n")
        token = product.manage("createtoken", "ada@example.com", "--name", "first start").strip()
        headers = {"Authorization": f"Bearer {token}"}
        body = bytes(range(256)) * 4096
        url = f"{product.url}/api/v1/content/folder/hello%20w%C3%B6rld.bin"
        uploaded = requests.put(url, data=body, headers=headers, timeout=30)
        assert uploaded.status_code == 201, uploaded.text
        downloaded = requests.get(url, headers=headers, timeout=30)
        assert downloaded.status_code == 200
        assert downloaded.content == body
        assert requests.get(url, timeout=30).status_code == 401

        page = requests.get(f"{product.url}/", timeout=30)
        assert page.status_code == 200
        for reference in ("ui/style", "ui/app"):
            start = page.text.index(f"/static/{reference}")
            address = page.text[start : page.text.index('"', start)]
            assert requests.get(product.url + address, timeout=30).status_code == 200, address
        assert (clone / "var").exists() is False, "DATA_DIR is honoured"
    finally:
        _, seconds = product.stop()
    assert seconds < 6
    assert wait_until_gone(pids, 1) == []

    product.run(60)  # a second start finds everything ready
    again = list(product.pids())
    assert not any("account" in line for line in product.lines)
    assert requests.get(url, headers=headers, timeout=30).content == body
    product.stop()
    assert [pid for pid in again if is_running(pid)] == []
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert status.stdout == "", "everything that a start makes is ignored by git"
