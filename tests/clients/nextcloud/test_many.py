"""nextcloudcmd with much: 2,000 small files (`MANY_FILES`), and an account that is full."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.request_log import RequestLog
from tests.clients.trees import Remote, local_tree, make_tree
from tests.servers.product import Account, Product

pytestmark = pytest.mark.timeout(300)
FILES = int(os.environ.get("MANY_FILES", "2000"))


def test_many_small_files(
    device: NextcloudCmd, new_device: Callable[[str], NextcloudCmd], remote: Remote, log: RequestLog
) -> None:
    make_tree(device.folder, FILES, seed=3, largest=3000)
    device.sync(seconds=200)
    tree = device.tree()
    phone = new_device("phone")
    phone.sync(seconds=200)
    assert sum(value != "folder" for value in phone.tree().values()) == FILES
    assert phone.tree() == tree == remote.tree()
    assert log.failures == []


def test_a_full_account_takes_what_fits(
    logging_product: Product, small_person: Account, tmp_path: Path, log: RequestLog
) -> None:
    """507 for the file that does not fit; the others go on, and the device keeps all of its own."""
    account = small_person
    remote = Remote(logging_product.base_url, account.headers)
    device = NextcloudCmd(tmp_path / "laptop", logging_product.base_url, account.email, account.token)
    make_tree(device.folder, 20, seed=4)
    device.write("too large.bin", b"x" * 1_200_000)
    before = device.tree()
    done = device.try_sync(retries=1)
    assert done.code != 0, "it says that something was left"
    assert device.tree() == before
    fitting = {path: value for path, value in before.items() if path != "too large.bin"}
    assert remote.tree() == fitting
    assert log.failures == [] or {line.split()[-1] for line in log.failures} == {"507"}
    (device.folder / "too large.bin").unlink()
    device.sync()
    assert device.tree() == remote.tree() == fitting


def test_a_full_account_refuses_with_507(
    logging_product: Product, small_person: Account, tmp_path: Path, log: RequestLog
) -> None:
    """Files that fit one by one, and not together: the client cannot know beforehand."""
    account = small_person
    device = NextcloudCmd(tmp_path / "laptop", logging_product.base_url, account.email, account.token)
    for number in range(6):
        device.write(f"{number}.bin", bytes([number]) * 300_000)
    before = device.tree()
    device.try_sync(retries=0)
    assert device.tree() == before == local_tree(device.folder)
    stored = Remote(logging_product.base_url, account.headers).tree()
    assert len(stored) == 3
    assert stored.items() <= before.items()
    refused = [asked for asked in log.of("PUT") if asked.status >= 400]
    assert {asked.status for asked in refused} <= {507}
